//! No allocation in `process` and `reset`, counted by an allocator that counts.
#![expect(unsafe_code, reason = "a global allocator cannot be had otherwise; it only counts and passes on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use auricle::implant::percept::Percept;

use crate::support::run::{RATE_HZ, all_controls};
use crate::support::voice::sentence;

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
    let input = sentence(RATE_HZ, 0.5);
    let mut percept = Percept::new(RATE_HZ);
    for (name, controls) in all_controls() {
        let mut output = input.clone();
        let mut rest = output.as_mut_slice();
        for block in [0, 1, 7, 480, 4096].into_iter().cycle() {
            let (now, later) = rest.split_at_mut(usize::min(block, rest.len()));
            assert_eq!(allocations(|| percept.process(&controls, now)), 0, "{name}, block of {block}");
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        assert_eq!(allocations(|| percept.reset()), 0, "{name}: reset");
    }
}
