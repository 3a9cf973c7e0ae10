//! The laws of every stage, for the information path.
#![expect(unsafe_code, reason = "a global allocator cannot be had otherwise; it only counts and passes on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use auricle::dsp::random::Random;
use auricle::ear::Stage;
use auricle::implant::information::{Information, InformationError};
use auricle::implant::params::{Carrier, Implant, Places, Sound};
use auricle::level::Calibration;
use auricle::listener::DeadRegion;

use crate::support::{RATE_HZ, heard, implant, information, strategies, tone};

/// Every strategy, and every carrier.
fn cases() -> Vec<(String, Implant)> {
    let mut cases: Vec<(String, Implant)> =
        strategies().into_iter().map(|(name, implant)| (name.to_owned(), implant)).collect();
    for carrier in [Carrier::Spiral, Carrier::Bursts, Carrier::Noise] {
        cases.push((format!("{carrier:?}"), implant(carrier, Places::Shifted)));
    }
    cases
}

/// Half a second of noise that comes and goes, with what is no number in it.
fn hard(rate_hz: u32) -> Vec<f32> {
    let mut random = Random::new(5, 0);
    let mut sound: Vec<f32> = (0..rate_hz / 2)
        .map(|n| 0.1 * random.bell() * (std::f32::consts::TAU * 3.0 * n as f32 / rate_hz as f32).sin().max(0.0))
        .collect();
    for (slot, value) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, 1e30].into_iter().enumerate() {
        sound[1_000 + 300 * slot] = value;
    }
    sound
}

#[test]
fn blocks_of_any_size_make_the_same_bytes() {
    for (name, implant) in cases() {
        for rate_hz in [8_000, 44_100, 192_000] {
            let sound = hard(rate_hz);
            let whole = heard(&mut information(&implant, rate_hz), &sound, sound.len());
            assert!(whole.iter().any(|x| *x != 0.0), "{name}, {rate_hz} Hz");
            for block in [1, 7, 64, 480, 4096] {
                let same = heard(&mut information(&implant, rate_hz), &sound, block) == whole;
                assert!(same, "{name}, {rate_hz} Hz, blocks of {block}");
            }
        }
    }
}

#[test]
fn reset_is_new_and_nothing_is_not_a_number() {
    for (name, implant) in cases() {
        let sound = hard(RATE_HZ);
        let mut path = information(&implant, RATE_HZ);
        let first = heard(&mut path, &sound, 480);
        assert!(first.iter().all(|x| *x == 0.0 || x.is_normal()), "{name}");
        path.reset();
        assert!(heard(&mut path, &sound, 480) == first, "{name}");
    }
}

#[test]
fn silence_is_silent_and_a_seed_is_a_sound() {
    for (name, implant) in cases() {
        let mut path = information(&implant, RATE_HZ);
        assert!(heard(&mut path, &[0.0; 9_600], 480).iter().all(|x| *x == 0.0), "{name}");
        heard(&mut path, &hard(RATE_HZ), 480);
        let after = heard(&mut path, &vec![0.0; 2 * RATE_HZ as usize], 480);
        assert!(after[RATE_HZ as usize..].iter().all(|x| *x == 0.0), "{name}: a second after the last sound");
        let seeded = |seed| {
            let path = Information::new(&implant, &[], RATE_HZ, Calibration::default(), seed);
            heard(&mut path.expect("it can be made"), &hard(RATE_HZ), 480)
        };
        assert!(seeded(1) == seeded(1) && seeded(1) != seeded(2), "{name}");
    }
}

#[test]
fn dead_regions_are_not_heard_in() {
    let dead = [DeadRegion { from_hz: 1_500.0, to_hz: 4_000.0 }];
    let implant = implant(Carrier::Spiral, Places::Shifted);
    let sound = tone(1_000.0, 55.0, RATE_HZ, 1.0);
    let path = Information::new(&implant, &dead, RATE_HZ, Calibration::default(), 1);
    let out = heard(&mut path.expect("it can be made"), &sound, 480);
    let inside: Vec<f64> =
        auricle::implant::resynthesis::spiral_hz().into_iter().filter(|hz| (1_600.0..3_900.0).contains(hz)).collect();
    assert!(inside.len() > 10);
    for hz in inside {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in out.iter().enumerate().skip(RATE_HZ as usize / 2) {
            let angle = std::f64::consts::TAU * hz * n as f64 / f64::from(RATE_HZ);
            let window = 1.0 - (2.0 * (n as f64 / f64::from(RATE_HZ) - 0.5) * std::f64::consts::TAU).cos();
            re += window * f64::from(*x) * angle.cos();
            im += window * f64::from(*x) * angle.sin();
        }
        let amplitude = 2.0 * re.hypot(im) / (0.5 * f64::from(RATE_HZ));
        assert!(amplitude < 1e-5, "{hz} Hz: {amplitude}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let of = |implant: &Implant, rate| Information::new(implant, &[], rate, Calibration::default(), 1).err();
    let good = implant(Carrier::Spiral, Places::Shifted);
    assert!(matches!(of(&Implant { sound: Sound::Percept, ..good.clone() }, 48_000), Some(InformationError::Percept)));
    assert!(matches!(of(&good, 7_000), Some(InformationError::Processor(_))));
    let spread = Implant { spread_db_per_mm: -1.0, ..good.clone() };
    assert!(matches!(of(&spread, 48_000), Some(InformationError::Resynthesis(_))));
    let deep = Implant { insertion_angle_deg: Some(2_000.0), ..good };
    assert!(of(&deep, 48_000).is_some());
}

/// The system's allocator, with a count of calls kept by each thread for itself.
struct Counting;

thread_local! {
    // A constant without a destructor: reading it allocates nothing, at any time of a thread's life.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    CALLS.with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: every call goes to `System` unchanged, which keeps the contract of `GlobalAlloc`; counting
// touches a constant-initialised thread-local only, and so neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's obligations are those of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above; `pointer` came from `System` by the call beside this one.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn process_and_reset_never_allocate() {
    let before = CALLS.with(Cell::get);
    drop(std::hint::black_box(vec![1_u8]));
    assert_eq!(CALLS.with(Cell::get), before + 2, "the count counts");
    for (name, implant) in cases() {
        let mut path = information(&implant, RATE_HZ);
        let mut sound = hard(RATE_HZ);
        let before = CALLS.with(Cell::get);
        for block in sound.chunks_mut(480) {
            path.process(block);
        }
        path.reset();
        assert_eq!(CALLS.with(Cell::get), before, "{name}");
    }
}
