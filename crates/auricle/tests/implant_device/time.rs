//! What holds for every strategy: blocks, reset, spacing, rate, latency, and what is no sound.

use auricle::implant::params::{Filterbank, Implant, Strategy};
use auricle::implant::processor::Processor;
use auricle::implant::pulse::{Pulse, TICKS_PER_SEC};

use crate::support::{all, babble, in_blocks, noise, processor, pulses, tone};

const RATE_HZ: u32 = 48_000;
/// Rates of sound: those of files, and one that has hardly a common factor with any device's.
const RATES_HZ: [u32; 10] = [8000, 11_025, 15_625, 16_000, 22_050, 44_100, 44_101, 48_000, 96_000, 192_000];

#[test]
fn blocks_do_not_matter_and_reset_is_new() {
    for (name, implant) in all() {
        for rate_hz in [8000, 44_100, 48_000] {
            let sound = babble(rate_hz, 0.7, 65.0, 9);
            let whole = pulses(&mut processor(&implant, rate_hz), &sound);
            assert!(whole.iter().any(|pulse| pulse.current_ua > 0.0), "{name}");
            let mut device = processor(&implant, rate_hz);
            device.process(&noise(999, 80.0, 1), &mut |_: Pulse| {});
            for block in [1, 7, 64, 480, sound.len()] {
                assert_eq!(in_blocks(&mut device, &sound, block), whole, "{name}, {rate_hz} Hz, blocks of {block}");
            }
            device.process(&[], &mut |_: Pulse| panic!("a pulse of no sound"));
        }
    }
}

#[test]
fn pulses_keep_their_distance_and_come_when_they_are_due() {
    for (name, implant, pause_ticks) in
        all().map(|(name, implant)| (name, implant, if name == "F120" { 0 } else { 120 }))
    {
        for rate_hz in RATES_HZ {
            let mut device = processor(&implant, rate_hz);
            let mut last: Option<Pulse> = None;
            let sound = babble(rate_hz, 0.4, 65.0, 9);
            for (n, x) in sound.iter().enumerate() {
                // The moment of the sample just taken.
                let now = n as u64 * TICKS_PER_SEC / u64::from(rate_hz);
                device.process(&[*x], &mut |pulse: Pulse| {
                    assert!(pulse.onset_ticks >= now, "{name}, {rate_hz} Hz: {pulse:?} comes late, at {now}");
                    if let Some(last) = last
                        && !(name == "F120" && last.onset_ticks == pulse.onset_ticks)
                    {
                        let free = pulse.onset_ticks.checked_sub(last.onset_ticks + last.duration_ticks());
                        assert!(free >= Some(pause_ticks), "{name}, {rate_hz} Hz: {last:?}, then {pulse:?}");
                    }
                    last = Some(pulse);
                });
            }
            assert!(last.is_some(), "{name}, {rate_hz} Hz");
        }
    }
}

#[test]
fn channels_fire_at_the_rate_that_is_told() {
    for (name, implant) in all() {
        let mut device = processor(&implant, RATE_HZ);
        // The most basal electrode of all strategies but ACE fires each cycle.
        let electrode = 1;
        if name == "ACE" {
            continue;
        }
        let told = device.rate_pps();
        let onsets: Vec<u64> = pulses(&mut device, &babble(RATE_HZ, 1.0, 65.0, 3))
            .iter()
            .filter(|pulse| pulse.electrode == electrode)
            .map(|pulse| pulse.onset_ticks)
            .collect();
        let secs = (onsets[onsets.len() - 1] - onsets[0]) as f64 / TICKS_PER_SEC as f64;
        let rate = (onsets.len() - 1) as f64 / secs;
        assert!((rate / told - 1.0).abs() < 1e-3, "{name}: {rate} pulses a second, told {told}");
        assert!(onsets.windows(2).all(|pair| pair[1] - pair[0] == onsets[1] - onsets[0]), "{name}: jitter");
    }
}

/// Where the middle of a bump in the sound comes out of an electrode, ticks, and where it was.
fn bump(implant: &Implant, rate_hz: u32, device: &mut Processor) -> (f64, f64) {
    // The highest band that the lowest rate feeds; the pre-emphasis delays it by 20 us.
    let band = device.bands().iter().rfind(|band| band.high_hz < 3600.0).copied().expect("a band below 3600 Hz");
    let (middle_secs, width_secs) = (0.25, 0.01);
    let mut sound = tone(rate_hz, 0.5, band.centre_hz, 50.0);
    for (n, x) in sound.iter_mut().enumerate() {
        let t = (n as f64 / f64::from(rate_hz) - middle_secs) / width_secs;
        *x *= (-0.5 * t * t).exp() as f32;
    }
    let frame_ticks = match implant.processor.strategy {
        Strategy::Ace { .. } | Strategy::Cis { filterbank: Filterbank::Fourier } => (1e7 / device.rate_pps()) as u64,
        _ => 1,
    };
    let (mut sum, mut weights) = (0.0, 0.0);
    let pulses = pulses(device, &sound);
    for pair in pulses.chunk_by(|a, b| a.onset_ticks == b.onset_ticks) {
        let on =
            |electrode: u8| pair.iter().find(|pulse| pulse.electrode == electrode).map(|p| f64::from(p.current_ua));
        let level = match band.steered_to {
            None => on(band.electrode).and_then(|ua| device.level_db_spl(band.electrode, ua)),
            Some(basal) => on(band.electrode)
                .zip(on(basal))
                .and_then(|(apical_ua, basal_ua)| device.steered_level_db_spl(band.electrode, apical_ua, basal_ua)),
        };
        if let Some(level_db_spl) = level {
            // A frame's first pulse is what latency is told of.
            let onset = pair[0].onset_ticks / frame_ticks * frame_ticks;
            let magnitude = 10.0_f64.powf(level_db_spl / 10.0);
            sum += magnitude * onset as f64;
            weights += magnitude;
        }
    }
    assert!(weights > 0.0, "{band:?} at {rate_hz} Hz");
    (sum / weights, middle_secs * TICKS_PER_SEC as f64)
}

