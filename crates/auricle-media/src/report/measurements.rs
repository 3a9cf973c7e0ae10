//! What the [`Recorder`](super::Recorder) hands back: plain numbers, serialisable.

use serde::Serialize;

use crate::electrodogram::Ear;

/// Everything that was measured while a render ran.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurements {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Samples per channel that were pushed.
    pub length_samples: u64,
    /// Peaks along time of the mix that reaches the ears.
    pub waveform: Waveform,
    /// Levels by time and frequency of the mix that reaches each ear.
    pub spectrogram: Spectrogram,
    /// What happened within each cue, in the order of the spans.
    pub spans: Vec<SpanLevels>,
    /// What the implants were sent, an entry for each implanted ear that was inside with its processor on.
    pub stimulation: Vec<Stimulation>,
    /// Loudness and peaks of the source.
    pub before: SideLevels,
    /// Loudness and peaks of the render.
    pub after: SideLevels,
}

/// Peaks along time, both ears together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waveform {
    /// Samples for which one column stands (the last may stand for fewer).
    pub column_samples: u64,
    /// Source, `[column]`.
    pub before: Vec<Peak>,
    /// Render, `[column]`.
    pub after: Vec<Peak>,
}

/// One column of a waveform; full scale is 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Peak {
    /// Lowest sample of either ear.
    pub min: f32,
    /// Highest sample of either ear.
    pub max: f32,
    /// Root of the mean square over both ears.
    pub rms: f32,
}

/// Mean power by time and frequency.
///
/// All levels are dB FS with an RMS of 1.0 at 0 dB (a full-scale sine reads -3 dB), in bands of
/// equal width on the ERB-number scale; silence is [`Spectrogram::FLOOR_DB_FS`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spectrogram {
    /// Samples for which one column stands.
    pub column_samples: u64,
    /// Centre of each band, ascending, Hz.
    pub centres_hz: Vec<f32>,
    /// Source, `[ear][column][band]`, left ear first.
    pub before_db_fs: [Vec<Vec<f32>>; 2],
    /// Render, `[ear][column][band]`.
    pub after_db_fs: [Vec<Vec<f32>>; 2],
}

impl Spectrogram {
    /// Stands for silence, and for everything below.
    pub const FLOOR_DB_FS: f32 = -140.0;
}

/// Currents that an implant was sent while one was inside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stimulation {
    /// Whose implant.
    pub listener: String,
    /// On which side.
    pub ear: Ear,
    /// Electrodes of the array.
    pub electrodes: u8,
    /// Samples for which one column stands.
    pub column_samples: u64,
    /// Mean current of the pulses, microamperes, `[column][electrode]`, electrodes from the base; 0 where none fired. A column in
    /// which no processor ran is empty; after the last in which one did there are none.
    pub current_ua: Vec<Vec<f32>>,
    /// Lowest and highest current that flowed, microamperes.
    pub range_ua: Option<(f32, f32)>,
    /// Pulses in all.
    pub pulses: u64,
}

/// Octave bands of [`SpanLevels`]: nominal centres, Hz.
pub const OCTAVES_HZ: [f64; 9] = [63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0];

/// Levels within one cue while wholly inside and no other listener's cue lies over it, source against render.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpanLevels {
    /// Frames (of 85 ms) that were averaged; 0: what is heard of the cue was too short to measure.
    pub frames: u64,
    /// Source, `[ear][octave]`, dB FS RMS; [`Spectrogram::FLOOR_DB_FS`] for silence.
    pub before_db_fs: [[f32; OCTAVES_HZ.len()]; 2],
    /// Render, `[ear][octave]`.
    pub after_db_fs: [[f32; OCTAVES_HZ.len()]; 2],
}

/// Loudness and peaks of one side, the source or the render.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SideLevels {
    /// From the first sample to the last, fades included.
    pub whole: SectionLevels,
    /// Only what is wholly outside.
    pub outside: SectionLevels,
    /// Only what is wholly inside: fades in and out are in neither `outside` nor `inside`.
    pub inside: SectionLevels,
    /// Samples (of any channel) beyond full scale.
    pub over_samples: u64,
    /// Where the highest sample of all lies, samples from the start.
    pub highest_at_samples: u64,
    /// Samples that were NaN or infinite, measured as 0.
    pub non_finite_samples: u64,
    /// Where the first of them was.
    pub non_finite_first_samples: Option<u64>,
}

/// Loudness and peaks of a section. `None`: silent, or too short to measure.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct SectionLevels {
    /// Length of the section, samples.
    pub length_samples: u64,
    /// Blocks of 400 ms that lie wholly within the section; 0: too short to measure loudness.
    pub loudness_blocks: u64,
    /// Integrated loudness (EBU R 128, ITU-R BS.1770 gating over the section's own blocks), LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range (EBU Tech 3342), LU.
    pub range_lu: Option<f64>,
    /// Highest momentary loudness (400 ms), LUFS.
    pub momentary_max_lufs: Option<f64>,
    /// Highest true peak of any channel, dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// Highest sample of any channel, dB FS (full scale at 0 dB).
    pub sample_peak_db_fs: Option<f64>,
}
