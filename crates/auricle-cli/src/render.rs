//! `auricle render`.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use auricle::level::Field;
use auricle::msbg::Position;
use auricle_media::render::{Model, OutputLayout, RenderJob, RenderSummary, render};
use auricle_media::report::SectionLevels;
use auricle_media::{Codec, Tracks, WavFormat};

use crate::args::{BitsArg, FieldArg, LayoutArg, ModelArg, PositionArg, RenderArgs, TracksArg};
use crate::failure::Failure;
use crate::talk::{Talk, clock, counted, print, print_json, say};

/// Set by Ctrl-C and its like; ends the work in hand.
static CANCEL: AtomicBool = AtomicBool::new(false);

/// Renders what the command line asks for.
pub(crate) fn run(args: &RenderArgs) -> Result<(), Failure> {
    if args.position.is_some() && args.model != ModelArg::Msbg {
        return Err(Failure::Usage("--position: is for --model msbg; Auricle's own model has --field".to_owned()));
    }
    let mut talk = Talk::new(args.talk);
    render_job(&job(args), &mut talk).map(|_| ())
}

/// Renders `job` and shows progress and result the way `talk` does; Ctrl-C calls it off.
pub(crate) fn render_job(job: &RenderJob, talk: &mut Talk) -> Result<RenderSummary, Failure> {
    listen_to_signals()?;
    let outcome = render(job, &mut |progress| talk.progress(&progress), &CANCEL);
    talk.end();
    let summary = outcome?;
    if talk.is_json() {
        print_json("result", &summary);
    } else if talk.is_for_people() {
        print(&describe(&summary));
        for warning in &summary.warnings {
            say(&format!("warning: {}", warning.trim_start_matches("warning: ")));
        }
    }
    Ok(summary)
}

/// Lets the first Ctrl-C (or request to terminate) call the work off in order, the second at once.
pub(crate) fn listen_to_signals() -> Result<(), Failure> {
    let listening = ctrlc::set_handler(|| {
        if CANCEL.swap(true, Ordering::Relaxed) {
            process::exit(130);
        }
    });
    match listening {
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(()),
        Err(error) => Err(Failure::Failed(format!("cannot listen to Ctrl-C: {error}"))),
    }
}

/// What is set by Ctrl-C and its like.
pub(crate) fn cancel() -> &'static AtomicBool {
    &CANCEL
}

/// Whether Ctrl-C has called the work off.
pub(crate) fn called_off() -> bool {
    CANCEL.load(Ordering::Relaxed)
}

/// The job that the command line describes.
fn job(args: &RenderArgs) -> RenderJob {
    RenderJob {
        listener: args.listener.clone(),
        state: args.state.clone(),
        cues: args.cues.clone(),
        model: match args.model {
            ModelArg::Auricle => Model::Own,
            ModelArg::Msbg => Model::Msbg(match args.position {
                None | Some(PositionArg::Ff) => Position::FreeField,
                Some(PositionArg::Df) => Position::DiffuseField,
                Some(PositionArg::Itu) => Position::Itu,
            }),
        },
        track: args.track,
        layout: match args.layout {
            LayoutArg::Same => OutputLayout::Same,
            LayoutArg::Stereo => OutputLayout::Stereo,
        },
        tracks: args.tracks.map(|tracks| match tracks {
            TracksArg::Pov => Tracks::Pov,
            TracksArg::Both => Tracks::Both,
        }),
        codec: args.codec.as_deref().and_then(codec),
        format: args.bits.map(|bits| match bits {
            BitsArg::Int24 => WavFormat::Int24,
            BitsArg::Float => WavFormat::Float32,
        }),
        full_scale_db_spl: args.full_scale_db_spl,
        field: args.field.map(|field| match field {
            FieldArg::Free => Field::Free,
            FieldArg::Diffuse => Field::Diffuse,
        }),
        seed: args.seed,
        captions: args.captions.clone(),
        write_report: !args.no_report,
        write_captions: !args.no_captions,
        allow_nan: args.allow_nan,
        force: args.force,
        ..RenderJob::new(&args.input, &args.output)
    }
}

/// The codec of a name that the command line has let through.
fn codec(name: &str) -> Option<Codec> {
    Codec::NAMED.iter().find(|(known, _)| *known == name).map(|(_, codec)| *codec)
}

/// A few lines on what came of a render.
fn describe(summary: &RenderSummary) -> String {
    let secs = (summary.early_samples + summary.length_samples) as f64 / f64::from(summary.sample_rate_hz);
    let mut text = String::new();
    for file in &summary.files {
        let about = match file.role {
            "output" => format!(
                "{} of sound ({}, {} Hz, {}), rendered at {:.0}x real time",
                clock(secs),
                summary.stored_as,
                summary.sample_rate_hz,
                counted(summary.output_layout.channels() as u64, "channel"),
                summary.speed
            ),
            "report" => "what happens to the sound, to be seen in a browser".to_owned(),
            "captions" => "captions that follow the ears".to_owned(),
            other => other.to_owned(),
        };
        text += &format!("{}: {about}\n", file.path.display());
    }
    for (name, before, after) in [
        ("outside", &summary.before.outside, &summary.after.outside),
        ("inside ", &summary.before.inside, &summary.after.inside),
    ] {
        if before.length_samples > 0 {
            text += &format!("{name}: {} -> {}\n", levels(before), levels(after));
        }
    }
    text + &checked(summary) + "\n"
}

/// "checked: 3 streams unchanged, every sample as rendered, 0 samples off".
fn checked(summary: &RenderSummary) -> String {
    let verified = &summary.verified;
    let mut checks = Vec::new();
    if verified.identical_streams > 0 {
        checks.push(format!("{} of the source unchanged", counted(verified.identical_streams as u64, "stream")));
    }
    if verified.every_sample {
        checks.push("every sample as rendered".to_owned());
    }
    checks.extend(
        verified
            .offset_samples
            .map(|offset| format!("{} sample{} off the source", offset, if offset.abs() == 1 { "" } else { "s" })),
    );
    if checks.is_empty() { "checked: length".to_owned() } else { format!("checked: {}", checks.join(", ")) }
}

/// "-23.1 LUFS, peak -1.0 dBTP".
fn levels(section: &SectionLevels) -> String {
    let loudness = match section.integrated_lufs {
        Some(lufs) => format!("{lufs:.1} LUFS"),
        None if section.loudness_blocks == 0 && section.true_peak_dbtp.is_some() => {
            "too short to measure loudness".to_owned()
        }
        // Nothing in it, or nothing above -70 LUFS.
        None => "silent".to_owned(),
    };
    match section.true_peak_dbtp {
        Some(peak) => format!("{loudness}, peak {peak:.1} dBTP"),
        None => loudness,
    }
}
