//! ACE: frames, maxima, places, levels.

use auricle::implant::params::ProcessorParams;
use auricle::implant::pulse::Pulse;

use crate::support::{ace, babble, music, noise, processor, pulses, sweep, tone};

const RATE_HZ: u32 = 48_000;

/// Pulses by frame: a frame of 18 samples of 64 us.
fn frames(pulses: &[Pulse]) -> Vec<&[Pulse]> {
    pulses.chunk_by(|a, b| a.onset_ticks / 11_520 == b.onset_ticks / 11_520).collect()
}

fn sounds() -> Vec<(&'static str, Vec<f32>)> {
    vec![
        ("speech", babble(RATE_HZ, 2.0, 65.0, 1)),
        ("music", music(RATE_HZ, 2.0, 75.0)),
        ("noise", noise(48_000, 60.0, 3)),
        ("sweep", sweep(RATE_HZ, 2.0, 200.0, 7500.0, 50.0)),
        ("silence", vec![0.0; 24_000]),
        ("square of full scale", (0..24_000).map(|n| if n / 37 % 2 == 0 { 1.0 } else { -1.0 }).collect()),
    ]
}

#[test]
fn frames_have_their_maxima_once_each_from_base_to_apex() {
    for (name, sound) in sounds() {
        let mut device = processor(&ace(), RATE_HZ);
        let pulses = pulses(&mut device, &sound);
        let frames = frames(&pulses);
        let expected = (sound.len() as u64 * 15_625 / u64::from(RATE_HZ)) / 18;
        assert!((frames.len() as u64).abs_diff(expected) <= 1, "{name}: {} frames", frames.len());
        for (index, frame) in frames.iter().enumerate() {
            assert_eq!(frame.len(), 8, "{name}, frame {index}");
            assert!(frame.is_sorted_by(|a, b| a.electrode < b.electrode), "{name}: {frame:?}");
            for (slot, pulse) in frame.iter().enumerate() {
                assert_eq!(pulse.onset_ticks, (index as u64 + 1) * 11_520 + slot as u64 * 1440, "{name}");
            }
        }
    }
}

#[test]
fn pulses_are_within_the_map_or_idle() {
    let mut implant = ace();
    implant.processor.t_levels = (0..22).map(|i| 80.0 + 2.0 * f64::from(i)).collect();
    implant.processor.c_levels = (0..22).map(|i| 180.0 + f64::from(i % 7)).collect();
    for (name, sound) in sounds() {
        let mut device = processor(&implant, RATE_HZ);
        let mut sounding = 0;
        for pulse in pulses(&mut device, &sound) {
            let at = usize::from(pulse.electrode) - 1;
            if pulse.current_ua == 0.0 {
                assert_eq!(pulse.current_level, 0, "{name}: {pulse:?}");
                continue;
            }
            sounding += 1;
            let level = f64::from(pulse.current_level);
            let (t, c) = (implant.processor.t_levels[at], implant.processor.c_levels[at]);
            assert!((t..=c).contains(&level), "{name}: {pulse:?} is not within {t} to {c}");
            let expected_ua = 17.5 * 100.0_f64.powf(level / 255.0);
            assert!((f64::from(pulse.current_ua) / expected_ua - 1.0).abs() < 1e-6, "{name}: {pulse:?}");
        }
        assert_eq!(sounding == 0, name == "silence", "{name}");
    }
}

#[test]
fn a_sweep_visits_every_electrode_in_order() {
    let mut device = processor(&ace(), RATE_HZ);
    let sound = sweep(RATE_HZ, 8.0, 200.0, 7500.0, 55.0);
    let pulses = pulses(&mut device, &sound);
    let mut visited = Vec::new();
    for frame in frames(&pulses) {
        if let Some(strongest) = frame.iter().max_by_key(|pulse| pulse.current_level)
            && strongest.current_level > 0
            // C is reached by several at once where the tone is loud; the sweep is not.
            && visited.last() != Some(&strongest.electrode)
        {
            visited.push(strongest.electrode);
        }
    }
    let expected: Vec<u8> = (1..=22).rev().collect();
    assert_eq!(visited, expected);
}

