//! The command line.

use std::path::PathBuf;

use auricle_media::Codec;
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

/// Put an audience inside someone else's ears: a listener, a cue sheet, a film; out comes the film
/// through that listener's ears.
#[derive(Debug, Parser)]
#[command(name = "auricle", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "\
Start here:
  auricle demo                                              make a short film and hear it through a drummer's ears
  auricle listeners                                         who can listen
  auricle render talk.wav --listener preset:N3 -o heard.wav
")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Render a film or a sound through a listener's ears
    Render(Box<RenderArgs>),
    /// Examine a listener's ears through the simulation: does it measure as the loss that it claims?
    Examine(ExamineArgs),
    /// The pulses that a cochlear implant makes of a sound: as a table, a picture, other programs' files; and back to sound
    Electrodogram(Box<ElectrodogramArgs>),
    /// List the built-in listeners, or show one of them
    Listeners(ListenersArgs),
    /// Check listener files and cue sheets and name every fault
    Check(CheckArgs),
    /// Print the JSON Schema of listener files or cue sheets
    Schema(SchemaArgs),
    /// Make a short demonstration film and render it through a drummer's ears
    Demo(DemoArgs),
}

impl Command {
    /// Whether a program reads what is said.
    pub(crate) fn is_for_programs(&self) -> bool {
        match self {
            Self::Render(args) => args.talk.json,
            Self::Listeners(args) => args.json || matches!(args.show, Some(ListenersCommand::Show { json: true, .. })),
            Self::Check(args) => args.json,
            Self::Examine(args) => args.json,
            Self::Electrodogram(args) => args.talk.json,
            Self::Schema(_) => false,
            Self::Demo(args) => args.talk.json,
        }
    }
}

/// `auricle render`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  The whole of a sound through one listener's ears:
    auricle render talk.wav --listener preset:N3 -o heard.wav
  A film that cuts into and out of the drummer's hearing where the cue sheet says:
    auricle render film.mp4 --listener drummer.toml --cues gig.cues.toml -o heard.mp4
  The film's second audio track, for headphones, uncompressed:
    auricle render film.mkv --listener preset:drummer/collapse --track 2 --layout stereo --codec pcm -o heard.mov

Beside the output lie NAME.report.html (what happens to the sound, to be seen) and NAME.pov.vtt
(captions that follow the ears). The input is never touched; nothing appears before all of it is whole.")]
#[command(group(ArgGroup::new("ears").args(["listener", "cues"]).required(true).multiple(true)))]
pub(crate) struct RenderArgs {
    /// The film or sound to render
    pub(crate) input: PathBuf,
    /// Whose ears: a listener file, preset:NAME, or preset:NAME/STATE. With --cues it stands for the
    /// sheet's own listener
    #[arg(short, long, value_name = "REF")]
    pub(crate) listener: Option<String>,
    /// Which state of the listener's hearing, where there are several and no cue sheet says
    #[arg(long, value_name = "NAME", conflicts_with = "cues")]
    pub(crate) state: Option<String>,
    /// The cue sheet: when we are inside. Without one, inside throughout
    #[arg(short, long, value_name = "SHEET")]
    pub(crate) cues: Option<PathBuf>,
    /// The file to write; its ending says which kind: .mp4 .mov .mkv .webm for films, .m4a .mka for a
    /// film's sound alone, .wav .flac for sound
    #[arg(short, long, value_name = "OUTPUT")]
    pub(crate) output: PathBuf,
    /// Which audio track of the input, counted from 1 [default: the one players choose]
    #[arg(long, value_name = "N")]
    pub(crate) track: Option<usize>,
    /// Channels of the output: those of the input, or two ears for headphones
    #[arg(long, value_enum, default_value_t = LayoutArg::Same)]
    pub(crate) layout: LayoutArg,
    /// Audio tracks of a film [default: both where there is a picture]
    #[arg(long, value_enum)]
    pub(crate) tracks: Option<TracksArg>,
    /// How a film's sound is stored [default: aac in .mp4 and .m4a, pcm in .mov, flac in .mkv, opus in
    /// .webm, or vorbis there where the sound has a rate that opus has not, such as 44.1 kHz]
    #[arg(long, value_parser = PossibleValuesParser::new(Codec::NAMED.map(|(name, _)| name)))]
    pub(crate) codec: Option<String>,
    /// Sample format of .wav output and of PCM in films [default: float where the source is, else 24]
    #[arg(long, value_enum)]
    pub(crate) bits: Option<BitsArg>,
    /// Calibration: what a digital RMS of 1.0 (0 dB FS) stands for, in dB SPL [default: the cue sheet's, or 100;
    /// 120 for --model msbg]
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    pub(crate) full_scale_db_spl: Option<f64>,
    /// Which model hears: Auricle's own, or the MSBG simulator as pyclarity 0.9.0 computes it, for comparing
    /// with published results: 44.1 kHz, mono or stereo, the whole sound at once, audiograms only
    #[arg(long, value_enum, default_value_t = ModelArg::Auricle)]
    pub(crate) model: ModelArg,
    /// Where the sound comes from, for --model msbg [default: ff]
    #[arg(long, value_enum)]
    pub(crate) position: Option<PositionArg>,
    /// The sound field in which 0 dB HL is defined [default: the cue sheet's, or free]
    #[arg(long, value_enum)]
    pub(crate) field: Option<FieldArg>,
    /// Seed of everything random (flicker, tinnitus) [default: the cue sheet's, or 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The film's own subtitles (.vtt or .srt), where they are not in the film; the listener's captions
    /// are merged with them
    #[arg(long, value_name = "FILE")]
    pub(crate) captions: Option<PathBuf>,
    /// Take samples that are no numbers (NaN, infinite) for silence; without it a source that holds any is refused
    #[arg(long)]
    pub(crate) allow_nan: bool,
    /// Write no report
    #[arg(long)]
    pub(crate) no_report: bool,
    /// Write no captions
    #[arg(long)]
    pub(crate) no_captions: bool,
    /// Replace files that exist
    #[arg(short, long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
}

