//! Sound through the renderer.

use auricle::implant::percept::{Percept, PerceptControls, PerceptParams};

/// Rate of most tests, Hz.
pub(crate) const RATE_HZ: u32 = 48_000;

/// One person at one time.
pub(crate) fn of(months_since_activation: f64, insertion_angle_deg: f64, individual: u64) -> PerceptControls {
    PerceptControls::of(&PerceptParams { months_since_activation, insertion_angle_deg, individual })
}

/// Controls under which every operation is at work, and each alone, and none.
pub(crate) fn all_controls() -> Vec<(&'static str, PerceptControls)> {
    const CLEAR: PerceptControls = PerceptControls::CLEAR;
    let mut all = vec![
        ("clear", CLEAR),
        ("band", PerceptControls { high_pass_hz: 250.0, low_pass_hz: 3000.0, ..CLEAR }),
        ("smearing", PerceptControls { smearing_erb: 2.0, ..CLEAR }),
        ("flattening", PerceptControls { f0_flattening: 1.0, ..CLEAR }),
        ("pitch", PerceptControls { f0_shift_octaves: 0.3, ..CLEAR }),
        ("formants", PerceptControls { formant_shift_octaves: 0.5, ..CLEAR }),
        ("ring", PerceptControls { ring: 1.0, ..CLEAR }),
        ("robot", PerceptControls { robot: 1.0, ..CLEAR }),
        ("buzz", PerceptControls { buzz: 1.0, ..CLEAR }),
        ("beeps", PerceptControls { beeps: 1.0, ..CLEAR }),
        ("squeaks", PerceptControls { squeaks: 1.0, ..CLEAR }),
        ("a year, a long array", of(12.0, 600.0, 4)),
    ];
    for person in 1..4 {
        all.push(("first day", of(0.0, 300.0, person)));
        all.push(("a month", of(1.0, 380.0, person)));
    }
    let mut everything = [0.0, 0.0].map(|_| of(0.0, 250.0, 11));
    everything[0].robot = 0.6;
    everything[0].buzz = 1.0;
    everything[0].beeps = 1.0;
    everything[0].squeaks = 1.0;
    everything[0].ring = 1.0;
    all.push(("everything at once", everything[0]));
    all
}

/// All of `input` in one block, as late as it comes out.
pub(crate) fn whole(percept: &mut Percept, controls: &PerceptControls, input: &[f32]) -> Vec<f32> {
    let mut output = input.to_vec();
    percept.process(controls, &mut output);
    output
}

/// `input` as heard at `rate_hz`, with the latency cut off and the tail kept as long as the input.
pub(crate) fn heard(rate_hz: u32, controls: &PerceptControls, input: &[f32]) -> Vec<f32> {
    let mut percept = Percept::new(rate_hz);
    let latency = percept.latency_samples();
    let mut padded = input.to_vec();
    padded.resize(input.len() + latency, 0.0);
    percept.process(controls, &mut padded);
    padded.drain(..latency);
    padded
}
