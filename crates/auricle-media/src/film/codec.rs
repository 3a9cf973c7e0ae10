//! Which containers there are for the output and which codecs they hold.

use std::path::Path;

use auricle::layout::{Channel, Layout};
use serde::Serialize;

use crate::channels;
use crate::error::{MediaError, Result};
use crate::tools::Tools;

/// The codec of the point-of-audition track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// AAC-LC at 128 kbit/s a channel (stereo 256).
    Aac,
    /// FLAC, 24 bit.
    Flac,
    /// Integer PCM, 24 bit.
    Pcm,
    /// Float PCM, 32 bit: peaks above full scale survive.
    PcmF32,
    /// Apple Lossless, 24 bit.
    Alac,
    /// Opus at 96 kbit/s a channel.
    Opus,
    /// Vorbis, quality 8 (about 256 kbit/s for stereo).
    Vorbis,
}

impl Codec {
    /// Every codec, by the name a user gives.
    pub const NAMED: [(&'static str, Self); 7] = [
        ("aac", Self::Aac),
        ("flac", Self::Flac),
        ("pcm", Self::Pcm),
        ("pcm_f32", Self::PcmF32),
        ("alac", Self::Alac),
        ("opus", Self::Opus),
        ("vorbis", Self::Vorbis),
    ];

    /// The name a user gives it.
    pub fn name(self) -> &'static str {
        Self::NAMED.iter().find(|n| n.1 == self).map_or("", |n| n.0)
    }

    /// Whether every sample comes back as it went in (integers: at 24 bits).
    pub fn is_lossless(self) -> bool {
        matches!(self, Self::Flac | Self::Pcm | Self::PcmF32 | Self::Alac)
    }

    /// Whether samples are stored as 24-bit integers.
    pub(crate) fn is_24_bit(self) -> bool {
        matches!(self, Self::Flac | Self::Pcm | Self::Alac)
    }

    /// ffmpeg's name of what is in the file, as ffprobe gives it.
    pub(crate) fn probed_name(self) -> &'static str {
        match self {
            Self::Aac => "aac",
            Self::Flac => "flac",
            Self::Pcm => "pcm_s24le",
            Self::PcmF32 => "pcm_f32le",
            Self::Alac => "alac",
            Self::Opus => "opus",
            Self::Vorbis => "vorbis",
        }
    }

    /// ffmpeg's encoder, and its options for a sound of `layout`.
    pub(crate) fn encoder(self, layout: &Layout) -> Vec<String> {
        let full_range = layout.0.iter().filter(|c| **c != Channel::Lfe).count();
        let own = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        match self {
            Self::Aac => own(&["-c:a:0", "aac", "-aac_pns:a:0", "0", "-b:a:0", &format!("{}k", 128 * full_range)]),
            Self::Flac => own(&["-c:a:0", "flac", "-sample_fmt:a:0", "s32", "-bits_per_raw_sample:a:0", "24"]),
            Self::Pcm => own(&["-c:a:0", "pcm_s24le"]),
            Self::PcmF32 => own(&["-c:a:0", "pcm_f32le"]),
            Self::Alac => own(&["-c:a:0", "alac", "-sample_fmt:a:0", "s32p", "-bits_per_raw_sample:a:0", "24"]),
            Self::Opus => own(&["-c:a:0", "libopus", "-b:a:0", &format!("{}k", 96 * full_range)]),
            Self::Vorbis => own(&["-c:a:0", "libvorbis", "-q:a:0", "8"]),
        }
    }

    /// The layout as it is written. Lossy codecs and ALAC know surrounds at the back only, and a
    /// decoder gives them back as such; channels and order stay.
    pub(crate) fn written_layout(self, layout: &Layout) -> Layout {
        let has_back = layout.0.iter().any(|c| matches!(c, Channel::BackLeft | Channel::BackRight));
        if has_back || matches!(self, Self::Flac | Self::Pcm | Self::PcmF32) {
            return layout.clone();
        }
        Layout(
            layout
                .0
                .iter()
                .map(|c| match c {
                    Channel::SideLeft => Channel::BackLeft,
                    Channel::SideRight => Channel::BackRight,
                    other => *other,
                })
                .collect(),
        )
    }

    /// The rate a sound of `sample_rate_hz` is stored at: its own where the codec has it, else the next higher one, so
    /// that nothing that is heard is lost.
    pub(crate) fn stored_rate_hz(self, sample_rate_hz: u32) -> u32 {
        let held: &[u32] = match self {
            // ISO/IEC 14496-3 table 1.18, but for 7350.
            Self::Aac => {
                &[8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000]
            }
            // RFC 6716 section 2.
            Self::Opus => &[8_000, 12_000, 16_000, 24_000, 48_000],
            _ => return sample_rate_hz,
        };
        held.iter().copied().find(|rate| *rate >= sample_rate_hz).unwrap_or(held[held.len() - 1])
    }

    /// Refuses what the codec cannot hold.
    pub(crate) fn check(self, sample_rate_hz: u32, layout: &Layout) -> Result<()> {
        let name = self.name();
        if self == Self::Aac && sample_rate_hz > 96_000 {
            return Err(MediaError::Usage(format!(
                "AAC holds at most 96000 samples per second, the film's sound has {sample_rate_hz}; \
                 choose --codec flac or pcm and a container that holds it (.mkv, .mov)"
            )));
        }
        let plain = [Layout::mono(), Layout::stereo(), Layout::surround_5_1()];
        if self == Self::Alac && !plain.iter().any(|l| self.written_layout(l) == self.written_layout(layout)) {
            return Err(MediaError::Usage(format!(
                "ALAC holds mono, stereo and 5.1, not {}; choose another --codec than {name}",
                channels::to_name(layout)
            )));
        }
        Ok(())
    }
}

