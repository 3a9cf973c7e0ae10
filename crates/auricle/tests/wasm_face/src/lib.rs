//! The laws' cases behind three C functions, for law 8: WebAssembly gives what native code gives.
//!
//! Every case is rendered from a signal that is made here, so that nothing crosses the border but the
//! result. `run.mjs` calls the functions in Node, the program beside it natively; `cargo xtask test wasm`
//! builds both and compares.
#![expect(unsafe_code, reason = "exported names; no function takes or follows a pointer")]
#![expect(dead_code, reason = "the cases and signals of the laws, of which this one does not need all")]

#[path = "../../laws/support/mod.rs"]
mod support;

use std::cell::RefCell;

use support::cases::{self, RATE_HZ};
use support::{run, signals};

thread_local! {
    static OUTPUT: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// How many cases there are.
#[unsafe(no_mangle)]
pub extern "C" fn cases() -> u32 {
    cases::all().len() as u32
}

/// Renders half a second of a case and returns the number of samples, all channels one after another.
#[unsafe(no_mangle)]
pub extern "C" fn render(case: u32) -> u32 {
    OUTPUT.with_borrow_mut(|output| {
        *output = rendered(case as usize);
        output.len() as u32
    })
}

/// Where the samples of the last `render` begin; valid until the next.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const f32 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// 1 where this was compiled with WebAssembly's SIMD.
#[unsafe(no_mangle)]
pub extern "C" fn simd128() -> u32 {
    u32::from(cfg!(target_feature = "simd128"))
}

/// Half a second of a case, all channels one after another.
pub fn rendered(case: usize) -> Vec<f32> {
    let case = &cases::all()[case];
    let input: Vec<Vec<f32>> = (0..case.layout.channels())
        .map(|channel| signals::syllables(RATE_HZ as usize / 2, RATE_HZ, -20.0, 700 + channel as u64))
        .collect();
    run::in_blocks(&mut case.subject(), case.output.channels(), &input, std::iter::repeat(480)).concat()
}
