/// The elements of attachments.
pub trait Element: sealed::Sealed + Copy + Default + 'static {
    #[doc(hidden)]
    const NAME: &'static str;
}

mod sealed {
    /// # Safety
    /// Every pattern of bits is a value, there is no padding, and the alignment is at most 8.
    pub unsafe trait Sealed {}
}

macro_rules! elements {
    ($($type:ty = $name:literal),*) => {$(
        unsafe impl sealed::Sealed for $type {}
        impl Element for $type {
            const NAME: &'static str = $name;
        }
    )*
        /// Names and sizes in bytes.
        pub(crate) const ELEMENTS: &[(&str, usize)] = &[$(($name, size_of::<$type>())),*];
    };
}

elements!(
    u8 = "$bytes",
    i8 = "$i8",
    u16 = "$u16",
    i16 = "$i16",
    u32 = "$u32",
    i32 = "$i32",
    f32 = "$f32",
    f64 = "$f64",
    i64 = "$i64",
    u64 = "$u64"
);

pub(crate) fn bytes_of<T: Element>(elements: &[T]) -> &[u8] {
    // SAFETY: elements have no padding, and any byte is a u8.
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), size_of_val(elements)) }
}

/// `None` if the bytes are not aligned for the element, or do not divide into elements.
pub(crate) fn elements_of<T: Element>(bytes: &[u8]) -> Option<&[T]> {
    // SAFETY: every pattern of bits is an element.
    let (before, elements, after) = unsafe { bytes.align_to::<T>() };
    (before.is_empty() && after.is_empty()).then_some(elements)
}

pub(crate) fn elements_of_mut<T: Element>(bytes: &mut [u8]) -> Option<&mut [T]> {
    // SAFETY: every pattern of bits is an element, and every element is bytes without padding.
    let (before, elements, after) = unsafe { bytes.align_to_mut::<T>() };
    (before.is_empty() && after.is_empty()).then_some(elements)
}
