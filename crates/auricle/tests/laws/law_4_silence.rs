//! Law 4: silence in, silence out; nothing but finite, normal numbers ever comes out, and what is not a
//! number is forgotten within 100 ms.

use crate::support::cases::{self, RATE_HZ};
use crate::support::levels::rms_db_fs;
use crate::support::listeners::TINNITUS_CAP_DB_SPL;
use crate::support::run::whole;
use crate::support::signals;

/// What a digital RMS of 1.0 stands for in every case, in dB SPL.
const FULL_SCALE_DB_SPL: f64 = 100.0;

fn assert_sound(name: &str, output: &[Vec<f32>]) {
    for (channel, samples) in output.iter().enumerate() {
        let odd = samples.iter().position(|y| !y.is_finite() || y.is_subnormal());
        assert_eq!(odd, None, "{name}, channel {channel}: {:?}", odd.map(|n| samples[n]));
    }
}

#[test]
fn silence_stays_silence_but_for_tinnitus() {
    for case in cases::all() {
        let silence = vec![vec![0.0; RATE_HZ as usize]; case.layout.channels()];
        let output = whole(&mut case.subject(), case.output.channels(), &silence);
        assert_sound(case.name, &output);
        for samples in &output {
            let level_db_spl = rms_db_fs(&samples[RATE_HZ as usize / 2..]) + FULL_SCALE_DB_SPL;
            if case.rings {
                assert!(level_db_spl > 0.0, "{}: tinnitus at {level_db_spl} dB SPL is not there", case.name);
                assert!(level_db_spl <= TINNITUS_CAP_DB_SPL + 0.1, "{}: tinnitus at {level_db_spl} dB SPL", case.name);
            } else {
                assert!(samples.iter().all(|y| *y == 0.0), "{}: sound out of silence", case.name);
            }
        }
    }
}

#[test]
fn what_dies_away_does_not_end_in_denormals() {
    for case in cases::all() {
        let channels = case.layout.channels();
        let mut subject = case.subject();
        whole(&mut subject, case.output.channels(), &vec![signals::noise(4800, -20.0, 3); channels]);
        let tail = whole(&mut subject, case.output.channels(), &vec![vec![0.0; 2 * RATE_HZ as usize]; channels]);
        assert_sound(case.name, &tail);
        if !case.rings {
            let last = tail.iter().map(|samples| rms_db_fs(&samples[RATE_HZ as usize..])).fold(-400.0, f64::max);
            assert!(last < -120.0, "{}: {last} dB FS a second after the end", case.name);
        }
    }
}

#[test]
fn denormals_in_are_no_sound() {
    for case in cases::all() {
        let faint: Vec<f32> = (0..9600).map(|n| f32::from_bits(1 + (n % 5000))).collect();
        let output = whole(&mut case.subject(), case.output.channels(), &vec![faint; case.layout.channels()]);
        for (channel, samples) in output.iter().enumerate() {
            assert!(samples.iter().all(|y| y.is_finite()), "{}, channel {channel}", case.name);
            if !case.rings {
                assert!(samples.iter().all(|y| y.abs() < 1e-30), "{}, channel {channel}", case.name);
            }
        }
    }
}

#[test]
fn what_is_not_a_number_is_forgotten_within_100_ms() {
    let samples = RATE_HZ as usize;
    let (from, to) = (20_000, 20_100);
    let settled = to + RATE_HZ as usize / 10;
    for case in cases::all() {
        let clean = vec![signals::noise(samples, -26.0, 8); case.layout.channels()];
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut hit = clean.clone();
            hit.iter_mut().for_each(|channel| channel[from..to].fill(bad));
            let mut quiet = clean.clone();
            quiet.iter_mut().for_each(|channel| channel[from..to].fill(0.0));
            let mut subject = case.subject();
            let latency = subject.latency_samples();
            let got = whole(&mut subject, case.output.channels(), &hit);
            let expected = whole(&mut case.subject(), case.output.channels(), &quiet);
            for (channel, (got, expected)) in got.iter().zip(&expected).enumerate() {
                let odd = got.iter().position(|y| !y.is_finite());
                assert_eq!(odd, None, "{}, {bad}, channel {channel}: not finite at", case.name);
                let at = settled + latency;
                let difference: Vec<f32> = got[at..].iter().zip(&expected[at..]).map(|(a, b)| a - b).collect();
                // 60 dB under the sound that is there: inaudible beside it.
                let left = rms_db_fs(&difference);
                assert!(left < -86.0, "{}, {bad}, channel {channel}: {left} dB FS left after 100 ms", case.name);
            }
        }
    }
}
