use super::*;
use crate::implant::params::Array;
use crate::implant::pulse::Mode;

/// Pulses of a steady train, a second: ACE's 900 after rounding to whole samples.
const RATE_PPS: f64 = 15_625.0 / 18.0;

/// A band an electrode of the Contour Advance, a third of an octave each, and levels of which each is half a dB: 200
/// is -20 dB FS.
fn params(carrier: Carrier, places: Places) -> ResynthesisParams<'static> {
    let placement = Placement::new(&Array::ContourAdvance, None, &[]).expect("a usual array");
    let third = 2.0_f64.powf(0.5 / 3.0);
    let channels = (0..22)
        .map(|electrode| 7_000.0 * 2.0_f64.powf(-0.22 * f64::from(electrode)))
        .map(|hz| {
            Some(Channel {
                low_hz: hz / third,
                centre_hz: hz,
                high_hz: hz * third,
                interval_secs: 1.0 / RATE_PPS,
                fine: false,
                delay_secs: 0.0,
            })
        })
        .collect();
    let levels = LevelTable::new(22, f64::from, |_, level| {
        if level == 0 { 0.0 } else { 10.0_f64.powf((0.5 * (f64::from(level) - 200.0) - 20.0) / 20.0) }
    });
    ResynthesisParams { carrier, places, placement, channels, levels, spread_db_per_mm: 2.8, dead: &[], seed: 7 }
}

fn pulse(secs: f64, electrode: u8, current_level: u16) -> Pulse {
    Pulse {
        onset_ticks: (secs * TICKS_PER_SEC as f64).round() as u64,
        electrode,
        mode: Mode::Mp1And2,
        current_level,
        current_ua: f32::from(current_level),
        phase_ticks: 250,
        gap_ticks: 70,
    }
}

/// Trains on `electrodes`, in the order of onsets, from 0 to `secs`.
fn trains(electrodes: &[u8], secs: f64, level: impl Fn(f64) -> u16) -> Vec<Pulse> {
    let frames = (secs * RATE_PPS) as usize;
    (0..frames)
        .flat_map(|frame| electrodes.iter().enumerate().map(move |(slot, electrode)| (frame, slot, *electrode)))
        .map(|(frame, slot, electrode)| {
            let at = (frame as f64 + slot as f64 / electrodes.len() as f64) / RATE_PPS;
            pulse(at, electrode, level(at))
        })
        .collect()
}

/// What is heard of `pulses`, given as late as may be, in blocks.
fn render(resynthesis: &mut Resynthesis, pulses: &[Pulse], rate: u32, samples: usize, block: usize) -> Vec<f32> {
    let mut out = vec![0.0; samples];
    let (mut next, mut at) = (0, 0);
    while at < samples {
        let until = (at + block).min(samples);
        let end_ticks = until as u64 * TICKS_PER_SEC / u64::from(rate);
        while next < pulses.len() && pulses[next].onset_ticks <= end_ticks {
            resynthesis.pulse(pulses[next]);
            next += 1;
        }
        resynthesis.process(&mut out[at..until]);
        at = until;
    }
    out
}

fn rms_db(samples: &[f32]) -> f64 {
    10.0 * (samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64).log10()
}

const CARRIERS: [Carrier; 4] = [Carrier::Spiral, Carrier::Bursts, Carrier::Noise, Carrier::Sine];

#[test]
fn a_steady_train_sounds_at_the_level_that_its_current_stands_for() {
    for carrier in CARRIERS {
        for places in [Places::Matched, Places::Shifted] {
            for rate in [44_100, 48_000, 96_000] {
                let mut resynthesis = Resynthesis::new(&params(carrier, places), rate).expect("it can be made");
                let pulses = trains(&[14, 18], 2.0, |_| 200);
                let heard = render(&mut resynthesis, &pulses, rate, 2 * rate as usize, 480);
                // Two electrodes: 3 dB more than one.
                let level_db = rms_db(&heard[rate as usize / 4..]);
                let tolerance_db = if carrier == Carrier::Noise { 0.6 } else { 0.15 };
                assert!((level_db + 16.99).abs() < tolerance_db, "{carrier:?} {places:?} {rate} Hz: {level_db} dB");
            }
        }
    }
}

