//! The frame of a result that is being written: JSON, and attachments that start at `base`.
//!
//! It is written to the host's memory as long as it fits. References are relative to `base`, so attachments
//! may move.

use crate::element::{Element, elements_of_mut};
use crate::failure::Failure;
use std::io;

const FRAME_MAX: usize = 256 << 20;
/// JSON that may follow an attachment before what is attached has to move.
const SLACK: usize = 256;
/// Attachments up to this many bytes move to where the JSON ends; before larger ones it is filled up with
/// spaces.
const MOVE_MAX: usize = 4096;

pub(crate) struct Writer<'a> {
    target: &'a mut [u8],
    /// The memory for a result that does not fit in the host's memory. In words, for their alignment.
    spill: Vec<u64>,
    spilled: bool,
    start: usize,
    json: usize,
    base: usize,
    attached: usize,
    failed: Option<Failure>,
}

/// The address and the length of a finished result.
pub(crate) enum Finished {
    Empty,
    InPlace(usize),
    Spilled(Vec<u64>, usize),
}

impl<'a> Writer<'a> {
    /// `start` is 4 for a frame, 0 for JSON alone. The target must be aligned to 8.
    pub fn new(target: &'a mut [u8], start: usize) -> Self {
        let spilled = target.is_empty();
        let mut writer =
            Self { target, spill: Vec::new(), spilled, start, json: start, base: 0, attached: 0, failed: None };
        writer.json(b"{");
        writer
    }

    fn bytes(&mut self) -> &mut [u8] {
        if self.spilled { bytes_of_mut(&mut self.spill) } else { self.target }
    }

    fn hold(&mut self, size: usize) -> bool {
        if self.failed.is_some() {
            return false;
        }
        let capacity = self.bytes().len();
        if size <= capacity {
            return true;
        }
        if size > FRAME_MAX {
            self.failed = Some(Failure::unwritable("it is larger than a frame may be"));
            return false;
        }
        let mut grown = vec![0u64; size.max(capacity * 2).max(256).div_ceil(8)];
        let used = if self.base > 0 { self.base + self.attached } else { self.json };
        let used = used.min(capacity);
        bytes_of_mut(&mut grown)[..used].copy_from_slice(&self.bytes()[..used]);
        self.spill = grown;
        self.spilled = true;
        true
    }

    /// Makes room for `size` more bytes of JSON.
    fn room(&mut self, size: usize) -> bool {
        if self.base == 0 {
            return self.hold(self.json.saturating_add(size));
        }
        if self.json + size <= self.base {
            return self.failed.is_none();
        }
        let (from, to) = (self.base, (self.json + size + self.base).next_multiple_of(8));
        if !self.hold(to.saturating_add(self.attached)) {
            return false;
        }
        let end = from + self.attached;
        self.bytes().copy_within(from..end, to);
        self.base = to;
        true
    }

    pub fn json(&mut self, text: &[u8]) {
        if self.room(text.len()) {
            let at = self.json;
            self.bytes()[at..at + text.len()].copy_from_slice(text);
            self.json += text.len();
        }
    }

    /// The comma and the key before the value of a port.
    pub fn key(&mut self, port: &str) -> Result<(), Failure> {
        if self.json > self.start + 1 {
            self.json(b",");
        }
        serde_json::to_writer(&mut *self, port)?;
        self.json(b":");
        self.check()
    }

    /// Writes the reference to an attachment and makes room for it.
    pub fn attach(&mut self, name: &str, size: usize, length: usize) -> Result<&mut [u8], Failure> {
        let bytes = length.checked_mul(size).filter(|bytes| *bytes <= FRAME_MAX);
        let Some(bytes) = bytes else { return Err(Failure::unwritable("it is larger than a frame may be")) };
        if self.start == 0 {
            return Err(Failure::unwritable("only a frame carries bytes"));
        }
        let offset = self.attached.next_multiple_of(8);
        self.json(format!("{{\"{name}\":[{offset},{length}]}}").as_bytes());
        let base = if self.base > 0 { self.base } else { (self.json + SLACK).next_multiple_of(8) };
        self.hold(base + offset + bytes);
        self.check()?;
        let gap = base + self.attached..base + offset;
        self.bytes()[gap].fill(0);
        self.base = base;
        self.attached = offset + bytes;
        Ok(&mut self.bytes()[base + offset..base + offset + bytes])
    }

    pub fn attach_elements<T: Element>(&mut self, length: usize) -> Result<&mut [T], Failure> {
        let bytes = self.attach(T::NAME, size_of::<T>(), length)?;
        if bytes.is_empty() {
            return Ok(&mut []);
        }
        elements_of_mut(bytes).ok_or_else(|| Failure::unwritable("the frame is not aligned"))
    }

    fn check(&mut self) -> Result<(), Failure> {
        self.failed.take().map_or(Ok(()), Err)
    }

    pub fn finish(mut self) -> Result<Finished, Failure> {
        let empty = self.json == self.start + 1;
        self.json(b"}");
        self.check()?;
        let (json, base, attached) = (self.json, self.base, self.attached);
        if base > 0 && attached <= MOVE_MAX {
            let to = json.next_multiple_of(8);
            self.bytes().copy_within(base..base + attached, to);
            self.bytes()[json..to].fill(0);
            self.base = to;
        } else if base > 0 {
            self.bytes()[json..base].fill(b' ');
            self.json = base;
        }
        let end = if base > 0 { self.base + attached } else { self.json };
        if self.start > 0 {
            let length = (self.json - self.start) as u32;
            self.bytes()[..4].copy_from_slice(&length.to_le_bytes());
            if empty {
                return Ok(Finished::Empty);
            }
        }
        if !self.spilled {
            return Ok(Finished::InPlace(end));
        }
        if end <= self.target.len() {
            self.target[..end].copy_from_slice(&bytes_of_mut(&mut self.spill)[..end]);
            return Ok(Finished::InPlace(end));
        }
        Ok(Finished::Spilled(self.spill, end))
    }
}

impl io::Write for Writer<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.json(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn bytes_of_mut(words: &mut [u64]) -> &mut [u8] {
    // SAFETY: words have no padding, and any bytes are words.
    unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), size_of_val(words)) }
}
