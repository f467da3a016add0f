//! Memory that passes between the host and the pack, and the count of unfreed allocations.

use std::alloc::{Layout, alloc as raw_alloc, dealloc};

#[cfg(feature = "counting")]
mod counting {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::sync::atomic::{AtomicU32, Ordering};

    pub static LIVE: AtomicU32 = AtomicU32::new(0);

    struct Counting;

    // SAFETY: all calls go to the system's allocator; counting does not change them.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            LIVE.fetch_add(1, Ordering::Relaxed);
            unsafe { System.alloc(layout) }
        }

        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            LIVE.fetch_add(1, Ordering::Relaxed);
            unsafe { System.alloc_zeroed(layout) }
        }

        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            LIVE.fetch_sub(1, Ordering::Relaxed);
            unsafe { System.dealloc(at, layout) }
        }

        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            unsafe { System.realloc(at, layout, size) }
        }
    }

    #[global_allocator]
    static COUNTING: Counting = Counting;
}

/// The number of unfreed allocations; 0 without the feature `counting`.
pub fn live() -> u32 {
    #[cfg(feature = "counting")]
    return counting::LIVE.load(std::sync::atomic::Ordering::Relaxed);
    #[cfg(not(feature = "counting"))]
    return 0;
}

/// Precedes every allocation, so that a wrong size from the host never frees a wrong layout.
const HEAD: usize = 16;

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEAD)?, HEAD).ok()
}

/// Aligned to 16; null for 0, and if there is no memory.
pub fn alloc(size: usize) -> *mut u8 {
    let Some(layout) = layout(size).filter(|_| size > 0) else { return std::ptr::null_mut() };
    // SAFETY: the layout is not empty; there is room for the head, which is aligned.
    unsafe {
        let head = raw_alloc(layout);
        if head.is_null() {
            return head;
        }
        head.cast::<usize>().write(size);
        head.add(HEAD)
    }
}

/// # Safety
/// `at` is null or what `alloc` returned, and not freed before.
pub unsafe fn free(at: *mut u8) {
    if at.is_null() {
        return;
    }
    // SAFETY: `alloc` put the size there.
    unsafe {
        let head = at.sub(HEAD);
        if let Some(layout) = layout(head.cast::<usize>().read()) {
            dealloc(head, layout);
        }
    }
}

/// A copy of the bytes that the host frees.
pub fn give(bytes: &[u8]) -> *mut u8 {
    let at = alloc(bytes.len());
    if !at.is_null() {
        // SAFETY: there is room for them.
        unsafe { at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
    at
}
