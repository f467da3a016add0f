//! The implementation of the exported symbols, which `pack!` calls. Not for packs to use.

pub use crate::areas::Span;
pub use crate::memory::{alloc, free, live};

use crate::areas::Areas;
use crate::failure::Failure;
use crate::host::PackHost;
use crate::memory::give;
use crate::payload::Payload;
use crate::table::{Instance, Table};
use crate::tick::Tick;
use crate::writer::{Finished, Writer, bytes_of_mut};
use serde_json::json;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

pub const ABI: u32 = 1 << 16;
const NATIVE: u32 = if cfg!(target_family = "wasm") { 0 } else { 1 << 1 | 1 << 4 };
/// Frames, state that outlives a tick, and natively threads and spans.
pub const FEATURES: u32 = 1 | 1 << 2 | NATIVE;
const FRAME_MAX: usize = 256 << 20;

pub struct Pack {
    name: &'static str,
    version: &'static str,
    register: fn(&mut PackHost),
    /// Until `shutdown`.
    host: Mutex<Option<Arc<PackHost>>>,
    description: Mutex<String>,
    table: Table,
}

#[repr(C)]
#[cfg(not(target_family = "wasm"))]
pub struct HostTable {
    host_data: *mut std::ffi::c_void,
    register_template: Option<
        unsafe extern "C" fn(
            *mut std::ffi::c_void,
            *const std::ffi::c_char,
            extern "C" fn(*mut std::ffi::c_void) -> *mut std::ffi::c_void,
            Option<extern "C" fn(*mut std::ffi::c_void)>,
            *mut std::ffi::c_void,
        ) -> i32,
    >,
}

/// Placeholder of a factory in the host's table: `create` creates instances.
#[cfg(not(target_family = "wasm"))]
extern "C" fn factory(_: *mut std::ffi::c_void) -> *mut std::ffi::c_void {
    std::ptr::null_mut()
}

#[cfg(target_family = "wasm")]
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn __reflow_pack_register_template(meta: *const u8, length: usize, factory: u32) -> i32;
}

/// Runs code that must not unwind into the host.
fn guarded<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    format!("The actor panicked: {}", text.unwrap_or("without a message"))
}

impl Pack {
    pub const fn new(name: &'static str, version: &'static str, register: fn(&mut PackHost)) -> Self {
        let description = Mutex::new(String::new());
        Self { name, version, register, host: Mutex::new(None), description, table: Table::new() }
    }

    fn host(&self) -> Arc<PackHost> {
        let mut known = self.host.lock().unwrap_or_else(PoisonError::into_inner);
        let host = known.get_or_insert_with(|| {
            let mut host = PackHost::default();
            (self.register)(&mut host);
            Arc::new(host)
        });
        host.clone()
    }

    /// # Safety
    /// Both pointers can be written to.
    pub unsafe fn describe(&self, out: *mut *const u8, length: *mut usize) -> i32 {
        guarded(Failure::PANIC, || {
            let mut text = self.description.lock().unwrap_or_else(PoisonError::into_inner);
            if text.is_empty() {
                let templates: Vec<_> = self.host().templates.iter().map(|template| template.describe()).collect();
                *text = json!({ "name": self.name, "version": self.version, "templates": templates }).to_string();
            }
            // SAFETY: the caller's; the text stays until `shutdown`.
            unsafe {
                out.write_unaligned(text.as_ptr());
                length.write_unaligned(text.len());
            }
            0
        })
    }

    /// # Safety
    /// `host` is null or the table of ABI.md, section 3.
    #[cfg(not(target_family = "wasm"))]
    pub unsafe fn register(&self, host: *const HostTable) -> i32 {
        // SAFETY: the caller's.
        let Some(HostTable { host_data, register_template: Some(register) }) = (unsafe { host.as_ref() }) else {
            return -1;
        };
        self.register_each(|_, name, _| {
            let Ok(id) = std::ffi::CString::new(name) else { return -2 };
            // SAFETY: the host's function with the host's data; the id is NUL-terminated.
            unsafe { register(*host_data, id.as_ptr(), factory, None, std::ptr::null_mut()) }
        })
    }

    #[cfg(target_family = "wasm")]
    pub fn register(&self) -> i32 {
        self.register_each(|factory, _, meta| {
            // SAFETY: the host reads the text during the call.
            unsafe { __reflow_pack_register_template(meta.as_ptr(), meta.len(), factory) }
        })
    }

    /// The first status that is not 0.
    fn register_each(&self, register: impl Fn(u32, &str, &str) -> i32) -> i32 {
        guarded(Failure::PANIC, || {
            let host = self.host();
            let templates = host.templates.iter().zip(0u32..);
            let statuses = templates
                .map(|(template, factory)| register(factory, &template.name, &template.describe().to_string()));
            statuses.fold(0, |first, status| if first == 0 { status } else { first })
        })
    }

    pub fn create(&self, factory: u32) -> u32 {
        guarded(0, || match self.host().templates.get(factory as usize) {
            Some(template) => self.table.add((template.factory)()),
            None => 0,
        })
    }

    pub fn destroy(&self, id: u32) {
        guarded((), || drop(self.table.remove(id)));
    }

