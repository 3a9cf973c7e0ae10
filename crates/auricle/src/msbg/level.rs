//! Step 0: the level that pyclarity gives a sound before anything else.
//!
//! The mean level of all channels is moved to where the gated level of the first channel is: pauses count
//! in one and not in the other, so that silence appended to a file changes the level of all of it.

use super::MsbgError;

/// Length of a frame of the gate: 10 ms.
pub(super) const FRAME_SAMPLES: usize = 441;
/// Frames this far below the channel's mean power do not count, dB.
const GATE_BELOW_MEAN_DB: f64 = 12.0;
/// Nor do frames below this, dB FS.
const GATE_DB_FS: f64 = -80.0;
/// By how much a frame's power may fall short of either.
const GATE_TOLERANCE: f64 = 0.999;

fn mean_square(samples: &[f64]) -> f64 {
    samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64
}

/// Amplitude that `channels`, `[channel][sample]`, are multiplied by.
///
/// # Errors
/// [`MsbgError::TooQuiet`] where no frame of the first channel counts.
pub(super) fn gain(channels: &[&[f64]]) -> Result<f64, MsbgError> {
    let all = channels.iter().map(|channel| mean_square(channel)).sum::<f64>() / channels.len() as f64;
    let first = mean_square(channels[0]);
    let power = |db: f64| libm::pow(10.0, db / 10.0);
    let gate = GATE_TOLERANCE * (first * power(-GATE_BELOW_MEAN_DB)).max(power(GATE_DB_FS));
    let frames = channels[0].chunks_exact(FRAME_SAMPLES).map(mean_square).filter(|frame| *frame >= gate);
    let (count, sum) = frames.fold((0, 0.0), |(count, sum), frame| (count + 1, sum + frame));
    if count == 0 {
        return Err(MsbgError::TooQuiet { db_fs: 10.0 * libm::log10(first) });
    }
    Ok(libm::sqrt(all * f64::from(count) / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_sound_keeps_its_level_and_pauses_lower_it() {
        let steady: Vec<f64> = (0..4410).map(|n| if n % 2 == 0 { 0.1 } else { -0.1 }).collect();
        assert!((gain(&[&steady]).unwrap() - 1.0).abs() < 1e-12);
        let mut paused = steady.clone();
        paused.resize(3 * 4410, 0.0);
        assert!((gain(&[&paused]).unwrap() - (1.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!(gain(&[&steady, &paused]).unwrap() < 1.0);
    }

    /// pyclarity 0.9.0 counts frames down to 0.0043451 dB below its gate: 10 lg 0.999.
    #[test]
    fn the_gate_has_a_tolerance() {
        for (below_db, counts) in [(0.0044, false), (0.0043, true)] {
            // The loud frames alone decide the mean: m = (99 + p) / 100, and the gate is m / 10^1.2.
            let at_gate = 99.0 / (100.0 * 10.0_f64.powf(1.2) - 1.0);
            let soft = (at_gate * 10.0_f64.powf(-below_db / 10.0)).sqrt();
            let mut sound = vec![1.0; 99 * FRAME_SAMPLES];
            sound.resize(100 * FRAME_SAMPLES, soft);
            let counted = if counts { 1.0 } else { (99.0 + soft * soft) / 100.0 };
            assert!((gain(&[&sound]).unwrap() - counted.sqrt()).abs() < 1e-9, "{below_db}");
        }
    }

    #[test]
    fn what_is_below_the_gate_has_no_level() {
        let quiet = vec![0.999e-4; 4410];
        assert!(matches!(gain(&[&quiet]), Err(MsbgError::TooQuiet { db_fs }) if (db_fs + 80.0).abs() < 0.1));
        assert!(gain(&[&vec![1.001e-4; 4410]]).is_ok());
        assert!(matches!(gain(&[&vec![0.0; 4410]]), Err(MsbgError::TooQuiet { db_fs }) if db_fs == f64::NEG_INFINITY));
        assert!(gain(&[&vec![0.5; 440]]).is_err());
    }
}
