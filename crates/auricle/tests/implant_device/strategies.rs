//! What is peculiar to CIS of gammatone bands, current steering and fine structure.

use auricle::implant::params::{Array, Implant, ProcessorParams, Strategy};
use auricle::implant::pulse::Pulse;

use crate::support::{all, babble, implant, processor, pulses, sweep, tone};

const RATE_HZ: u32 = 48_000;

fn cis() -> Implant {
    implant(Array::Standard, ProcessorParams::cis())
}

fn f120() -> Implant {
    implant(Array::Sixteen, ProcessorParams::f120())
}

fn fs4() -> Implant {
    implant(Array::Flex28, ProcessorParams::fs4())
}

#[test]
fn cis_fires_every_electrode_each_cycle_from_base_to_apex() {
    let mut device = processor(&cis(), RATE_HZ);
    // Twelve pulses of 74.1 us take 889.2 us: 18 samples of 50 us.
    assert_eq!(device.rate_pps(), 20_000.0 / 18.0);
    let pulses = pulses(&mut device, &babble(RATE_HZ, 1.0, 65.0, 2));
    assert!(pulses.len() > 13_000);
    for (cycle, pulses) in pulses.chunks_exact(12).enumerate() {
        for (slot, pulse) in pulses.iter().enumerate() {
            assert_eq!(usize::from(pulse.electrode), slot + 1);
            assert_eq!(pulse.onset_ticks, (cycle as u64 + 1) * 9000 + slot as u64 * 750);
            assert_eq!((pulse.phase_ticks, pulse.gap_ticks), (300, 21));
            assert!(pulse.current_ua == 0.0 || (60.0..=600.0).contains(&pulse.current_ua), "{pulse:?}");
        }
    }
}

#[test]
fn a_sweep_visits_every_channel_in_order() {
    for (name, implant) in all() {
        let mut device = processor(&implant, RATE_HZ);
        let bands = device.bands().to_vec();
        let sound = sweep(RATE_HZ, 8.0, bands[0].centre_hz, bands[bands.len() - 1].centre_hz, 55.0);
        let pulses = pulses(&mut device, &sound);
        // The strongest of each 20 ms, both of those that fire at once taken for one.
        let mut visited: Vec<u8> = Vec::new();
        for stretch in pulses.chunk_by(|a, b| a.onset_ticks / 200_000 == b.onset_ticks / 200_000) {
            let pairs = stretch.chunk_by(|a, b| a.onset_ticks == b.onset_ticks);
            let level = |pair: &[Pulse]| pair.iter().map(|pulse| pulse.current_level).sum::<u16>();
            let strongest = pairs.max_by_key(|pair| level(pair)).filter(|pair| level(pair) > 0);
            let Some(last) = strongest.and_then(|pair| pair.last()) else { continue };
            if visited.last() != Some(&last.electrode) {
                visited.push(last.electrode);
            }
        }
        let expected: Vec<u8> = bands.iter().map(|band| band.electrode).collect();
        assert_eq!(visited, expected, "{name}");
    }
}

#[test]
fn a_tone_in_a_band_is_read_back_at_its_level() {
    for (name, implant) in all() {
        let mut device = processor(&implant, RATE_HZ);
        for band in device.bands().to_vec().iter().step_by(4) {
            // Louder ones are compressed.
            let level_db_spl = 48.0;
            let pulses = pulses(&mut device, &tone(RATE_HZ, 0.5, band.centre_hz, level_db_spl));
            let on =
                |pulse: &Pulse, electrode: u8| (pulse.electrode == electrode).then_some(f64::from(pulse.current_ua));
            let late = &pulses[pulses.len() / 2..];
            let levels: Vec<f64> = late
                .chunk_by(|a, b| a.onset_ticks == b.onset_ticks)
                .filter_map(|at_once| match band.steered_to {
                    None => device.level_db_spl(band.electrode, on(&at_once[0], band.electrode)?),
                    Some(basal) => device.steered_level_db_spl(
                        band.electrode,
                        on(&at_once[1], band.electrode)?,
                        on(&at_once[0], basal)?,
                    ),
                })
                .collect();
            let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert!((loudest - level_db_spl).abs() < 0.8, "{name}, {band:?}: read as {loudest} dB SPL");
        }
    }
}

#[test]
fn steering_fires_two_neighbours_at_once() {
    let implant = f120();
    let mut device = processor(&implant, RATE_HZ);
    assert!((device.rate_pps() - 1e6 / 540.0).abs() < 1e-9);
    let pulses = pulses(&mut device, &babble(RATE_HZ, 1.0, 65.0, 2));
    for (index, pair) in pulses.chunks_exact(2).enumerate() {
        let [basal, apical] = pair else { panic!("{pair:?}") };
        assert_eq!(basal.onset_ticks, apical.onset_ticks);
        assert_eq!(basal.electrode + 1, apical.electrode);
        assert_eq!(usize::from(basal.electrode), index % 15 + 1, "base to apex");
        assert_eq!(basal.onset_ticks, pulses[0].onset_ticks + index as u64 * 360);
        assert_eq!((basal.phase_ticks, basal.gap_ticks), (180, 0));
        let sum = f64::from(basal.current_level + apical.current_level);
        assert!(sum == 0.0 || (20.0..=200.0).contains(&sum), "{pair:?}");
    }
}

