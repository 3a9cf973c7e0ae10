//! Does a job: sound or a file in, pulses to everything that was asked for.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use auricle::implant::params::Implant;
use auricle::implant::processor::Processor;
use auricle::implant::pulse::{Pulse, TICKS_PER_SEC};
use auricle::layout::{Layout, Reach};
use auricle::level::Calibration;

use super::device::{self, Device, calibration, strategy_name};
use super::header::contacts;
use super::job::{Ear, ElectrodeSummary, ElectrodogramJob, ElectrodogramSummary, Input, WrittenFile};
use super::sound::{Kind, SoundSink, USUAL_RATE_HZ};
use super::{ElectrodogramPicture, End, Format, Header, PictureText, Provenance, PulseWriter, create, open};
use crate::atomic::PendingOutput;
use crate::audio::AudioReader;
use crate::decode::open_audio;
use crate::error::{MediaError, Result};
use crate::hash::sha256_file;
use crate::render::{Progress, Stage};

/// Samples of the sound taken at once.
const BLOCK_SAMPLES: usize = 8192;

/// Does `job`; `progress` is told how far it is, `cancel` calls it off. Nothing appears before all of it is whole.
///
/// # Errors
/// [`MediaError::Usage`] where the job asks for what cannot be; [`MediaError::Faults`] and [`MediaError::Broken`] of files
/// that are read; what reading and writing run into.
pub fn make(
    job: &ElectrodogramJob,
    progress: &mut dyn FnMut(Progress),
    cancel: &AtomicBool,
) -> Result<ElectrodogramSummary> {
    let device = Device::of(job)?;
    let outputs = Outputs::create(job)?;
    let teller = Teller { progress, cancel, began: Instant::now() };
    match &job.input {
        Input::Sound { path, track } => from_sound(job, (path, *track), device, outputs, teller),
        Input::Pulses(path) => from_pulses(job, path, device, outputs, teller),
    }
}

/// Tells how far it is, and hears whether to go on.
struct Teller<'a> {
    progress: &'a mut dyn FnMut(Progress),
    cancel: &'a AtomicBool,
    began: Instant,
}

impl Teller<'_> {
    fn tell(&mut self, done_ticks: u64, total_ticks: Option<u64>) -> Result<()> {
        let [done_secs, total_secs] = [Some(done_ticks), total_ticks].map(|ticks| ticks.map(secs));
        let done_secs = done_secs.unwrap_or(0.0);
        let speed = self.speed(done_secs);
        let left_secs = total_secs.filter(|_| speed > 0.0).map(|total| (total - done_secs).max(0.0) / speed);
        (self.progress)(Progress { stage: Stage::Rendering, done_secs, total_secs, speed, left_secs });
        if self.cancel.load(Ordering::Relaxed) { Err(MediaError::Cancelled) } else { Ok(()) }
    }

    fn speed(&self, done_secs: f64) -> f64 {
        done_secs / self.began.elapsed().as_secs_f64().max(1e-9)
    }
}

fn secs(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SEC as f64
}

/// Ticks of so many samples, rounded up.
fn ticks(samples: u64, sample_rate_hz: u32) -> u64 {
    (u128::from(samples) * u128::from(TICKS_PER_SEC)).div_ceil(u128::from(sample_rate_hz.max(1))) as u64
}