/// How much a command says.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct TalkArgs {
    /// Progress and result as JSON, one object a line, on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// `--layout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayoutArg {
    /// The input's own channels
    Same,
    /// Two ears, for headphones
    Stereo,
}

/// `--tracks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TracksArg {
    /// The point-of-audition mix instead of the original
    Pov,
    /// The point-of-audition mix as default track, the original as second
    Both,
}

/// `--bits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BitsArg {
    /// 24-bit integers
    #[value(name = "24")]
    Int24,
    /// 32-bit floating point: peaks above full scale survive
    Float,
}

/// `--model`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelArg {
    /// Auricle's own model
    Auricle,
    /// The MSBG simulator
    Msbg,
}

/// `--position`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PositionArg {
    /// In front, in a free field
    Ff,
    /// All around, a diffuse field
    Df,
    /// A telephone's earpiece (ITU-T P.58)
    Itu,
}

/// `--field`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FieldArg {
    /// Free field, from the front, both ears (ISO 389-7)
    Free,
    /// Diffuse field (ISO 389-7)
    Diffuse,
}

/// `auricle examine`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  auricle examine preset:N3
  auricle examine preset:drummer/muffled --card drummer.html      a page with audiograms, to show and to print
  auricle examine mine.toml --state now --speech me.wav           intelligibility of a recording of yours
  auricle examine preset:implant-ace                              thresholds through a cochlear implant