/// The container of the output, by its file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FilmContainer {
    /// `.mp4`, `.m4v`
    Mp4,
    /// `.m4a`
    M4a,
    /// `.mov`
    Mov,
    /// `.mkv`
    Matroska,
    /// `.mka`
    Mka,
    /// `.webm`
    WebM,
}

impl FilmContainer {
    /// The container a file name asks for.
    ///
    /// # Errors
    /// The name's end is none of those there are.
    pub fn of(destination: &Path) -> Result<Self> {
        let extension = destination.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        Ok(match extension.as_deref() {
            Some("mp4" | "m4v") => Self::Mp4,
            Some("m4a") => Self::M4a,
            Some("mov") => Self::Mov,
            Some("mkv") => Self::Matroska,
            Some("mka") => Self::Mka,
            Some("webm") => Self::WebM,
            _ => {
                return Err(MediaError::Usage(format!(
                    "{}: cannot tell the kind of file; give a name that ends in .mp4, .m4v, .mov, .mkv or .webm \
                     (film), .m4a or .mka (a film's sound alone), or .wav or .flac (sound)",
                    destination.display()
                )));
            }
        })
    }

    /// A file of it, for messages.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Mp4 => "an MP4 file",
            Self::M4a => "an M4A file",
            Self::Mov => "a QuickTime file",
            Self::Matroska => "a Matroska file",
            Self::Mka => "a Matroska file for sound alone (.mka)",
            Self::WebM => "a WebM file",
        }
    }

    /// ffmpeg's name of its writer.
    pub(crate) fn muxer(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::M4a => "ipod",
            Self::Mov => "mov",
            Self::Matroska | Self::Mka => "matroska",
            Self::WebM => "webm",
        }
    }

    /// Whether it is one of MP4's family, whose timecode and chapters are tracks made by the writer.
    pub(crate) fn is_mp4_family(self) -> bool {
        matches!(self, Self::Mp4 | Self::M4a | Self::Mov)
    }

    /// Whether it is one of Matroska's, whose clock counts milliseconds and hides nothing.
    pub(crate) fn is_matroska_family(self) -> bool {
        matches!(self, Self::Matroska | Self::Mka | Self::WebM)
    }

    /// Whether it is for sound alone, so that a film's picture stays behind.
    pub(crate) fn is_for_sound(self) -> bool {
        matches!(self, Self::M4a | Self::Mka)
    }

    /// What it can hold of the codecs for the point-of-audition track, the usual one first.
    pub fn codecs(self) -> &'static [Codec] {
        match self {
            Self::Mp4 => &[Codec::Aac, Codec::Alac, Codec::Flac, Codec::Opus],
            Self::M4a => &[Codec::Aac, Codec::Alac],
            Self::Mov => &[Codec::Pcm, Codec::PcmF32, Codec::Aac, Codec::Alac],
            Self::Matroska | Self::Mka => {
                &[Codec::Flac, Codec::Pcm, Codec::PcmF32, Codec::Alac, Codec::Opus, Codec::Vorbis]
            }
            Self::WebM => &[Codec::Opus, Codec::Vorbis],
        }
    }

    /// Chooses the codec: the user's, or the usual one for this container and rate.
    ///
    /// WebM takes Opus where Opus has the rate, and Vorbis where it would have to resample.
    ///
    /// # Errors
    /// The container cannot hold the codec, the codec the sound, or ffmpeg was built without it.
    pub(crate) fn choose(
        self,
        tools: &Tools,
        asked: Option<Codec>,
        sample_rate_hz: u32,
        layout: &Layout,
    ) -> Result<Codec> {
        let codec = match asked {
            // Its padding is counted in samples, and Matroska's clock in milliseconds: at 44.1 kHz it always
            // comes back 10 samples off.
            Some(Codec::Aac) if self.is_matroska_family() && self != Self::WebM => {
                return Err(MediaError::Usage(
                    "--codec aac: Matroska cannot place AAC on the sample; write .mp4, or choose flac, pcm or opus"
                        .into(),
                ));
            }
            Some(codec) if !self.codecs().contains(&codec) => {
                let held = self.codecs().iter().map(|c| c.name()).collect::<Vec<_>>().join(", ");
                return Err(MediaError::Usage(format!(
                    "{} cannot hold {} that players would read; it can hold: {held}",
                    self.described(),
                    codec.name()
                )));
            }
            Some(codec) => codec,
            None if self == Self::WebM && ![8_000, 12_000, 16_000, 24_000, 48_000].contains(&sample_rate_hz) => {
                Codec::Vorbis
            }
            None => self.codecs()[0],
        };
        codec.check(sample_rate_hz, layout)?;
        let encoder = match codec {
            Codec::Opus => "libopus",
            Codec::Vorbis => "libvorbis",
            _ => return Ok(codec),
        };
        if tools.encoders(&[encoder])?.is_empty() {
            let message = format!("was built without {encoder}; install a full build, or write .mkv with --codec flac");
            return Err(MediaError::Tool { program: "ffmpeg", message });
        }
        Ok(codec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_a_codec_does_not_have_becomes_the_next_higher_one() {
        for (codec, from, to) in [
            (Codec::Aac, 37_800, 44_100),
            (Codec::Aac, 44_056, 44_100),
            (Codec::Aac, 47_952, 48_000),
            (Codec::Aac, 8_001, 11_025),
            (Codec::Aac, 44_100, 44_100),
            (Codec::Opus, 44_100, 48_000),
            (Codec::Opus, 96_000, 48_000),
            (Codec::Flac, 37_800, 37_800),
        ] {
            assert_eq!(codec.stored_rate_hz(from), to, "{codec:?} {from}");
        }
    }
}