/// The files of a job, none of them in place yet.
struct Outputs {
    tables: Vec<(Format, &'static str, PendingOutput)>,
    picture: Option<PendingOutput>,
    sound: Option<(Kind, PendingOutput)>,
}

impl Outputs {
    /// Makes sure that every output can be written, before any work is done.
    fn create(job: &ElectrodogramJob) -> Result<Self> {
        let listener = job.listener.as_ref().map(Path::new);
        let inputs: Vec<&Path> = [job.input.path().as_path()].into_iter().chain(listener).collect();
        let mut names: Vec<&Path> = Vec::new();
        let mut tables = Vec::new();
        let wanted = job.output.iter().map(|path| (Format::of_table(path), "electrodogram", path));
        let wanted = wanted.chain(job.exports.iter().map(|path| (Format::of_export(path), "export", path)));
        let wanted: Vec<_> = wanted.collect();
        let sound = job.sound.as_deref().map(|path| Ok::<_, MediaError>((Kind::of(path)?, path))).transpose()?;
        for path in
            wanted.iter().map(|(_, _, path)| path.as_path()).chain(job.picture.as_deref()).chain(job.sound.as_deref())
        {
            if names.contains(&path) {
                return Err(MediaError::Usage(format!(
                    "{}: is to be written twice; give every output a name of its own",
                    path.display()
                )));
            }
            names.push(path);
        }
        let pending = |path: &Path| PendingOutput::create(path, &inputs, job.force);
        for (format, role, path) in wanted {
            tables.push((format?, role, pending(path)?));
        }
        let sound = sound.map(|(kind, path)| Ok::<_, MediaError>((kind, pending(path)?))).transpose()?;
        Ok(Self { tables, picture: job.picture.as_deref().map(pending).transpose()?, sound })
    }

    /// Puts all of them in place.
    fn commit(self) -> Result<Vec<WrittenFile>> {
        let tables = self.tables.into_iter().map(|(_, role, pending)| (role, pending));
        let sound = self.sound.map(|(_, pending)| ("sound", pending));
        let mut files = Vec::new();
        for (role, pending) in tables.chain(self.picture.map(|pending| ("picture", pending))).chain(sound) {
            files.push(WrittenFile { role, path: pending.destination().to_owned() });
            pending.commit()?;
        }
        Ok(files)
    }
}

/// Everything that pulses go to.
struct Sinks {
    writers: Vec<Box<dyn PulseWriter>>,
    picture: Option<ElectrodogramPicture>,
    sound: Option<SoundSink>,
    electrodes: Vec<ElectrodeSummary>,
    /// When the last of all pulses has ended, in ticks.
    ends_ticks: u64,
}

impl Sinks {
    fn new(outputs: &Outputs, header: &Header, length_ticks: Option<u64>, sound: Option<SoundSink>) -> Result<Self> {
        let begin = |(format, _, pending): &(Format, _, PendingOutput)| {
            create(*format, pending.path(), pending.destination(), header)
        };
        let electrode = |electrode: u8| {
            let level = |levels: &[f64]| levels.get(usize::from(electrode) - 1).or(levels.first()).copied();
            let map = header.implant.as_ref().map(|implant| &implant.processor);
            ElectrodeSummary {
                electrode,
                pulses: 0,
                idle: 0,
                lowest_ua: None,
                highest_ua: None,
                t_level: map.and_then(|map| level(&map.t_levels)),
                c_level: map.and_then(|map| level(&map.c_levels)),
            }
        };
        Ok(Self {
            writers: outputs.tables.iter().map(begin).collect::<Result<_>>()?,
            picture: outputs.picture.as_ref().map(|_| ElectrodogramPicture::new(header.electrodes, length_ticks)),
            sound,
            electrodes: (1..=header.electrodes).map(electrode).collect(),
            ends_ticks: 0,
        })
    }

    fn take(&mut self, pulses: &[Pulse]) -> Result<()> {
        for writer in &mut self.writers {
            writer.write(pulses)?;
        }
        for pulse in pulses {
            self.ends_ticks = self.ends_ticks.max(pulse.onset_ticks + pulse.duration_ticks());
            if let Some(picture) = &mut self.picture {
                picture.pulse(pulse);
            }
            if let Some(electrode) = self.electrodes.get_mut(usize::from(pulse.electrode).wrapping_sub(1)) {
                let ua = pulse.current_ua;
                if ua == 0.0 {
                    electrode.idle += 1;
                    continue;
                }
                electrode.pulses += 1;
                electrode.lowest_ua = Some(electrode.lowest_ua.map_or(ua, |lowest| lowest.min(ua)));
                electrode.highest_ua = Some(electrode.highest_ua.map_or(ua, |highest| highest.max(ua)));
            }
        }
        self.sound.as_mut().map_or(Ok(()), |sound| sound.take(pulses))
    }

