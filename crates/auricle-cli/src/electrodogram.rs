//! `auricle electrodogram`: what an implant makes of a sound, as pulses; and pulses back to sound.

use std::fmt::Write as _;

use auricle::implant::params::{Carrier, Places};
use auricle_media::electrodogram::{Ear, ElectrodogramJob, ElectrodogramSummary, Input, make};

use crate::args::{CarrierArg, EarArg, ElectrodogramArgs, PlacesArg};
use crate::failure::Failure;
use crate::render::{cancel, listen_to_signals};
use crate::talk::{Talk, clock, counted, print, print_json, say};

/// Makes what the command line asks for.
pub(crate) fn run(args: &ElectrodogramArgs) -> Result<(), Failure> {
    let job = job(args)?;
    let mut talk = Talk::new(args.talk);
    listen_to_signals()?;
    let outcome = make(&job, &mut |progress| talk.progress(&progress), cancel());
    talk.end();
    let summary = outcome?;
    if talk.is_json() {
        print_json("result", &summary);
    } else if talk.is_for_people() {
        print(&describe(&summary));
        for note in &summary.notes {
            say(&format!("note: {}", note.trim_start_matches("warning: ")));
        }
    }
    Ok(())
}

/// The job that the command line describes.
fn job(args: &ElectrodogramArgs) -> Result<ElectrodogramJob, Failure> {
    let input = match (&args.input, &args.from) {
        (Some(path), None) => Input::Sound { path: path.clone(), track: args.track },
        (None, Some(path)) => Input::Pulses(path.clone()),
        // The command line has let through one of them.
        _ => return Err(Failure::Usage("give a film or sound, or --from with an electrodogram".to_owned())),
    };
    let nothing = args.output.is_none() && args.export.is_empty() && args.picture.is_none() && args.sound.is_none();
    if nothing {
        return Err(Failure::Usage(
            "say what to write: -o TABLE.parquet, --export FILE, --picture FILE.svg or --sound FILE.wav".to_owned(),
        ));
    }
    let for_sound = [("--carrier", args.carrier.is_some()), ("--places", args.places.is_some())];
    let for_sound = for_sound.into_iter().chain([("--rate", args.rate.is_some()), ("--seed", args.seed.is_some())]);
    if args.sound.is_none()
        && let Some((name, _)) = for_sound.into_iter().find(|(_, given)| *given)
    {
        return Err(Failure::Usage(format!("{name}: is for the sound; give --sound FILE.wav too, or leave it out")));
    }
    Ok(ElectrodogramJob {
        listener: args.listener.clone(),
        state: args.state.clone(),
        ear: args.ear.map(|ear| if ear == EarArg::Left { Ear::Left } else { Ear::Right }),
        full_scale_db_spl: args.full_scale_db_spl,
        output: args.output.clone(),
        exports: args.export.clone(),
        picture: args.picture.clone(),
        sound: args.sound.clone(),
        sound_rate_hz: args.rate,
        carrier: args.carrier.map(|carrier| match carrier {
            CarrierArg::Spiral => Carrier::Spiral,
            CarrierArg::Bursts => Carrier::Bursts,
            CarrierArg::Noise => Carrier::Noise,
            CarrierArg::Sine => Carrier::Sine,
        }),
        places: args.places.map(|places| if places == PlacesArg::Shifted { Places::Shifted } else { Places::Matched }),
        seed: args.seed.unwrap_or(0),
        force: args.force,
        ..ElectrodogramJob::new(input)
    })
}

/// A few lines on what came of it.
fn describe(summary: &ElectrodogramSummary) -> String {
    let mut text = String::new();
    for file in &summary.files {
        let about = match file.role {
            "electrodogram" => "the table of pulses",
            "export" => "the same, for other programs",
            "picture" => "the electrodogram, to be seen",
            "sound" => "what is transmitted, on the carrier chosen: not what it sounds like to its user",
            other => other,
        };
        let _ = writeln!(text, "{}: {about}", file.path.display());
    }
    let used: Vec<_> = summary.electrodes.iter().filter(|electrode| electrode.pulses > 0).collect();
    let _ = write!(text, "{} in {}", counted(summary.pulses, "pulse"), clock(summary.length_secs));
    if summary.idle > 0 {
        let _ = write!(text, " (and {} without current)", summary.idle);
    }
    let _ = write!(text, " on {} of {}", used.len(), counted(summary.electrodes.len() as u64, "electrode"));
    let lowest = used.iter().filter_map(|electrode| electrode.lowest_ua).reduce(f32::min);
    let highest = used.iter().filter_map(|electrode| electrode.highest_ua).reduce(f32::max);
    if let (Some(lowest), Some(highest)) = (lowest, highest) {
        let _ = write!(text, ", {lowest:.0} to {highest:.0} microamperes");
    }
    if let Some(rate_pps) = summary.rate_pps {
        let _ = write!(text, ", {rate_pps:.1} a second on each channel");
    }
    if let Some(strategy) = summary.strategy {
        let _ = write!(text, " ({strategy})");
    }
    let _ = writeln!(text, "; {:.0}x real time", summary.speed);
    text
}
