//! What the tests stand on: the program as a user runs it, and sounds and films made on the spot.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program under test.
pub(crate) const AURICLE: &str = env!("CARGO_BIN_EXE_auricle");

/// A folder of a test's own, removed with it.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

/// How a command of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// Asserts success.
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Asserts this exit code and that the message has each of `words` in it.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in stderr:\n{}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

impl Desk {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("auricle test ").tempdir().unwrap() }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The path of `name` in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a text file.
    pub(crate) fn text(&self, name: &str, text: &str) -> PathBuf {
        self.bytes(name, text.as_bytes())
    }

    /// Writes a file.
    pub(crate) fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program with `args`, run in the folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(AURICLE);
        command.current_dir(self.folder()).args(args);
        command
    }

    /// Runs the program with `args` in the folder.
    pub(crate) fn auricle(&self, args: &[&str]) -> Ended {
        self.command(args).output().unwrap().into()
    }

    /// Makes a file with ffmpeg; `args` as on its command line, the output last.
    #[track_caller]
    pub(crate) fn ffmpeg(&self, args: &[&str]) {
        let output = Command::new("ffmpeg")
            .current_dir(self.folder())
            .args(["-nostdin", "-v", "error", "-y"])
            .args(args)
            .output()
            .expect("these tests need ffmpeg: apt-get install ffmpeg");
        assert!(output.status.success(), "ffmpeg {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Makes a film with these streams, in this order, and encoded as `words` say, which are split at spaces.
    ///
    /// A stream is a source of ffmpeg's own ("sine=f=440:d=4") or a file of the folder, and may have options
    /// before it: "-itsoffset 0.5 sine=f=440:d=4".
    #[track_caller]
    pub(crate) fn film(&self, streams: &[&str], words: &str, name: &str) {
        let mut args = Vec::new();
        for stream in streams {
            let (options, source) = stream.rsplit_once(' ').unwrap_or(("", stream));
            args.extend(options.split_whitespace());
            // A file's name in these tests has no equals sign, and every source has.
            args.extend(if source.contains('=') { &["-f", "lavfi"][..] } else { &[] });
            args.extend(["-i", source]);
        }
        // A file of metadata has no stream to map.
        let maps: Vec<String> = (0..streams.len()).map(|number| format!("{number}?")).collect();
        args.extend(maps.iter().flat_map(|map| ["-map", map.as_str()]));
        args.extend(words.split_whitespace());
        args.push(name);
        self.ffmpeg(&args);
    }

    /// What ffprobe says of `name`, for the entries asked for, without decoration.
    #[track_caller]
    pub(crate) fn ffprobe(&self, name: &str, args: &[&str]) -> String {
        let output = Command::new("ffprobe")
            .current_dir(self.folder())
            .args(["-v", "error", "-of", "compact=p=0"])
            .args(args)
            .arg(format!("file:{name}"))
            .output()
            .expect("these tests need ffprobe: apt-get install ffmpeg");
        assert!(output.status.success(), "ffprobe {name}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The names of all files in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// A WAV file of noise, stereo at 48 kHz, 16-bit, with a peak of 0.25.
    pub(crate) fn noise(&self, name: &str, secs: f64) -> PathBuf {
        self.bytes(name, &wav(48_000, 2, Pcm::Int16, &noise(2, (secs * 48_000.0) as usize, 1)))
    }
}

/// How a test's WAV file stores its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pcm {
    /// 16-bit integers.
    Int16,
    /// 24-bit integers.
    Int24,
    /// 32-bit float.
    Float32,
}

/// A RIFF/WAVE file of `samples`, `[channel][sample]` interleaved, as its specification describes it
/// (Microsoft "Multiple channel audio data and WAVE files" for the plain form).
pub(crate) fn wav(sample_rate_hz: u32, channels: u16, pcm: Pcm, samples: &[f32]) -> Vec<u8> {
    let (tag, bytes_per_sample) = match pcm {
        Pcm::Int16 => (1_u16, 2_u16),
        Pcm::Int24 => (1, 3),
        Pcm::Float32 => (3, 4),
    };
    let data_bytes = samples.len() as u32 * u32::from(bytes_per_sample);
    let mut file = Vec::with_capacity(44 + data_bytes as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + data_bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    file.extend_from_slice(&tag.to_le_bytes());
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&sample_rate_hz.to_le_bytes());
    file.extend_from_slice(&(sample_rate_hz * u32::from(channels * bytes_per_sample)).to_le_bytes());
    file.extend_from_slice(&(channels * bytes_per_sample).to_le_bytes());
    file.extend_from_slice(&(bytes_per_sample * 8).to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&data_bytes.to_le_bytes());
    for sample in samples {
        match pcm {
            Pcm::Int16 => file.extend_from_slice(&((sample * 32_768.0) as i16).to_le_bytes()),
            Pcm::Int24 => file.extend_from_slice(&((sample * 8_388_608.0) as i32).to_le_bytes()[..3]),
            Pcm::Float32 => file.extend_from_slice(&sample.to_le_bytes()),
        }
    }
    file
}

/// The samples of a WAV or RF64 file, interleaved: `(rate in Hz, channels, samples)`.
pub(crate) fn read_wav(path: &Path) -> (u32, u16, Vec<f32>) {
    let file = std::fs::read(path).unwrap();
    let u16_at = |at: usize| u16::from_le_bytes([file[at], file[at + 1]]);
    let u32_at = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
    assert_eq!(&file[8..12], b"WAVE", "{}", path.display());
    let mut at = 12;
    let mut format = None;
    loop {
        let (id, size) = (&file[at..at + 4], u32_at(at + 4) as usize);
        if id == b"fmt " {
            let tag = u16_at(at + 8);
            let tag = if tag == 0xfffe { u16_at(at + 8 + 24) } else { tag };
            format = Some((tag, u16_at(at + 10), u32_at(at + 12), u16_at(at + 22)));
        }
        if id == b"data" {
            let (tag, channels, sample_rate_hz, bits) = format.expect("fmt before data");
            let data = &file[at + 8..at + 8 + size];
            let samples = match (tag, bits) {
                (1, 16) => {
                    data.chunks_exact(2).map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0).collect()
                }
                (1, 24) => data
                    .chunks_exact(3)
                    .map(|b| (i32::from_le_bytes([0, b[0], b[1], b[2]]) >> 8) as f32 / 8_388_608.0)
                    .collect(),
                (3, 32) => data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
                other => panic!("{}: format {other:?}", path.display()),
            };
            return (sample_rate_hz, channels, samples);
        }
        at += 8 + size + size % 2;
    }
}

/// Numbers that look random and are the same each time (splitmix64; Steele, Lea, Flood 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// The next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// White noise with a peak of 0.25, interleaved.
pub(crate) fn noise(channels: usize, samples: usize, seed: u64) -> Vec<f32> {
    let mut dice = Dice(seed);
    // On the 16-bit grid, so that every format of these tests holds it exactly.
    (0..channels * samples).map(|_| ((dice.roll() >> 50) as f32 - 8192.0) / 32_768.0).collect()
}
