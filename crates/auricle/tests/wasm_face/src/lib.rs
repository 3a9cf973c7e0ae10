//! The laws' cases, and the MSBG simulator, behind three C functions, for law 8: WebAssembly gives what
//! native code gives, and so does every instruction set.
//!
//! Every case is rendered from a signal that is made here, so that nothing crosses the border but the
//! result. `run.mjs` calls the functions in Node, the program beside it natively; `cargo xtask test wasm
//! instruction-sets` builds both and compares.
#![expect(unsafe_code, reason = "exported names; no function takes or follows a pointer")]
#![expect(dead_code, reason = "the cases and signals of the laws, of which this one does not need all")]

#[path = "../../laws/support/mod.rs"]
mod support;

use std::cell::RefCell;

use auricle::audiogram::Audiogram;
use auricle::msbg::{self, Msbg, MsbgParams};
use support::cases::{self, RATE_HZ};
use support::{listeners, run, signals};

/// The MSBG cases, and the threshold at all frequencies, dB HL: a sum without expansion, and all there is.
const MSBG: [(&str, f64); 2] = [("MSBG, none", 0.0), ("MSBG, severe", 70.0)];

thread_local! {
    static OUTPUT: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// How many cases there are.
#[unsafe(no_mangle)]
pub extern "C" fn cases() -> u32 {
    (cases::all().len() + MSBG.len()) as u32
}

/// Samples of a case per channel, where nothing else is said: half a second.
pub const SAMPLES: usize = RATE_HZ as usize / 2;

/// Renders [`SAMPLES`] of a case and returns the number of samples, all channels one after another.
#[unsafe(no_mangle)]
pub extern "C" fn render(case: u32) -> u32 {
    OUTPUT.with_borrow_mut(|output| {
        *output = rendered(case as usize, SAMPLES);
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

/// Sound that a round of the benchmark hears, seconds.
const BENCH_SECS: usize = 5;
/// Samples of a block, as an AudioWorklet hands them out.
const BENCH_BLOCK: usize = 128;

/// What the benchmark runs, and on what.
struct Bench {
    subject: run::Subject,
    input: Vec<Vec<f32>>,
    output: Vec<Vec<f32>>,
}

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

/// Builds the whole chain of a listener with N3 in stereo; returns the seconds that a round hears.
#[unsafe(no_mangle)]
pub extern "C" fn bench_prepare() -> u32 {
    let input: Vec<Vec<f32>> = (0..2)
        .map(|channel| signals::syllables(BENCH_SECS * RATE_HZ as usize, RATE_HZ, -20.0, 700 + channel))
        .collect();
    let subject = cases::alike("N3, the whole chain", listeners::n3()).subject();
    BENCH.with_borrow_mut(|bench| *bench = Some(Bench { subject, output: input.clone(), input }));
    BENCH_SECS as u32
}

/// Hears a round; returns the last sample that came out, NaN before [`bench_prepare`].
#[unsafe(no_mangle)]
pub extern "C" fn bench_run() -> f32 {
    BENCH.with_borrow_mut(|bench| {
        let Some(Bench { subject, input, output }) = bench else { return f32::NAN };
        for at in (0..input[0].len()).step_by(BENCH_BLOCK) {
            let until = (at + BENCH_BLOCK).min(input[0].len());
            let from = [&input[0][at..until], &input[1][at..until]];
            let [left, right] = output.as_mut_slice() else { return f32::NAN };
            subject.process(&from, &mut [&mut left[at..until], &mut right[at..until]]);
        }
        output[0].last().copied().unwrap_or(f32::NAN)
    })
}

/// What each case is.
pub fn names() -> Vec<&'static str> {
    cases::all().iter().map(|case| case.name).chain(MSBG.map(|case| case.0)).collect()
}

/// `samples` of a case, all channels one after another.
pub fn rendered(case: usize, samples: usize) -> Vec<f32> {
    let all = cases::all();
    let Some(case) = all.get(case) else { return simulated(MSBG[case - all.len()].1, samples) };
    let input: Vec<Vec<f32>> = (0..case.layout.channels())
        .map(|channel| signals::syllables(samples, RATE_HZ, -20.0, 700 + channel as u64))
        .collect();
    run::in_blocks(&mut case.subject(), case.output.channels(), &input, std::iter::repeat(480)).concat()
}

/// `samples` through the MSBG simulator of a flat loss.
fn simulated(db_hl: f64, samples: usize) -> Vec<f32> {
    let params = MsbgParams::new(Audiogram::from_db_hl(&[(1000.0, db_hl), (8000.0, db_hl)]));
    let input: Vec<f64> =
        signals::syllables(samples, msbg::SAMPLE_RATE_HZ, -20.0, 700).into_iter().map(f64::from).collect();
    let ear = Msbg::new(&params).expect("a possible ear");
    let heard = ear.process(&[&input]).expect("a sound long and loud enough");
    heard.concat().into_iter().map(|sample| sample as f32).collect()
}