#[test]
fn steering_follows_the_strongest_frequency_in_nine_steps() {
    let mut device = processor(&f120(), RATE_HZ);
    // A wide band: every step is several Hz.
    let band = device.bands()[12];
    let basal = band.steered_to.expect("steering");
    let mut shares = Vec::new();
    for step in 0..=16 {
        let hz = band.low_hz + (band.high_hz - band.low_hz) * f64::from(step) / 16.0;
        let pulses = pulses(&mut device, &tone(RATE_HZ, 0.2, hz, 60.0));
        let last = pulses
            .chunks_exact(2)
            .rev()
            .find(|pair| pair[1].electrode == band.electrode && pair[0].current_level + pair[1].current_level > 0);
        let pair = last.expect("the band sounds");
        assert_eq!(pair[0].electrode, basal);
        let share = f64::from(pair[0].current_ua / (pair[0].current_ua + pair[1].current_ua));
        let wanted = (f64::from(step) / 2.0).round() / 8.0;
        assert!((share - wanted).abs() <= 0.13, "{hz} Hz: {share}, wanted {wanted}");
        shares.push((share * 8.0).round());
    }
    assert!(shares.is_sorted(), "{shares:?}");
    assert_eq!((shares[0], shares[16]), (0.0, 8.0));
}

#[test]
fn steering_beats_at_the_frequency_of_a_low_tone() {
    let mut device = processor(&f120(), RATE_HZ);
    for hz in [380.0, 440.0] {
        let channel = device.bands().iter().position(|band| (band.low_hz..band.high_hz).contains(&hz));
        let band = device.bands()[channel.expect("a band")];
        let pulses = pulses(&mut device, &tone(RATE_HZ, 1.2, hz, 60.0));
        let on: Vec<bool> = pulses
            .chunks_exact(2)
            .filter(|pair| pair[1].electrode == band.electrode && pair[0].onset_ticks >= 2_000_000)
            .map(|pair| pair[0].current_level + pair[1].current_level > 0)
            .collect();
        let onsets = on.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        let rate = onsets as f64 / (on.len() as f64 * 540e-6);
        assert!((rate - hz).abs() < 3.0, "{hz} Hz: {rate} a second");
    }
}

#[test]
fn fine_channels_fire_once_a_period_and_the_others_by_the_cycle() {
    let mut device = processor(&fs4(), RATE_HZ);
    // Eight channels in sixteen slots of 74.1 us: 1185.6 us, 24 samples of 50 us.
    assert_eq!(device.rate_pps(), 20_000.0 / 24.0);
    for hz in [150.0, 260.0, 400.0, 620.0] {
        let channel = device.bands().iter().position(|band| (band.low_hz..band.high_hz).contains(&hz)).expect("a band");
        assert!(channel < 4);
        let electrode = device.bands()[channel].electrode;
        let pulses = pulses(&mut device, &tone(RATE_HZ, 1.2, hz, 60.0));
        let onsets: Vec<u64> = pulses
            .iter()
            .filter(|pulse| pulse.electrode == electrode && pulse.onset_ticks > 2_000_000)
            .map(|pulse| pulse.onset_ticks)
            .collect();
        let secs = (onsets[onsets.len() - 1] - onsets[0]) as f64 * 1e-7;
        let rate = (onsets.len() - 1) as f64 / secs;
        assert!((rate - hz).abs() < 0.5, "{hz} Hz: {rate} pulses a second");
        // Each within the wait for a slot: 150 us to the next and a sample, or as much again behind another channel.
        for pair in onsets.windows(2) {
            let off = (pair[1] - pair[0]) as f64 - 1e7 / hz;
            assert!(off.abs() < 3600.0, "{hz} Hz: {off} ticks off the period");
        }
        for electrode in 1..=8 {
            let onsets: Vec<u64> =
                pulses.iter().filter(|pulse| pulse.electrode == electrode).map(|pulse| pulse.onset_ticks).collect();
            assert!(onsets.windows(2).all(|pair| pair[1] - pair[0] == 12_000), "electrode {electrode}");
        }
    }
}

#[test]
fn fine_structure_works_on_any_count_of_channels() {
    for channels in 1..=12 {
        for fine_channels in 1..=channels.min(4) {
            let mut implant = fs4();
            implant.processor.channels = Some(channels);
            implant.processor.strategy = Strategy::FineStructure { fine_channels };
            let mut device = processor(&implant, RATE_HZ);
            let pulses = pulses(&mut device, &babble(RATE_HZ, 0.5, 65.0, 6));
            for band in device.bands() {
                assert!(pulses.iter().any(|pulse| pulse.electrode == band.electrode), "{fine_channels} of {channels}");
            }
        }
    }
}