#[test]
fn latency_is_what_is_told() {
    for (name, mut implant) in all() {
        // As fine steps as there are: rounded levels move the middle of a bump.
        implant.processor.t_levels = vec![0.0];
        implant.processor.c_levels = vec![255.0];
        for rate_hz in RATES_HZ {
            let mut device = processor(&implant, rate_hz);
            let (came, was) = bump(&implant, rate_hz, &mut device);
            let band = device.bands().iter().rfind(|band| band.high_hz < 3600.0).copied().expect("a band");
            // Ticks by which a pulse may lag more than told, on average half of them: see `latency_ticks`.
            let more = match name {
                "ACE" | "CIS of Fourier bands" => 0.0,
                // A frame, of which cycles are made until the next, and the place of the channel in its cycle.
                "F120" => 11_494.0,
                _ => 500.0,
            };
            let slot = if name == "F120" { slot_ticks(&device, band.electrode) } else { 0.0 };
            let lag = came - was - 0.5 * more - slot;
            let told = band.latency_ticks as f64;
            assert!((lag - told).abs() < 800.0, "{name}, {rate_hz} Hz: {lag} ticks, told {told}");
            assert!(device.latency_ticks() >= band.latency_ticks);
            let samples = device.latency_samples() as f64;
            assert!((samples - device.latency_ticks() as f64 * f64::from(rate_hz) / 1e7) < 1.0 && samples > 0.0);
        }
    }
}

/// Where in its cycle a channel fires.
fn slot_ticks(device: &Processor, electrode: u8) -> f64 {
    let place = device.bands().iter().rev().position(|band| band.electrode == electrode).expect("a channel");
    place as f64 * 5400.0 / device.bands().len() as f64
}

#[test]
fn what_is_no_number_is_silence_and_soon_forgotten() {
    for (name, implant) in all() {
        let sound = babble(RATE_HZ, 1.0, 65.0, 4);
        let expected = pulses(&mut processor(&implant, RATE_HZ), &sound);
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut broken = sound.clone();
            broken[9600..9900].fill(odd);
            let got = pulses(&mut processor(&implant, RATE_HZ), &broken);
            assert!(got.iter().all(|pulse| pulse.current_ua.is_finite() && pulse.current_level <= 255), "{name}");
            // From 100 ms after the last of them. Carriers have a phase, which remembers.
            let late = |pulses: &[Pulse]| -> Vec<(u64, u8, i32)> {
                let from = 9900 * TICKS_PER_SEC / u64::from(RATE_HZ) + TICKS_PER_SEC / 10;
                let level = |pulse: &Pulse| if name == "F120" { 0 } else { i32::from(pulse.current_level) };
                let late = pulses.iter().filter(|pulse| pulse.onset_ticks > from);
                late.map(|pulse| (pulse.onset_ticks, pulse.electrode, level(pulse))).collect()
            };
            let (got, expected) = (late(&got), late(&expected));
            assert_eq!(got.len(), expected.len(), "{name} after {odd}");
            let alike = got.iter().zip(&expected).filter(|(a, b)| a.0 == b.0 && a.1 == b.1 && (a.2 - b.2).abs() <= 1);
            assert!(alike.count() * 100 >= 99 * got.len(), "{name} after {odd}");
        }
    }
}

#[test]
fn silence_is_idle_and_loudness_ends_at_comfort() {
    for (name, implant) in all() {
        let mut device = processor(&implant, RATE_HZ);
        let silent = pulses(&mut device, &vec![0.0; 48_000]);
        assert!(silent.iter().all(|pulse| pulse.current_level == 0 && pulse.current_ua == 0.0), "{name}");
        assert!(!silent.is_empty(), "{name}");
        let c = implant.processor.c_levels[0];
        for sound in [noise(24_000, 140.0, 1), vec![f32::MAX; 24_000], vec![1e-40; 24_000]] {
            let loudest = pulses(&mut device, &sound).iter().map(|pulse| pulse.current_level).max().unwrap_or(0);
            assert!(f64::from(loudest) <= c, "{name}: {loudest}");
        }
    }
}

#[test]
fn a_file_at_8_khz_leaves_the_upper_bands_silent() {
    for (name, implant) in all() {
        let mut device = processor(&implant, 8000);
        let bands = device.bands().to_vec();
        let pulses = pulses(&mut device, &noise(16_000, 55.0, 2));
        for band in &bands {
            let sounding = pulses.iter().any(|pulse| pulse.electrode == band.electrode && pulse.current_ua > 0.0);
            if band.high_hz < 3900.0 {
                assert!(sounding, "{name}: {band:?}");
            }
            // With steering the electrode belongs to the band above as well; the skirts of gammatone filters reach down.
            if band.low_hz > 4700.0 && (name == "ACE" || name == "CIS of Fourier bands") {
                assert!(!sounding, "{name}: {band:?}");
            }
        }
    }
}
