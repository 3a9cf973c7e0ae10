//! Law 7 under the real-time sanitizer: no allocation, lock or system call in `process` and `reset`.
//!
//! Run by `cargo xtask test rtsan`, which builds it with the sanitizer that ships with stable Rust. It is
//! no part of a plain `cargo test`, where it would check nothing. A call that the sanitizer objects to
//! ends the program with its stack.
#![expect(dead_code, reason = "the cases and signals of the laws, of which this one does not need all")]

#[path = "../implant_device/support.rs"]
mod implant_device;
#[path = "../laws/support/mod.rs"]
mod support;

use std::process::Command;

use auricle::implant::pulse::Pulse;
use rtsan_standalone::ScopedSanitizeRealtime;
use support::{cases, signals};

/// Set for the child that is to be caught.
const CANARY: &str = "AURICLE_RTSAN_CANARY";

#[test]
fn the_sanitizer_catches_an_allocation() {
    if std::env::var_os(CANARY).is_some() {
        let _real_time = ScopedSanitizeRealtime::default();
        drop(std::hint::black_box(Vec::<u8>::with_capacity(9)));
        return;
    }
    let this = std::env::current_exe().expect("the path of this test");
    let child = Command::new(this)
        .args(["--exact", "the_sanitizer_catches_an_allocation"])
        .env(CANARY, "1")
        .output()
        .expect("this test once more");
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(
        !child.status.success() && said.contains("RealtimeSanitizer"),
        "built without the sanitizer; run it by `cargo xtask test rtsan`: {said}"
    );
}

#[test]
fn process_and_reset_are_real_time_safe() {
    for case in cases::all() {
        let mut subject = case.subject();
        let (_, input) = signals::seconds(case.layout.channels()).swap_remove(1);
        let mut output = vec![vec![0.0; input[0].len()]; case.output.channels()];
        println!("{}", case.name);
        let mut at = 0;
        for block in [1, 7, 480, 4096].into_iter().cycle() {
            let block = usize::min(block, input[0].len() - at);
            let from: Vec<&[f32]> = input.iter().map(|channel| &channel[at..at + block]).collect();
            let mut to: Vec<&mut [f32]> = output.iter_mut().map(|channel| &mut channel[at..at + block]).collect();
            {
                let _real_time = ScopedSanitizeRealtime::default();
                subject.process(&from, &mut to);
            }
            at += block;
            if at == input[0].len() {
                break;
            }
        }
        let _real_time = ScopedSanitizeRealtime::default();
        subject.reset();
    }
}

#[test]
fn an_implants_device_is_real_time_safe() {
    for (name, implant) in implant_device::all() {
        println!("{name}");
        let mut device = implant_device::processor(&implant, 48_000);
        let sound = implant_device::babble(48_000, 0.5, 70.0, 1);
        let mut pulses = 0_usize;
        {
            let _real_time = ScopedSanitizeRealtime::default();
            for now in sound.chunks(480) {
                device.process(now, &mut |_: Pulse| pulses += 1);
            }
            device.reset();
        }
        assert!(pulses > 0, "{name}");
    }
}