#[test]
fn modulation_is_passed_as_the_window_says() {
    // A tone in a band of one bin, softer than where the limiter begins, louder than the base at its least.
    let mut device = processor(&ace(), 15_625);
    let electrode = 22 - 6;
    let carrier_hz = 8.0 * 15_625.0 / 128.0;
    let depth = 0.5;
    for (hz, low, high) in [(5.0, 0.95, 1.05), (20.0, 0.95, 1.05), (100.0, 0.55, 0.75), (300.0, 0.0, 0.05)] {
        let mut sound = tone(15_625, 4.0, carrier_hz, 52.0);
        for (n, x) in sound.iter_mut().enumerate() {
            *x *= (1.0 + depth * (std::f64::consts::TAU * hz * n as f64 / 15_625.0).sin()) as f32;
        }
        let envelope: Vec<(f64, f64)> = pulses(&mut device, &sound)
            .iter()
            .filter(|pulse| pulse.electrode == electrode && pulse.onset_ticks > 2_000_000)
            .map(|pulse| {
                let level_db_spl =
                    device.level_db_spl(electrode, f64::from(pulse.current_ua)).expect("a pulse above T");
                (pulse.onset_ticks as f64 * 1e-7, 10.0_f64.powf(level_db_spl / 20.0))
            })
            .collect();
        assert!(envelope.len() > 3200, "{} pulses", envelope.len());
        let mean = envelope.iter().map(|(_, u)| u).sum::<f64>() / envelope.len() as f64;
        let (mut re, mut im) = (0.0, 0.0);
        for (t, u) in &envelope {
            let (sin, cos) = (std::f64::consts::TAU * hz * t).sin_cos();
            re += u * cos;
            im += u * sin;
        }
        let passed = 2.0 * re.hypot(im) / (envelope.len() as f64 * mean) / depth;
        assert!((low..=high).contains(&passed), "{hz} Hz: {passed}");
    }
}

#[test]
fn a_tone_is_read_back_at_its_level() {
    let device = processor(&ace(), RATE_HZ);
    let bands = device.bands().to_vec();
    for band in bands.iter().step_by(3) {
        for level_db_spl in [45.0, 52.0] {
            let mut device = processor(&ace(), RATE_HZ);
            let sound = tone(RATE_HZ, 0.3, band.centre_hz, level_db_spl);
            let last = pulses(&mut device, &sound).into_iter().rfind(|pulse| pulse.electrode == band.electrode);
            let last = last.expect("the tone's own electrode");
            let read = device.level_db_spl(band.electrode, f64::from(last.current_ua)).expect("a pulse above T");
            // One clinical unit is 0.4 dB in the middle of the growth, and half of one is lost by rounding.
            assert!((read - level_db_spl).abs() < 0.5, "{band:?}: {level_db_spl} dB SPL is read as {read}");
        }
    }
}

#[test]
fn a_tone_is_stimulated_from_the_threshold_on() {
    for hz in [250.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0] {
        let mut device = processor(&ace(), RATE_HZ);
        let threshold_db_spl = device.threshold_db_spl(hz).expect("within the device's range");
        assert!((18.0..36.0).contains(&threshold_db_spl), "{hz} Hz: {threshold_db_spl}");
        for (offset_db, heard) in [(-0.7, false), (0.7, true)] {
            let mut sound = tone(RATE_HZ, 0.4, hz, threshold_db_spl + offset_db);
            // Without a click at its beginning.
            for (n, x) in sound.iter_mut().enumerate() {
                *x *= (n as f32 / 4800.0).min(1.0);
            }
            let any = pulses(&mut device, &sound).iter().any(|pulse| pulse.current_ua > 0.0);
            assert_eq!(any, heard, "{hz} Hz, {offset_db} dB beside {threshold_db_spl} dB SPL");
        }
    }
}

#[test]
fn without_maxima_all_channels_fire() {
    use auricle::implant::params::{Filterbank, Strategy};
    let mut implant = ace();
    implant.processor =
        ProcessorParams { strategy: Strategy::Cis { filterbank: Filterbank::Fourier }, ..ProcessorParams::ace() };
    let mut device = processor(&implant, RATE_HZ);
    // 22 pulses of 69 us take 1518 us: 24 samples of 64 us.
    assert_eq!(device.rate_pps(), 15_625.0 / 24.0);
    let pulses = pulses(&mut device, &babble(RATE_HZ, 1.0, 65.0, 2));
    for frame in pulses.chunks_exact(22) {
        assert!(frame.iter().map(|pulse| pulse.electrode).eq(1..=22));
        assert!(frame.is_sorted_by(|a, b| b.onset_ticks - a.onset_ticks >= 690));
    }
}
