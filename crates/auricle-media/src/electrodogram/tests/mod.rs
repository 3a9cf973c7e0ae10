//! Files of electrodograms: exact round trips, bytes by the formats' own descriptions, and files that are damaged.

mod damage;
mod research;
mod tables;

use std::path::{Path, PathBuf};

use auricle::implant::params::{Array, Carrier, Implant, Places, ProcessorParams, Sound, Strategy};
use auricle::implant::processor::current::CurrentScale;
use auricle::implant::pulse::{Mode, Pulse};

use super::{End, Format, Header, Provenance, create, open};
use crate::error::Result;

/// An implant in which nothing is as usual.
pub(super) fn implant() -> Implant {
    Implant {
        array: Array::ContourAdvance,
        insertion_angle_deg: Some(350.5),
        disabled: vec![3, 22],
        processor: ProcessorParams {
            strategy: Strategy::Ace { maxima: 7 },
            rate_pps: Some(720.0),
            phase_us: Some(25.0),
            gap_us: Some(7.1),
            channels: Some(20),
            t_levels: (0..22).map(|n| 90.0 + f64::from(n) / 3.0).collect(),
            c_levels: vec![201.5],
            volume: 0.8,
            sensitivity_db: -3.25,
        },
        spread_db_per_mm: 1.2,
        sound: Sound::Information { carrier: Carrier::Noise, places: Places::Matched },
        months_since_activation: 0.25,
        individual: 7,
        delay_ms: 9.5,
        on: true,
    }
}

pub(super) fn header() -> Header {
    Header {
        rate_pps: Some(718.390_804_597_7),
        provenance: Provenance {
            source: Some("a \"film\" = né.mp4".to_owned()),
            source_sha256: Some("ba78".to_owned()),
            source_rate_hz: Some(44_100),
            source_samples: Some(889_600),
            full_scale_db_spl: Some(100.5),
            listener: Some("preset:implant-ace".to_owned()),
            state: Some("one month".to_owned()),
            ear: Some("left".to_owned()),
            program: Some("auricle 0.1.0".to_owned()),
        },
        ..Header::of(&implant())
    }
}

/// Pulses as ACE has them, eight of 22 electrodes a frame, from base to apex, with levels that move.
pub(super) fn pulses(count: usize) -> Vec<Pulse> {
    (0..count as u64)
        .map(|n| {
            let (frame, slot) = (n / 8, n % 8);
            let level = (100 + (frame * 7 + slot * 13) % 101) as u16;
            Pulse {
                onset_ticks: 3 + frame * 11_520 + slot * 1440,
                electrode: (1 + slot * 2 + frame % 7) as u8,
                mode: [Mode::Mp1And2, Mode::Mp1, Mode::Mp2][(frame % 3) as usize],
                current_level: level,
                current_ua: CurrentScale::CIC4.current_ua(f64::from(level)) as f32,
                phase_ticks: 250,
                gap_ticks: 70,
            }
        })
        .collect()
}

/// Pulses as current steering has them: two neighbours at once, on samples of 18 us.
pub(super) fn steered(count: usize) -> Vec<Pulse> {
    (0..count as u64)
        .map(|n| {
            let (frame, slot, second) = (n / 30, n / 2 % 15, n % 2);
            let current_ua = 60.25 + (n * 37 % 500) as f32 / 8.0;
            Pulse {
                onset_ticks: 5400 * frame + 360 * slot,
                electrode: (1 + slot + second) as u8,
                mode: Mode::Mp1And2,
                // Of 3 microamperes each.
                current_level: (current_ua / 3.0).round() as u16,
                current_ua,
                phase_ticks: 180,
                gap_ticks: 0,
            }
        })
        .collect()
}

/// Writes pulses to a file as the program does, in pieces of awkward sizes.
pub(super) fn written(
    path: &Path,
    format: Format,
    header: &Header,
    pulses: &[Pulse],
    length: u64,
) -> Result<Vec<String>> {
    let mut writer = create(format, path, path, header)?;
    for part in pulses.chunks(997) {
        writer.write(part)?;
    }
    let source_samples = header.provenance.source_samples;
    writer.finish(End { length_ticks: length, source_samples })
}

/// All of a file.
pub(super) fn read(path: &Path) -> Result<(Header, Vec<Pulse>)> {
    let mut reader = open(path, None)?;
    let mut pulses = Vec::new();
    while reader.read(&mut pulses)? {}
    Ok((reader.header().clone(), pulses))
}

/// A folder, and a file in it.
pub(super) fn place(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}
