//! The memory of a payload's attachments: after the JSON in the frame, and in spans of the host.

use crate::scan::Reference;

const FRAME_MAX: u64 = 256 << 20;

/// Memory of the host that is not in the frame: section 6 of ABI.md.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Span {
    address: u64,
    length: u64,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Areas<'a> {
    frame: &'a [u8],
    spans: &'a [Span],
}

impl<'a> Areas<'a> {
    /// `None` if a length is impossible.
    ///
    /// # Safety
    /// What the spans refer to can be read for `'a`.
    pub unsafe fn new(spans: &'a [Span]) -> Option<Self> {
        let right = |span: &Span| span.length <= FRAME_MAX && (span.length == 0 || span.address != 0);
        spans.iter().all(right).then_some(Self { frame: &[], spans })
    }

    pub fn with_frame(self, frame: &'a [u8]) -> Self {
        Self { frame, ..self }
    }

    pub fn none(&self) -> bool {
        self.frame.is_empty() && self.spans.is_empty()
    }

    fn area(&self, index: u32) -> Option<&'a [u8]> {
        let Some(index) = index.checked_sub(1) else { return Some(self.frame) };
        let span = self.spans.get(index as usize)?;
        if span.length == 0 {
            return Some(&[]);
        }
        // SAFETY: of `new`; the length was compared with the bound.
        Some(unsafe {
            std::slice::from_raw_parts(std::ptr::with_exposed_provenance(span.address as usize), span.length as usize)
        })
    }

    /// The bytes of an attachment. `None` if they exceed the memory, or are not aligned for their elements.
    pub fn bytes(&self, reference: &Reference) -> Option<&'a [u8]> {
        let area = self.area((reference.offset >> 32) as u32)?;
        let start = (reference.offset & 0xffff_ffff) as usize;
        let end = start.checked_add(reference.length.checked_mul(reference.size)?)?;
        let bytes = area.get(start..end).filter(|_| start % 8 == 0)?;
        (bytes.is_empty() || bytes.as_ptr().addr() % reference.size == 0).then_some(bytes)
    }
}