#[test]
fn blocks_of_any_size_and_a_reset_make_the_same_bytes() {
    for carrier in CARRIERS {
        for rate in [8_000, 48_000, 192_000] {
            let mut resynthesis = Resynthesis::new(&params(carrier, Places::Matched), rate).expect("it can be made");
            let pulses = trains(&[3, 9, 15, 22], 0.15, |secs| (150.0 + 50.0 * (90.0 * secs).sin()) as u16);
            let samples = rate as usize / 5;
            let whole = render(&mut resynthesis, &pulses, rate, samples, rate as usize / 50);
            for block in [1, 7, 64, 100] {
                resynthesis.reset();
                let again = render(&mut resynthesis, &pulses, rate, samples, block);
                assert!(again == whole, "{carrier:?}, {rate} Hz, blocks of {block}");
            }
            assert!(rms_db(&whole) > -60.0 && whole.iter().all(|x| x.is_finite() && (*x == 0.0 || x.is_normal())));
        }
    }
}

#[test]
fn pulses_at_hand_make_the_same_sound() {
    for carrier in CARRIERS {
        let mut resynthesis = Resynthesis::new(&params(carrier, Places::Matched), 44_100).expect("it can be made");
        let pulses = trains(&[3, 9, 15, 22], 0.15, |secs| (150.0 + 50.0 * (90.0 * secs).sin()) as u16);
        let streamed = render(&mut resynthesis, &pulses, 44_100, 8_820, 64);
        for block in [8_820, 63] {
            resynthesis.reset();
            let (mut at_hand, mut out) = (pulses.iter().copied().peekable(), vec![0.0; 8_820]);
            out.chunks_mut(block).for_each(|block| resynthesis.process_pulses(&mut at_hand, block));
            assert!(out == streamed, "{carrier:?}, blocks of {block}");
        }
    }
}

#[test]
fn a_pulse_sounds_as_late_as_declared() {
    for carrier in CARRIERS {
        for rate in [8_000, 16_000, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000] {
            let mut resynthesis = Resynthesis::new(&params(carrier, Places::Matched), rate).expect("it can be made");
            let electrode = if rate < 20_000 { 12 } else { 4 };
            let pulses = [pulse(0.020, electrode, 200)];
            let heard = render(&mut resynthesis, &pulses, rate, rate as usize / 10, 64);
            let energy: f64 = heard.iter().map(|x| f64::from(*x).powi(2)).sum();
            let middle: f64 =
                heard.iter().enumerate().map(|(n, x)| n as f64 * f64::from(*x).powi(2)).sum::<f64>() / energy;
            let measured_ms = 1e3 * (middle / f64::from(rate) - 0.020);
            let declared_ms = 1e3 * resynthesis.latency_samples() as f64 / f64::from(rate);
            // Noise rings after, and what noise there is in two milliseconds has its middle anywhere in them.
            let tolerance_ms = if carrier == Carrier::Noise { 1.2 } else { 0.2 };
            assert!(
                (measured_ms - declared_ms).abs() < tolerance_ms,
                "{carrier:?} {rate}: {measured_ms} {declared_ms}"
            );
            let first = heard.iter().position(|x| *x != 0.0).expect("it sounds") as f64 / f64::from(rate);
            assert!(first > 0.020, "{carrier:?} {rate}: sounds at {first} s");
        }
    }
}

