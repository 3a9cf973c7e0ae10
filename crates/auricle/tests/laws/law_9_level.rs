//! Law 9: level never exceeds what the input and the stated caps allow.

use crate::support::cases::{self, RATE_HZ};
use crate::support::levels::rms_db_fs;
use crate::support::listeners::{TINNITUS_CAP_DB_SPL, flat, sharp};
use crate::support::run::whole;
use crate::support::signals;

/// Length of the windows in which levels are compared, in samples: 50 ms.
const WINDOW: usize = 2400;
/// How long an implant's percept may go on after a sound, in samples: 300 ms.
const LINGER: usize = 14_400;
/// How much a level may exceed its bound: smearing is level-neutral to 0.5 dB, and spreads sound over its frames.
const TOLERANCE_DB: f64 = 1.0;
/// Power that nobody hears: -105 dB FS, -5 dB SPL. Filters ring that long, and temporal smearing lifts the
/// ringing of its lowest bands.
const NOTHING: f64 = 3.2e-11;
/// What a digital RMS of 1.0 stands for, dB SPL.
const FULL_SCALE_DB_SPL: f64 = 100.0;

#[test]
fn no_window_is_louder_than_the_input_around_it() {
    for case in cases::all() {
        for (name, input) in signals::seconds(case.layout.channels()) {
            let mut subject = case.subject();
            let latency = subject.latency_samples();
            let output = whole(&mut subject, case.output.channels(), &input);
            // Channels in one power: sound may go from one to another of the same ear, and two ears
            // made of eight channels may have all of them in phase.
            let bound_db =
                if case.layout == case.output { 0.0 } else { 10.0 * (case.layout.channels() as f64).log10() };
            let cap_power =
                if case.rings { 10.0_f64.powf((TINNITUS_CAP_DB_SPL - FULL_SCALE_DB_SPL) / 10.0) } else { 0.0 };
            let power = |samples: &[f32]| 10.0_f64.powf(rms_db_fs(samples) / 10.0);
            let mut at = WINDOW;
            while at + 2 * WINDOW + latency < output[0].len() {
                let heard: f64 = output.iter().map(|c| power(&c[at + latency..at + latency + WINDOW])).sum();
                // The loudest of the input's own windows within 50 ms of this one; a beep or a ring of metal goes on
                // longer after what began it.
                let before = if case.lingers { LINGER } else { WINDOW };
                let there = (at.saturating_sub(before)..=at + WINDOW)
                    .step_by(WINDOW / 8)
                    .map(|n| input.iter().map(|c| power(&c[n..n + WINDOW])).sum::<f64>())
                    .fold(0.0, f64::max);
                let allowed = there * 10.0_f64.powf(bound_db / 10.0) + cap_power * output.len() as f64;
                let over_db = 10.0 * (heard / (allowed + NOTHING)).log10();
                assert!(over_db <= TOLERANCE_DB, "{}, {name}: {over_db:.2} dB over at sample {at}", case.name);
                at += WINDOW / 2;
            }
        }
    }
}

#[test]
fn full_scale_stays_within_full_scale_by_level() {
    // The loudest thing a file can hold: a square wave, then noise clipped hard.
    let square: Vec<f32> = (0..RATE_HZ).map(|n| if n / 24 % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let clipped: Vec<f32> = signals::noise(RATE_HZ as usize, 10.0, 2).iter().map(|x| x.clamp(-1.0, 1.0)).collect();
    for case in cases::all().into_iter().filter(|case| case.layout == case.output) {
        for (name, signal) in [("square wave", &square), ("clipped noise", &clipped)] {
            let input = vec![signal.clone(); case.layout.channels()];
            let output = whole(&mut case.subject(), case.output.channels(), &input);
            for samples in &output {
                let over_db = rms_db_fs(&samples[RATE_HZ as usize / 4..]) - rms_db_fs(signal);
                assert!(over_db <= TOLERANCE_DB, "{}, {name}: {over_db:.2} dB over", case.name);
            }
        }
    }
}

#[test]
fn an_onset_is_no_louder_for_being_smeared() {
    // Mild losses: what smearing's level restore adds is not hidden by what the loss takes away.
    for (name, loss_db_hl) in [("5 dB HL", 5.0), ("10 dB HL", 10.0), ("20 dB HL", 20.0)] {
        let energy_db = |findings| {
            let output = whole(&mut cases::one_ear(name, findings).subject(), 1, &[signals::impulse(24_000, 7001)]);
            rms_db_fs(&output[0])
        };
        let over_db = energy_db(flat(loss_db_hl)) - energy_db(sharp(flat(loss_db_hl)));
        assert!(over_db <= TOLERANCE_DB, "{name}: an impulse is {over_db:.1} dB louder smeared than sharp");
    }
}
