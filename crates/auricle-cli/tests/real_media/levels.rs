//! Levels and offsets, measured without the model's own code.

use realfft::RealFftPlanner;

use crate::run::{CUES, RECRUITING_DB_HL, WALL_DB_HL, section};

/// RMS in dB FS; -400 for silence.
pub(crate) fn rms_db_fs(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|x| f64::from(*x).powi(2)).sum();
    (10.0 * (sum / samples.len().max(1) as f64).log10()).max(-400.0)
}

/// By how many samples `b` lags `a`, within 2048, by the largest correlation over at most a second.
pub(crate) fn offset_samples(a: &[f32], b: &[f32]) -> i64 {
    const REACH: usize = 2048;
    let length = a.len().min(b.len()).min(48_000 + 2 * REACH);
    assert!(length > 3 * REACH, "too short to tell an offset: {length} samples");
    let still = &a[REACH..length - REACH];
    let likeness = |start: usize| -> f64 { still.iter().zip(&b[start..]).map(|(x, y)| f64::from(x * y)).sum() };
    let best = (0..=2 * REACH).max_by(|m, n| likeness(*m).total_cmp(&likeness(*n))).unwrap_or(0);
    best as i64 - REACH as i64
}

/// Centres of the third-octave bands that are compared, in Hz.
const CENTRES_HZ: [f64; 6] = [250.0, 500.0, 1000.0, 2000.0, 3150.0, 4000.0];

/// Powers of each third-octave band of [`CENTRES_HZ`] in frames of 43 ms after a gain by frequency, dB,
/// `[frame][band]`; a sine of RMS 1 has 1.
fn third_octaves(samples: &[f32], rate_hz: f64, gain_db: impl Fn(f64) -> f64) -> Vec<[f64; CENTRES_HZ.len()]> {
    let length = (rate_hz * 0.043) as usize;
    let fft = RealFftPlanner::<f64>::new().plan_fft_forward(length);
    let window: Vec<f64> =
        (0..length).map(|n| 0.5 - 0.5 * (std::f64::consts::TAU * (n as f64 + 0.5) / length as f64).cos()).collect();
    // Mean square of the window times the transform's length squared, over both halves of the spectrum.
    let scale = 2.0 / (0.375 * (length as f64).powi(2));
    let gains: Vec<f64> =
        (0..=length / 2).map(|bin| 10.0_f64.powf(gain_db(bin as f64 * rate_hz / length as f64) / 10.0)).collect();
    let (mut input, mut spectrum) = (fft.make_input_vec(), fft.make_output_vec());
    let mut frames = Vec::new();
    let mut at = 0;
    while at + length <= samples.len() {
        for ((x, sample), w) in input.iter_mut().zip(&samples[at..]).zip(&window) {
            *x = f64::from(*sample) * w;
        }
        fft.process(&mut input, &mut spectrum).expect("lengths that the plan gave");
        frames.push(CENTRES_HZ.map(|centre_hz| {
            let bin = |hz: f64| (hz * length as f64 / rate_hz).round() as usize;
            let (from, to) = (bin(centre_hz * 2.0_f64.powf(-1.0 / 6.0)), bin(centre_hz * 2.0_f64.powf(1.0 / 6.0)));
            let power = |bin: usize| spectrum[bin].norm_sqr() * gains[bin];
            (from..=to.max(from)).map(power).sum::<f64>() * scale
        }));
        at += length / 2;
    }
    frames
}

/// Mean power of one band over frames, in dB.
fn mean_db(frames: &[[f64; CENTRES_HZ.len()]], band: usize) -> f64 {
    10.0 * (frames.iter().map(|frame| frame[band]).sum::<f64>() / frames.len() as f64).log10()
}

/// Interpolated in the logarithm of frequency, flat beyond the ends.
fn interpolated(points: &[(f64, f64)], hz: f64) -> f64 {
    let (first, last) = (points[0], points[points.len() - 1]);
    if hz <= first.0 {
        return first.1;
    }
    for pair in points.windows(2) {
        let [(from_hz, from), (to_hz, to)] = [pair[0], pair[1]];
        if hz <= to_hz {
            return from + (to - from) * (hz / from_hz).ln() / (to_hz / from_hz).ln();
        }
    }
    last.1
}