#[test]
fn silence_is_silent_again_after_the_last_pulse() {
    for carrier in CARRIERS {
        let mut resynthesis = Resynthesis::new(&params(carrier, Places::Shifted), 48_000).expect("it can be made");
        let mut pulses = trains(&[5, 6], 0.05, |_| 220);
        pulses.push(pulse(0.3, 3, 0));
        pulses.push(pulse(0.31, 23, 200));
        pulses.push(pulse(0.32, 0, 200));
        let heard = render(&mut resynthesis, &pulses, 48_000, 24_000, 480);
        assert!(heard[2_400..3_000].iter().any(|x| *x != 0.0));
        assert!(heard[4_000..].iter().all(|x| *x == 0.0), "{carrier:?}");
    }
}

/// Power about `hz` of tones, dB, by correlation under a Hann window.
fn line_db(samples: &[f32], rate: f64, hz: f64) -> f64 {
    let length = samples.len() as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, x) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / length).cos();
        let angle = std::f64::consts::TAU * hz * n as f64 / rate;
        re += window * f64::from(*x) * angle.cos();
        im += window * f64::from(*x) * angle.sin();
    }
    10.0 * (8.0 * (re * re + im * im) / (length * length)).log10()
}

#[test]
fn excitation_falls_beside_an_electrode_as_it_says() {
    let params = params(Carrier::Sine, Places::Matched);
    let mut resynthesis = Resynthesis::new(&params, 48_000).expect("it can be made");
    let heard = render(&mut resynthesis, &trains(&[12], 3.0, |_| 200), 48_000, 144_000, 480);
    let line = |electrode: usize| {
        let band = params.channels[electrode - 1].expect("every electrode has one");
        line_db(&heard[24_000..], 48_000.0, band.centre_hz)
    };
    for beside in 1..6 {
        let expected_db = 0.7 * 2.8 * beside as f64;
        for electrode in [12 - beside, 12 + beside] {
            let fall_db = line(12) - line(electrode);
            assert!((fall_db - expected_db).abs() < 0.05, "{electrode}: {fall_db} dB, not {expected_db}");
        }
    }
}

#[test]
fn the_bank_of_tones_falls_by_octaves_as_the_array_s_millimetres_do() {
    // A fifth of an octave and 0.7 mm an electrode: 2.8 dB/mm are 8.9 dB an octave.
    let mut resynthesis = Resynthesis::new(&params(Carrier::Spiral, Places::Matched), 48_000).expect("it can be made");
    let heard = render(&mut resynthesis, &trains(&[11], 3.0, |_| 200), 48_000, 144_000, 480);
    let centre_hz = 7_000.0 * 2.0_f64.powf(-2.2);
    let tones = spiral_hz();
    let levels: Vec<(f64, f64)> = tones
        .iter()
        .filter(|hz| (centre_hz / 3.0..centre_hz * 3.0).contains(*hz))
        .map(|hz| ((hz / centre_hz).log2().abs(), line_db(&heard[24_000..], 48_000.0, *hz)))
        .collect();
    let per_octave_db = 2.8 * 0.7 / 0.22;
    let at_centre_db = levels[0].1 + per_octave_db * levels[0].0;
    for (octaves, level_db) in levels {
        assert!((level_db - (at_centre_db - per_octave_db * octaves)).abs() < 0.1, "{octaves}: {level_db} dB");
    }
    assert_eq!(tones.len(), 80);
    assert!((tones[0] - 20.0).abs() < 1e-9 && (tones[79] - 20_000.0).abs() < 1e-6);
}

#[test]
fn two_at_once_share_a_place_between_them() {
    let mut params = params(Carrier::Sine, Places::Matched);
    params.spread_db_per_mm = f64::INFINITY;
    // A scale in proportion to current, so that shares add up: 200 is -20 dB FS.
    params.levels = LevelTable::new(22, f64::from, |_, level| f64::from(level) / 2000.0);
    let mut resynthesis = Resynthesis::new(&params, 48_000).expect("it can be made");
    let pulses: Vec<Pulse> = trains(&[10], 2.0, |_| 150)
        .into_iter()
        .flat_map(|p| [p, Pulse { electrode: 9, current_level: 50, current_ua: 50.0, ..p }])
        .collect();
    let heard = render(&mut resynthesis, &pulses, 48_000, 96_000, 480);
    let line = |electrode: usize| {
        line_db(&heard[24_000..], 48_000.0, params.channels[electrode - 1].expect("every electrode has one").centre_hz)
    };
    assert!((line(10) - (-20.0 - 1.25)).abs() < 0.05, "three quarters: {} dB", line(10));
    assert!((line(9) - (-20.0 - 6.02)).abs() < 0.05, "a quarter: {} dB", line(9));
}