An audiometer plays tones through the simulation to an ear of normal hearing and compares what it finds with the
listener's own audiogram. An ear with an implant is examined in the sound field, through its processor, against what
its T levels imply. Exit code: 0 all bars met, 1 one was missed, 2 it cannot be examined so.")]
pub(crate) struct ExamineArgs {
    /// Whose ears: a listener file, preset:NAME, or preset:NAME/STATE
    pub(crate) listener: String,
    /// Which state of the listener's hearing, where there are several
    #[arg(long, value_name = "NAME")]
    pub(crate) state: Option<String>,
    /// Sample rate [default: that of --speech, or 48000]
    #[arg(long, value_name = "HZ")]
    pub(crate) rate: Option<u32>,
    /// A page with the results, audiograms and how they were measured
    #[arg(long, value_name = "OUT.html")]
    pub(crate) card: Option<PathBuf>,
    /// A recording of someone speaking, to measure intelligibility with [default: noise like speech]
    #[arg(long, value_name = "FILE")]
    pub(crate) speech: Option<PathBuf>,
    /// Calibration: what a digital RMS of 1.0 (0 dB FS) stands for, in dB SPL [default: 100]
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    pub(crate) full_scale_db_spl: Option<f64>,
    /// The sound field in which 0 dB HL is defined [default: free]
    #[arg(long, value_enum)]
    pub(crate) field: Option<FieldArg>,
    /// Replace the card if it exists
    #[arg(short, long)]
    pub(crate) force: bool,
    /// The results as one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// `auricle electrodogram`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  The pulses that an implant makes of a recording, as a table and as a picture:
    auricle electrodogram speech.wav --listener preset:implant-ace -o speech.electrodogram.parquet --picture speech.svg
  The same for other programs: a sequence of clinical levels, and the matrix elData
    auricle electrodogram speech.wav -l preset:implant-ace --export nucleus.csv
    auricle electrodogram speech.wav -l preset:implant-current-steering --export eldata.mat --export eldata.npy
  Any electrodogram back to sound:
    auricle electrodogram --from nucleus.csv --sound heard.wav

Formats are known by content when read and by ending when written; docs/electrodogram.md describes them. The sound is
what is transmitted, which is not what it sounds like to its user. Exit code: 0 done, 1 a file is damaged, 2 it cannot be
asked for so.")]
pub(crate) struct ElectrodogramArgs {
    /// The film or sound that the processor hears
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    pub(crate) input: Option<PathBuf>,
    /// An electrodogram instead: .parquet or .csv of this program, a sequence (.csv), the matrix elData (.npy, .mat)
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Whose device: a listener file, preset:NAME, or preset:NAME/STATE. With --from it stands for what the file says
    #[arg(short, long, value_name = "REF", required_unless_present = "from")]
    pub(crate) listener: Option<String>,
    /// Which state of the listener's hearing, where there are several
    #[arg(long, value_name = "NAME", requires = "listener")]
    pub(crate) state: Option<String>,
    /// Which ear, where the ears have different implants
    #[arg(long, value_enum, requires = "listener")]
    pub(crate) ear: Option<EarArg>,
    /// Which audio track of the input, counted from 1 [default: the one players choose]
    #[arg(long, value_name = "N", conflicts_with = "from")]
    pub(crate) track: Option<usize>,
    /// Calibration: what a digital RMS of 1.0 (0 dB FS) stands for, in dB SPL [default: the electrodogram's, or 100]
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    pub(crate) full_scale_db_spl: Option<f64>,
    /// The table to write, .parquet or .csv
    #[arg(short, long, value_name = "TABLE")]
    pub(crate) output: Option<PathBuf>,
    /// A file for other programs: .csv (a sequence of clinical levels), .npy or .mat (the matrix elData); may be given again
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Vec<PathBuf>,
    /// A picture of it: time across, electrodes up, colour by current
    #[arg(long, value_name = "OUT.svg")]
    pub(crate) picture: Option<PathBuf>,
    /// What is transmitted, made audible: .wav or .flac
    #[arg(long, value_name = "OUT.wav")]
    pub(crate) sound: Option<PathBuf>,
    /// What carries the sound [default: the listener's, or spiral]
    #[arg(long, value_enum)]
    pub(crate) carrier: Option<CarrierArg>,
    /// Where the carriers lie [default: the listener's, or shifted]
    #[arg(long, value_enum)]
    pub(crate) places: Option<PlacesArg>,
    /// Sample rate of the sound [default: that of the source, or 48000]
    #[arg(long, value_name = "HZ")]
    pub(crate) rate: Option<u32>,
    /// Seed of the sound's phases and noise [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Replace files that exist
    #[arg(short, long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
}

/// `--ear`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EarArg {
    /// The left ear
    Left,
    /// The right ear
    Right,
}

/// `--carrier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CarrierArg {
    /// 80 tones with the spread of excitation between them
    Spiral,
    /// A tone burst a pulse
    Bursts,
    /// A band of noise an electrode
    Noise,
    /// A sine an electrode
    Sine,
}

/// `--places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlacesArg {
    /// Where the electrodes lie
    Shifted,
    /// Where the sound of each electrode's band belongs
    Matched,
}

/// `auricle listeners`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  auricle listeners
  auricle listeners show drummer
  auricle listeners show drummer > my-drummer.toml     a file of your own to begin with")]
pub(crate) struct ListenersArgs {
    #[command(subcommand)]
    pub(crate) show: Option<ListenersCommand>,
    /// The list as JSON on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// `auricle listeners ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum ListenersCommand {
    /// Print a listener's file and its card: what is modelled, what is not, on which evidence
    Show {
        /// The listener, as `auricle listeners` names it
        name: String,
        /// As JSON on standard output
        #[arg(long)]
        json: bool,
    },
}

/// `auricle check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  auricle check drummer.toml gig.cues.toml
  auricle check gig.cues.toml --film gig.mp4      also: cues past the film's end, a frame rate that is not the film's")]
pub(crate) struct CheckArgs {
    /// Listener files and cue sheets; which is which is seen from what is in them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The film that the cue sheets belong to
    #[arg(long, value_name = "FILM")]
    pub(crate) film: Option<PathBuf>,
    /// Faults as JSON, one object a line, on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// `auricle schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  auricle schema cues > cues.schema.json      an editor that knows it completes and checks cue sheets")]
pub(crate) struct SchemaArgs {
    /// Which file format
    #[arg(value_enum)]
    pub(crate) of: SchemaArg,
}

/// `auricle schema ...`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaArg {
    /// Listener files
    Listener,
    /// Cue sheets
    Cues,
}

/// `auricle demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  auricle demo
  auricle demo my-demo      makes the film, its cue sheet and the render in the folder my-demo")]
pub(crate) struct DemoArgs {
    /// The folder to make it in
    #[arg(value_name = "DIR", default_value = "auricle-demo")]
    pub(crate) dir: PathBuf,
    /// Replace files that exist
    #[arg(short, long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) talk: TalkArgs,
}
