//! The same measurements on recordings of real voices, where they are.

use auricle::implant::percept::PerceptControls;

use crate::support::measure::{contour_octaves, f0_contour, level_db};
use crate::support::media::speech;
use crate::support::run::{heard, of};

const CLEAR: PerceptControls = PerceptControls::CLEAR;
const RECORDINGS: [&str; 6] = [
    "arctic_aew_a0001.wav",
    "harvard_spk1_snt1.wav",
    "librivox_sense_0870.wav",
    "lyra_sample1_48kHz.wav",
    "sms_speech-male.wav",
    "vctk_p286_011_48k.wav",
];

#[test]
fn real_contours_become_flat() {
    let mut left = Vec::new();
    for name in RECORDINGS {
        let Some((rate_hz, input)) = speech(name) else { continue };
        let (mean, spread) = contour_octaves(&f0_contour(rate_hz, &input));
        for (flattening, bar) in [(1.0, 0.65), (0.5, 0.8)] {
            let output = heard(rate_hz, &PerceptControls { f0_flattening: flattening, ..CLEAR }, &input);
            let (mean_after, after) = contour_octaves(&f0_contour(rate_hz, &output));
            println!(
                "{name}: {:.0} Hz, {flattening}: {spread:.3} -> {after:.3} octaves, mean by {:+.3}",
                100.0 * mean.exp2(),
                mean_after - mean
            );
            assert!(after < bar * spread, "{name}: {spread} octaves become {after}");
            if flattening == 1.0 {
                left.push(after / spread);
            }
        }
    }
    // Creaking and what the ruler takes for voices stay; of all of it two thirds go.
    let mean = left.iter().sum::<f64>() / left.len().max(1) as f64;
    println!("of {} recordings' contours {mean:.3} is left", left.len());
    assert!(mean < 0.4, "{mean} of the contours is left");
}

#[test]
fn real_speech_keeps_its_level_and_its_ceiling() {
    for name in RECORDINGS {
        let Some((rate_hz, input)) = speech(name) else { continue };
        let peak = input.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
        for (months, person) in [(0.0, 1), (0.0, 2), (1.0, 3), (12.0, 4), (12.0, 5)] {
            let controls = of(months, 380.0, person);
            let output = heard(rate_hz, &controls, &input);
            let edges =
                PerceptControls { high_pass_hz: controls.high_pass_hz, low_pass_hz: controls.low_pass_hz, ..CLEAR };
            let moved = level_db(&output) - level_db(&heard(rate_hz, &edges, &input));
            println!("{name}, person {person} after {months} months: {moved:+.2} dB");
            assert!((-2.5..1.5).contains(&moved), "{name}, person {person} after {months} months: {moved} dB");
            assert!(output.iter().all(|x| x.abs() <= 1.0001 * peak), "{name}: above its peak");
        }
    }
}