#[test]
fn what_is_dead_is_excited_beside() {
    let dead = [DeadRegion { from_hz: 1_500.0, to_hz: 3_000.0 }];
    for carrier in CARRIERS {
        let mut params = params(carrier, Places::Shifted);
        params.placement = Placement::new(&Array::ContourAdvance, None, &dead).expect("a usual array");
        params.dead = &dead;
        params.spread_db_per_mm = 6.0;
        let middle = params.placement.place_hz.iter().position(|hz| *hz < 2_600.0).expect("an electrode is there");
        let mut resynthesis = Resynthesis::new(&params, 48_000).expect("it can be made");
        let heard = render(&mut resynthesis, &trains(&[middle as u8 + 1], 2.0, |_| 200), 48_000, 96_000, 480);
        let level_db = rms_db(&heard[24_000..]);
        assert!((level_db + 20.0).abs() < 0.8, "{carrier:?}: {level_db} dB");
        if carrier == Carrier::Spiral {
            let inside = spiral_hz().into_iter().filter(|hz| (1_500.0..3_000.0).contains(hz));
            for hz in inside {
                let line = line_db(&heard[24_000..], 48_000.0, hz);
                assert!(line < -80.0, "{hz} Hz sounds at {line} dB");
            }
        }
        if carrier == Carrier::Sine {
            assert!(line_db(&heard[24_000..], 48_000.0, 3_000.0) > -23.0, "it is heard at the nearer edge");
        }
    }
}

#[test]
fn a_seed_draws_the_phases_and_the_noise() {
    for carrier in CARRIERS {
        let heard = |seed| {
            let params = ResynthesisParams { seed, ..params(carrier, Places::Matched) };
            let mut resynthesis = Resynthesis::new(&params, 16_000).expect("it can be made");
            render(&mut resynthesis, &trains(&[16], 0.05, |_| 200), 16_000, 1_600, 64)
        };
        assert!(heard(1) == heard(1) && heard(1) != heard(2), "{carrier:?}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let good = || params(Carrier::Spiral, Places::Matched);
    assert_eq!(Resynthesis::new(&good(), 7_999).err(), Some(ResynthesisError::SampleRate(7_999)));
    for spread in [0.0, -1.0, f64::NAN] {
        let params = ResynthesisParams { spread_db_per_mm: spread, ..good() };
        assert!(matches!(Resynthesis::new(&params, 48_000).err(), Some(ResynthesisError::Spread(_))));
    }
    let mut params = good();
    params.channels.pop();
    let short = ResynthesisError::Electrodes { what: "channels", given: 21, electrodes: 22 };
    assert_eq!(Resynthesis::new(&params, 48_000).err(), Some(short));
    let usual = good().channels[4].expect("every electrode has one");
    for (interval_secs, delay_secs) in [(0.0, 0.0), (f64::NAN, 0.0), (0.001, -0.001), (0.001, 0.021)] {
        let mut params = good();
        params.channels[4] = Some(Channel { interval_secs, delay_secs, ..usual });
        let refused = Resynthesis::new(&params, 48_000).err();
        assert!(
            matches!(
                refused,
                Some(ResynthesisError::Interval { electrode: 5, .. } | ResynthesisError::Delay { electrode: 5, .. })
            ),
            "{refused:?}"
        );
    }
    let mut params = good();
    params.channels[2] = Some(Channel { low_hz: 300.0, centre_hz: 200.0, ..usual });
    assert!(matches!(Resynthesis::new(&params, 48_000).err(), Some(ResynthesisError::Band { electrode: 3, .. })));
}