/// 0 dB HL in free field, ISO 389-7:2005, table 1, dB SPL by Hz.
const FREE_FIELD_DB_SPL: [(f64, f64); 6] =
    [(250.0, 11.4), (500.0, 4.4), (1000.0, 2.4), (2000.0, -1.3), (3000.0, -5.8), (4000.0, -5.4)];

/// What a digital RMS of 1.0 stands for, dB SPL: the program's default.
const FULL_SCALE_DB_SPL: f64 = 100.0;

/// A linear loss is met within this, dB.
const WALL_TOLERANCE_DB: (f64, f64) = (-1.0, 1.0);

/// A law over short-time levels, which two measurements cut into time and frequency differently: how far
/// below and above it a level may come out, dB. Above is more, because sound fluctuates within what an ear
/// averages over, and expansion makes its peaks count: at 60 dB HL noise comes out 5 to 7 dB above the law
/// for tones.
const LAW_TOLERANCE_DB: (f64, f64) = (-5.0, 9.0);

/// Bands below this are left out: their sound is other bands' skirts, dB FS.
const FAINT_DB_FS: f64 = -75.0;

/// Power that a threshold leaves of a short-time band power: the law of Moore and Glasberg (1993) with full
/// recovery at 105 dB HL, applied frame by frame.
fn recruited(power: f64, centre_hz: f64) -> f64 {
    const RECOVERY_DB_HL: f64 = 105.0;
    let threshold = interpolated(&RECRUITING_DB_HL, centre_hz);
    let growth = RECOVERY_DB_HL / (RECOVERY_DB_HL - threshold);
    let level_db_hl = 10.0 * power.max(1e-20).log10() + FULL_SCALE_DB_SPL - interpolated(&FREE_FIELD_DB_SPL, centre_hz);
    let gain_db = ((growth - 1.0) * (level_db_hl - RECOVERY_DB_HL).min(0.0)).max(-(threshold + 20.0));
    power * 10.0_f64.powf(gain_db / 10.0)
}

/// Compares both cues with what their audiograms say, in every channel and band that has sound.
pub(crate) fn check_inside(before: &[Vec<f32>], after: &[Vec<f32>], rate_hz: f64, samples: usize) {
    let mut compared = 0;
    let channels = before.len();
    for (channel, (before, after)) in before.iter().zip(after).enumerate() {
        for (which, (from, to)) in CUES.into_iter().enumerate() {
            let range = section(samples, from, to, rate_hz);
            let range = range.start..range.end.min(before.len()).min(after.len());
            let old = third_octaves(&before[range.clone()], rate_hz, |_| 0.0);
            let behind_wall = third_octaves(&before[range.clone()], rate_hz, |hz| -interpolated(&WALL_DB_HL, hz));
            let new = third_octaves(&after[range], rate_hz, |_| 0.0);
            // Recruitment reacts to all that reaches an ear: it can be foretold where that is one channel.
            if which == 1 && channels > 2 {
                continue;
            }
            for (band, centre_hz) in CENTRES_HZ.into_iter().enumerate() {
                if mean_db(&old, band) < FAINT_DB_FS {
                    continue;
                }
                let (expected_db, (least_db, most_db)) = if which == 0 {
                    (mean_db(&behind_wall, band), WALL_TOLERANCE_DB)
                } else {
                    let recruited: f64 = old.iter().map(|frame| recruited(frame[band], centre_hz)).sum();
                    (10.0 * (recruited / old.len() as f64).log10(), LAW_TOLERANCE_DB)
                };
                // What nobody hears counts as one level: 0 dB HL.
                let inaudible_db = interpolated(&FREE_FIELD_DB_SPL, centre_hz) - FULL_SCALE_DB_SPL;
                let off_db = mean_db(&new, band).max(inaudible_db) - expected_db.max(inaudible_db);
                compared += 1;
                assert!(
                    (least_db..=most_db).contains(&off_db),
                    "cue {which}, channel {channel}, {centre_hz} Hz: {:.1} dB FS became {:.1}, {off_db:+.1} dB off",
                    mean_db(&old, band),
                    mean_db(&new, band)
                );
            }
        }
    }
    assert!(compared > 0, "no band had enough sound to compare");
}