    /// Completes everything; the electrodogram lasts `length_ticks` or until its last pulse has ended, and its sound
    /// `sound_ticks`.
    fn finish(
        self,
        mut outputs: Outputs,
        header: &Header,
        (length_ticks, sound_ticks, source_samples): (u64, u64, Option<u64>),
        mut notes: Vec<String>,
        (ear, speed): (Option<Ear>, f64),
    ) -> Result<ElectrodogramSummary> {
        // The last frame's pulses may go on for a little longer than what was asked of the processor.
        let length_ticks = length_ticks.max(self.ends_ticks);
        let end = End { length_ticks, source_samples };
        for writer in self.writers {
            notes.extend(writer.finish(end)?);
        }
        if let (Some(picture), Some(pending)) = (self.picture, &mut outputs.picture) {
            let svg = picture.svg(&text(header), length_ticks);
            std::fs::write(pending.path(), svg).map_err(super::cannot_write(pending.destination()))?;
        }
        let mut sound_peak_db_fs = None;
        if let Some(sound) = self.sound {
            let is_flac = outputs.sound.as_ref().is_some_and(|(kind, _)| *kind == Kind::Flac);
            let length_samples = sound.samples(sound_ticks);
            let peak = sound.finish(length_samples)?;
            sound_peak_db_fs = (peak > 0.0).then(|| 20.0 * f64::from(peak).log10());
            if peak > 1.0 {
                notes.push(format!(
                    "the sound has peaks up to {:.1} dB above full scale{}; a higher --full-scale-db-spl makes it softer",
                    20.0 * f64::from(peak).log10(),
                    if is_flac { ", which FLAC clips: write a .wav file" } else { "" }
                ));
            }
        }
        let files = outputs.commit()?;
        Ok(ElectrodogramSummary {
            strategy: header.implant.as_ref().map(|implant| strategy_name(implant.processor.strategy)),
            ear,
            rate_pps: header.rate_pps,
            length_secs: secs(length_ticks),
            pulses: self.electrodes.iter().map(|electrode| electrode.pulses).sum(),
            idle: self.electrodes.iter().map(|electrode| electrode.idle).sum(),
            electrodes: self.electrodes,
            sound_peak_db_fs,
            files,
            notes,
            speed,
        })
    }
}

/// What is written on the picture.
fn text(header: &Header) -> PictureText {
    let from = &header.provenance;
    let mut about: Vec<String> = Vec::new();
    about.extend(from.listener.clone());
    about.extend(from.ear.as_ref().map(|ear| format!("{ear} ear")));
    about.extend(header.implant.as_ref().map(|implant| strategy_name(implant.processor.strategy).to_owned()));
    about.extend(header.rate_pps.map(|rate| format!("{rate:.0} pulses per second on each channel")));
    let title = from.source.clone().unwrap_or_else(|| "electrodogram".to_owned());
    PictureText { title, about: about.join(", ") }
}

fn from_sound(
    job: &ElectrodogramJob,
    (path, track): (&Path, Option<usize>),
    device: Option<Device>,
    outputs: Outputs,
    mut teller: Teller<'_>,
) -> Result<ElectrodogramSummary> {
    let Some(device) = device else {
        return Err(MediaError::Usage(
            "--listener: say whose implant makes pulses of the sound, for example preset:implant-ace".to_owned(),
        ));
    };
    let calibration = calibration(job, None)?;
    let mut reader = open_audio(path, track)?;
    let rate = reader.sample_rate_hz();
    let mut processor = Processor::new(&device.implant, rate, calibration)
        .map_err(|error| MediaError::Usage(format!("{}: {error}", job.listener.as_deref().unwrap_or_default())))?;
    let header = Header {
        rate_pps: Some(processor.rate_pps()),
        provenance: Provenance {
            source: path.file_name().map(|name| name.to_string_lossy().into_owned()),
            source_sha256: Some(sha256_file(path)?),
            source_rate_hz: Some(rate),
            source_samples: None,
            full_scale_db_spl: Some(calibration.full_scale_db_spl),
            listener: job.listener.clone(),
            state: Some(device.state.clone()),
            ear: Some(device.ear.name().to_owned()),
            program: Some(concat!("auricle ", env!("CARGO_PKG_VERSION")).to_owned()),
        },
        ..Header::of(&device.implant)
    };
    let total_ticks = reader.length_samples().map(|length| ticks(length, rate));
    let sound = begin_sound(job, &outputs, &device.implant, &device, (calibration, rate), true)?;
    let mut sinks = Sinks::new(&outputs, &header, total_ticks, sound)?;
    let mut notes = device.notes.clone();
    if !device.implant.on {
        notes.push(format!("the processor is switched off in the state \"{}\": there are no pulses", device.state));
    }
    let mut microphone = Microphone::new(reader.layout(), device.ear);
    let mut pulses = Vec::new();
    let mut hear = |sound: &[f32], sinks: &mut Sinks| {
        if device.implant.on {
            processor.process(sound, &mut |pulse| pulses.push(pulse));
        }
        let taken = sinks.take(&pulses);
        pulses.clear();
        taken
    };
    let mut length_samples = 0;
    loop {
        let sound = microphone.read(reader.as_mut())?;
        if sound.is_empty() {
            break;
        }
        length_samples += sound.len() as u64;
        if let Some(picture) = &mut sinks.picture {
            picture.sound(rate, sound);
        }
        hear(sound, &mut sinks)?;
        teller.tell(ticks(length_samples, rate), total_ticks)?;
    }
    if length_samples == 0 {
        return Err(MediaError::Broken { path: path.to_owned(), message: "holds no sound".to_owned() });
    }
    // What the end of the sound becomes comes after it.
    let flush = vec![0.0; latency_samples(&device.implant, rate, calibration)];
    hear(&flush, &mut sinks)?;
    let sound_ticks = ticks(length_samples, rate);
    let length_ticks = ticks(length_samples + flush.len() as u64, rate);
    let about = (Some(device.ear), teller.speed(secs(sound_ticks)));
    sinks.finish(outputs, &header, (length_ticks, sound_ticks, Some(length_samples)), notes, about)
}

/// By how much the last pulses that the end of a sound makes come after it, samples.
fn latency_samples(implant: &Implant, rate: u32, calibration: Calibration) -> usize {
    Processor::new(implant, rate, calibration).map_or(0, |processor| processor.latency_samples())
}

fn from_pulses(
    job: &ElectrodogramJob,
    path: &Path,
    device: Option<Device>,
    outputs: Outputs,
    mut teller: Teller<'_>,
) -> Result<ElectrodogramSummary> {
    let mut reader = open(path, device.as_ref().map(|device| &device.implant))?;
    let header = reader.header().clone();
    if let Some(device) = &device
        && contacts(&device.implant.array) != header.electrodes
    {
        return Err(MediaError::Usage(format!(
            "{}: is of an array of {} electrodes, and that of {} has {}; name a listener with the same array",
            path.display(),
            header.electrodes,
            job.listener.as_deref().unwrap_or_default(),
            contacts(&device.implant.array)
        )));
    }
    let calibration = calibration(job, header.provenance.full_scale_db_spl)?;
    let mut notes = device.as_ref().map(|device| device.notes.clone()).unwrap_or_default();
    let mut sound = None;
    if outputs.sound.is_some() {
        let own = device.as_ref().map(|device| &device.implant).or(header.implant.as_ref()).cloned();
        let implant = match own {
            Some(implant) => implant,
            None => {
                let usual = device::usual(&header, path)?;
                let name = strategy_name(usual.processor.strategy);
                notes.push(format!(
                    "the file does not say which device made it: heard as through {name} of {} electrodes with its usual \
                     map; --listener names another",
                    header.electrodes
                ));
                usual
            }
        };
        // Pulses of this program's making lag the sound they were made of.
        let ours = header.provenance.program.is_some();
        let rate = job.sound_rate_hz.or(header.provenance.source_rate_hz).unwrap_or(USUAL_RATE_HZ);
        let dead = device.clone().unwrap_or_else(|| Device {
            implant: implant.clone(),
            dead: Vec::new(),
            ear: Ear::Left,
            state: String::new(),
            notes: Vec::new(),
        });
        sound = begin_sound(job, &outputs, &implant, &dead, (calibration, rate), ours)?;
    }
    let mut sinks = Sinks::new(&outputs, &header, header.length_ticks, sound)?;
    let mut pulses = Vec::new();
    loop {
        let more = reader.read(&mut pulses)?;
        sinks.take(&pulses)?;
        let done_ticks = pulses.last().map_or(0, |pulse: &Pulse| pulse.onset_ticks);
        pulses.clear();
        if !more {
            break;
        }
        teller.tell(done_ticks, header.length_ticks)?;
    }
    let length_ticks = reader.header().length_ticks.unwrap_or(0);
    let speed = teller.speed(secs(length_ticks));
    let ear = device.as_ref().map(|device| device.ear);
    // As long as the sound it was made of, where that is known.
    let source_samples = reader.header().provenance.source_samples;
    let source = source_samples.zip(header.provenance.source_rate_hz).filter(|(_, rate)| *rate > 0);
    let sound_ticks = source.map_or(length_ticks, |(samples, rate)| ticks(samples, rate));
    let lengths = (length_ticks, sound_ticks, source_samples);
    sinks.finish(outputs, &header, lengths, notes, (ear, speed))
}

fn begin_sound(
    job: &ElectrodogramJob,
    outputs: &Outputs,
    implant: &Implant,
    device: &Device,
    (calibration, rate): (Calibration, u32),
    from_source: bool,
) -> Result<Option<SoundSink>> {
    let Some((kind, pending)) = &outputs.sound else { return Ok(None) };
    let rate = job.sound_rate_hz.unwrap_or(rate);
    SoundSink::new(job, (pending.path(), *kind), implant, &device.dead, (calibration, rate), from_source).map(Some)
}

/// The sound that reaches an ear's processor: its side of a film's channels.
struct Microphone {
    /// Weight of each channel.
    weights: Vec<f32>,
    channels: Vec<Vec<f32>>,
    mixed: Vec<f32>,
}

impl Microphone {
    fn new(layout: &Layout, ear: Ear) -> Self {
        let other = if ear == Ear::Left { Reach::Right } else { Reach::Left };
        let weight = |channel: &auricle::layout::Channel| {
            if channel.reach() == other { 0.0 } else { channel.ear_weight() }
        };
        let weights: Vec<f32> = layout.0.iter().map(weight).collect();
        Self { channels: vec![vec![0.0; BLOCK_SAMPLES]; weights.len()], weights, mixed: Vec::new() }
    }

    /// The next samples; none at the end only.
    fn read(&mut self, reader: &mut dyn AudioReader) -> Result<&[f32]> {
        let mut channels: Vec<&mut [f32]> = self.channels.iter_mut().map(Vec::as_mut_slice).collect();
        let count = reader.read(&mut channels)?;
        self.mixed.clear();
        self.mixed.resize(count, 0.0);
        for (channel, weight) in self.channels.iter().zip(&self.weights) {
            for (mixed, sample) in self.mixed.iter_mut().zip(channel) {
                *mixed += weight * sample;
            }
        }
        Ok(&self.mixed)
    }
}
