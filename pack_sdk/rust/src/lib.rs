//! Denizen packs in Rust: one source for a native library and a WebAssembly module. The contract is
//! `../ABI.md`.
//!
//! ```
//! use denizen_pack::{Actor, Outcome, PackHost, Tick};
//!
//! #[derive(Default)]
//! struct Counter {
//!     count: i64,
//! }
//!
//! impl Actor for Counter {
//!     fn run(&mut self, tick: &mut Tick) -> Outcome {
//!         self.count += tick.input("step")?.unwrap_or(1);
//!         tick.put("count", self.count)
//!     }
//! }
//!
//! fn register(host: &mut PackHost) {
//!     host.template("hello.counter", Counter::default).inports("step?: number").outports("count: number");
//! }
//!
//! denizen_pack::pack!("hello", "1.0.0", register);
//! ```
//!
//! Built as a `cdylib`: `cargo build --release`, and the same with `--target wasm32-unknown-unknown`. A panic
//! ends the instance natively, and the whole module in wasm.

mod areas;
mod element;
mod failure;
mod host;
mod memory;
mod payload;
mod scan;
mod table;
mod tick;
mod writer;

#[doc(hidden)]
pub mod carrier;

pub use element::Element;
pub use failure::{Failure, Outcome};
pub use host::{PackHost, Template};
pub use payload::Attachment;
pub use serde_json::value::RawValue;
pub use tick::Tick;

/// An instance of a template. Its fields are its state, which outlives a tick.
pub trait Actor: Send + 'static {
    fn run(&mut self, tick: &mut Tick) -> Outcome;
}

/// Exports the pack: its name, its version, and the function that adds its templates.
#[macro_export]
macro_rules! pack {
    ($name:expr, $version:expr, $register:expr) => {
        static DENIZEN_PACK: $crate::carrier::Pack = $crate::carrier::Pack::new($name, $version, $register);

        #[unsafe(no_mangle)]
        pub extern "C" fn denizen_pack_abi() -> u32 {
            $crate::carrier::ABI
        }
        #[unsafe(no_mangle)]
        pub extern "C" fn denizen_pack_features() -> u32 {
            $crate::carrier::FEATURES
        }
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn denizen_pack_describe(out: *mut *const u8, length: *mut usize) -> i32 {
            unsafe { DENIZEN_PACK.describe(out, length) }
        }
        #[cfg(not(target_family = "wasm"))]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn reflow_pack_register(host: *const $crate::carrier::HostTable) -> i32 {
            unsafe { DENIZEN_PACK.register(host) }
        }
        #[cfg(target_family = "wasm")]
        #[unsafe(no_mangle)]
        pub extern "C" fn __reflow_pack_register() -> i32 {
            DENIZEN_PACK.register()
        }
        #[unsafe(no_mangle)]
        pub extern "C" fn __reflow_pack_alloc(size: usize) -> *mut u8 {
            $crate::carrier::alloc(size)
        }
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn __reflow_pack_free(at: *mut u8, _size: usize) {
            unsafe { $crate::carrier::free(at) }
        }
        #[unsafe(no_mangle)]
        pub extern "C" fn __reflow_pack_create_actor(factory: u32) -> u32 {
            DENIZEN_PACK.create(factory)
        }
        #[unsafe(no_mangle)]
        pub extern "C" fn __reflow_pack_destroy_actor(instance: u32) {
            DENIZEN_PACK.destroy(instance)
        }
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn __reflow_pack_actor_run(
            instance: u32,
            input: *const u8,
            input_length: usize,
            out: *mut *mut u8,
            out_length: *mut usize,
        ) -> i32 {
            unsafe { DENIZEN_PACK.run(instance, input, input_length, out, out_length) }
        }
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn denizen_actor_tick(
            instance: u32,
            input: *const u8,
            input_length: u32,
            out: *mut u8,
            out_capacity: u32,
        ) -> i32 {
            unsafe { DENIZEN_PACK.tick(instance, input, input_length, out, out_capacity) }
        }
        #[cfg(not(target_family = "wasm"))]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn denizen_actor_tick_spans(
            instance: u32,
            input: *const u8,
            input_length: u32,
            spans: *const $crate::carrier::Span,
            count: u32,
            out: *mut u8,
            out_capacity: u32,
        ) -> i32 {
            unsafe { DENIZEN_PACK.tick_spans(instance, input, input_length, spans, count, out, out_capacity) }
        }
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn denizen_actor_take(instance: u32, out: *mut u8, out_capacity: u32) -> i32 {
            unsafe { DENIZEN_PACK.take(instance, out, out_capacity) }
        }
        #[unsafe(no_mangle)]
        pub extern "C" fn denizen_pack_live() -> u32 {
            $crate::carrier::live()
        }
        #[unsafe(no_mangle)]
        pub extern "C" fn denizen_pack_shutdown() {
            DENIZEN_PACK.shutdown()
        }
    };
}