    pub fn shutdown(&self) {
        for instance in self.table.clear() {
            guarded((), || drop(instance));
        }
        *self.description.lock().unwrap_or_else(PoisonError::into_inner) = String::new();
        *self.host.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// # Safety
    /// `input` can be read and `out` written to, as far as the lengths say; they do not overlap.
    pub unsafe fn tick(&self, id: u32, input: *const u8, input_length: u32, out: *mut u8, out_capacity: u32) -> i32 {
        // SAFETY: the caller's; there are no spans.
        unsafe { self.tick_spans(id, input, input_length, std::ptr::null(), 0, out, out_capacity) }
    }

    /// # Safety That of `tick`; `spans` can be read as far as the count says, and what they refer to as far
    /// as they say.
    #[allow(clippy::too_many_arguments, reason = "the contract's")]
    pub unsafe fn tick_spans(
        &self,
        id: u32,
        input: *const u8,
        input_length: u32,
        spans: *const Span,
        count: u32,
        out: *mut u8,
        out_capacity: u32,
    ) -> i32 {
        let Some(shared) = self.table.find(id) else { return Failure::NO_INSTANCE };
        let mut instance = shared.lock().unwrap_or_else(PoisonError::into_inner);
        instance.kept = None;
        let fits = !input.is_null() && input.addr() % 8 == 0 && input_length as usize <= FRAME_MAX;
        let direct = !out.is_null() && out.addr() % 8 == 0;
        // SAFETY: the caller's.
        let frame = if fits { unsafe { std::slice::from_raw_parts(input, input_length as usize) } } else { &[] };
        // SAFETY: the caller's.
        let target =
            if direct { unsafe { std::slice::from_raw_parts_mut(out, out_capacity as usize) } } else { &mut [] };
        // SAFETY: the caller's.
        let spans = if spans.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(spans, count as usize) } };
        // SAFETY: the caller's.
        let areas = unsafe { Areas::new(spans) };
        let wrong = || Failure::with_status(Failure::BAD_PAYLOAD, "Cannot read the payload as a span is wrong");
        let payload = || Payload::of_frame(frame, areas.ok_or_else(wrong)?);
        match perform(&mut instance, payload, Writer::new(target, 4)) {
            Ok(Finished::Empty) => 0,
            Ok(Finished::InPlace(length)) => length as i32,
            Ok(Finished::Spilled(words, length)) => {
                instance.kept = Some((words, length));
                length as i32
            }
            Err(failure) => {
                if let Finished::Spilled(words, length) = error_result(&failure.text, 4) {
                    instance.kept = Some((words, length));
                }
                failure.status
            }
        }
    }

    /// # Safety
    /// `out` can be written to as far as the capacity says.
    pub unsafe fn take(&self, id: u32, out: *mut u8, out_capacity: u32) -> i32 {
        let Some(shared) = self.table.find(id) else { return Failure::NO_INSTANCE };
        let mut instance = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((mut words, length)) = instance.kept.take() else { return 0 };
        if out.is_null() || length > out_capacity as usize {
            instance.kept = Some((words, length));
        } else {
            // SAFETY: the caller's; the length was compared.
            unsafe { out.copy_from_nonoverlapping(bytes_of_mut(&mut words).as_ptr(), length) };
        }
        length as i32
    }

    /// # Safety
    /// `input` can be read as far as its length says; the other two can be written to.
    pub unsafe fn run(
        &self,
        id: u32,
        input: *const u8,
        input_length: usize,
        out: *mut *mut u8,
        out_length: *mut usize,
    ) -> i32 {
        // SAFETY: the caller's.
        let json = if input.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(input, input_length) } };
        let ran = match self.table.find(id) {
            None => Err(Failure::with_status(Failure::NO_INSTANCE, "Cannot run as there is no such instance")),
            Some(shared) => {
                let mut instance = shared.lock().unwrap_or_else(PoisonError::into_inner);
                perform(&mut instance, || Payload::of_json(json), Writer::new(&mut [], 0))
            }
        };
        let (status, finished) = match ran {
            Ok(finished) => (0, finished),
            Err(failure) => (failure.status, error_result(&failure.text, 0)),
        };
        let (at, length) = match finished {
            Finished::Spilled(mut words, length) => (give(&bytes_of_mut(&mut words)[..length]), length),
            _ => (std::ptr::null_mut(), 0),
        };
        // SAFETY: the caller's.
        unsafe {
            out.write_unaligned(at);
            out_length.write_unaligned(if at.is_null() { 0 } else { length });
        }
        status
    }
}

fn perform<'a>(
    instance: &mut Instance,
    payload: impl FnOnce() -> Result<Payload<'a>, Failure>,
    writer: Writer<'a>,
) -> Result<Finished, Failure> {
    if instance.broken {
        return Err(Failure::with_status(Failure::PANIC, "Cannot run as the instance panicked before"));
    }
    let actor = &mut instance.actor;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut tick = Tick { payload: payload()?, writer };
        actor.run(&mut tick)?;
        tick.writer.finish()
    }));
    ran.unwrap_or_else(|panic| {
        instance.broken = true;
        Err(Failure::with_status(Failure::PANIC, panic_text(&*panic)))
    })
}

fn error_result(text: &str, start: usize) -> Finished {
    let mut writer = Writer::new(&mut [], start);
    let written = writer.key("error").and_then(|()| Ok(serde_json::to_writer(&mut writer, text)?));
    written.and_then(|()| writer.finish()).unwrap_or(Finished::Empty)
}
