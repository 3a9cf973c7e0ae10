//! Law 7: no allocation in `process` and `reset`, counted by an allocator that counts.
//!
//! Locks and system calls are what `law_7_sanitizer` is for, under the real-time sanitizer.
#![expect(unsafe_code, reason = "a global allocator cannot be had otherwise; it only counts and passes on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use auricle::implant::pulse::Pulse;

use crate::implant_device;
use crate::support::{cases, signals};

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
        // SAFETY: as above; `pointer` came from `System` by the calls beside this one.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as for `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as for `dealloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` allocated or freed.
fn allocations(work: impl FnOnce()) -> usize {
    let before = CALLS.with(Cell::get);
    work();
    CALLS.with(Cell::get) - before
}

#[test]
fn the_count_counts() {
    assert_eq!(allocations(|| {}), 0);
    assert_eq!(allocations(|| drop(std::hint::black_box(Vec::<u8>::with_capacity(9)))), 2);
}

#[test]
fn process_and_reset_never_allocate() {
    for case in cases::all() {
        let outputs = case.output.channels();
        let mut subject = case.subject();
        for (name, input) in signals::seconds(case.layout.channels()) {
            let mut output = vec![vec![0.0; input[0].len()]; outputs];
            let mut at = 0;
            // Through a whole second, so that every cue, control tick and redesign is passed.
            for block in [0, 1, 7, 480, 4096].into_iter().cycle() {
                let block = usize::min(block, input[0].len() - at);
                let from: Vec<&[f32]> = input.iter().map(|channel| &channel[at..at + block]).collect();
                let mut to: Vec<&mut [f32]> = output.iter_mut().map(|channel| &mut channel[at..at + block]).collect();
                let calls = allocations(|| subject.process(&from, &mut to));
                assert_eq!(calls, 0, "{}, {name}, block of {block} at {at}", case.name);
                at += block;
                if at == input[0].len() {
                    break;
                }
            }
            assert_eq!(allocations(|| subject.reset()), 0, "{}: reset", case.name);
        }
    }
}

#[test]
fn an_implants_device_never_allocates() {
    for (name, implant) in implant_device::all() {
        for rate_hz in [8000, 44_100, 48_000] {
            let mut device = implant_device::processor(&implant, rate_hz);
            let sound = implant_device::babble(rate_hz, 0.5, 70.0, 1);
            let mut pulses = 0;
            let mut at = 0;
            for block in [0, 1, 7, 480, 4096].into_iter().cycle() {
                let block = usize::min(block, sound.len() - at);
                let calls = allocations(|| device.process(&sound[at..at + block], &mut |_: Pulse| pulses += 1));
                assert_eq!(calls, 0, "{name}, {rate_hz} Hz, block of {block} at {at}");
                at += block;
                if at == sound.len() {
                    break;
                }
            }
            assert!(pulses > 0, "{name}");
            assert_eq!(allocations(|| device.reset()), 0, "{name}: reset");
        }
    }
}
