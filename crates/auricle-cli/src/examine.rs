//! `auricle examine`: does the simulation measure as the loss that it claims?

mod implant;

use std::fmt::Write as _;
use std::path::Path;

use auricle::level::Field;
use auricle::measure::{Bar, EarExamination, Strictness, ThresholdRow};
use auricle_media::card::{Examination, ExaminationJob, ExaminedEar, examine, render_html};
use auricle_media::{MediaError, PendingOutput};

use crate::args::{ExamineArgs, FieldArg};
use crate::failure::Failure;
use crate::talk::{print, print_json, say};

/// Examines, tells, and writes the card.
pub(crate) fn run(args: &ExamineArgs) -> Result<(), Failure> {
    let job = ExaminationJob {
        listener: args.listener.clone(),
        state: args.state.clone(),
        sample_rate_hz: args.rate,
        full_scale_db_spl: args.full_scale_db_spl,
        field: args.field.map(|field| match field {
            FieldArg::Free => Field::Free,
            FieldArg::Diffuse => Field::Diffuse,
        }),
        speech: args.speech.clone(),
    };
    // Whether the card can be written is known before the work.
    let inputs: Vec<&Path> = job.speech.iter().map(|path| path.as_path()).chain([Path::new(&job.listener)]).collect();
    let card = args.card.as_ref().map(|path| PendingOutput::create(path, &inputs, args.force)).transpose()?;
    let examination = examine(&job)?;
    if let Some(card) = card {
        let path = card.path().to_owned();
        std::fs::write(&path, render_html(&examination, &command_line(args))).map_err(|source| MediaError::Io {
            path,
            doing: "cannot write",
            source,
        })?;
        card.commit()?;
    }
    if args.json {
        print_json("examination", &examination);
    } else {
        print(&describe(&examination));
        if let Some(path) = &args.card {
            print(&format!("\n{}: the card, to be seen in a browser\n", path.display()));
        }
    }
    if examination.met { Ok(()) } else { Err(Failure::Said) }.inspect_err(|_| {
        if !args.json {
            say("one bar or more was missed");
        }
    })
}

/// The command, for a POSIX shell.
fn command_line(args: &ExamineArgs) -> String {
    let quoted = |word: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@".contains(c);
        if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    };
    let mut words = vec!["auricle".to_owned(), "examine".to_owned()];
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| quoted(&format!("{name}={value}"))));
    };
    option("--state", args.state.clone());
    option("--rate", args.rate.map(|rate| rate.to_string()));
    option("--full-scale-db-spl", args.full_scale_db_spl.map(|level| level.to_string()));
    let field = |field| if field == FieldArg::Free { "free" } else { "diffuse" }.to_owned();
    option("--field", args.field.map(field));
    option("--speech", args.speech.as_ref().map(|path| path.display().to_string()));
    option("--card", args.card.as_ref().map(|path| path.display().to_string()));
    words.push("--".to_owned());
    words.push(quoted(&args.listener));
    words.join(" ")
}

/// The results for a terminal.
fn describe(examination: &Examination) -> String {
    let field = match examination.calibration.field {
        Field::Free => "free field",
        Field::Diffuse => "diffuse field",
    };
    let mut text = format!(
        "{}, {}: examined at {} Hz, RMS 1.0 = {} dB SPL, {field}\n",
        examination.listener, examination.state, examination.sample_rate_hz, examination.calibration.full_scale_db_spl
    );
    if [&examination.left, &examination.right].into_iter().any(|ear| ear.examination().is_some()) {
        text += "Who listens: a normal ear. It hears a tone when all that comes out reaches 0 dB HL at its frequency (ISO 389-7).\n";
    }
    if examination.left_implant.is_some() || examination.right_implant.is_some() {
        text += "Through an implant a tone is heard where the processor makes a pulse at or above T.\n";
    }
    for note in &examination.notes {
        let _ = writeln!(text, "note: {note}");
    }
    let both = examination.right == ExaminedEar::AsTheLeft;
    let ears = [
        ("right ear", &examination.right, &examination.right_implant),
        (if both { "both ears" } else { "left ear" }, &examination.left, &examination.left_implant),
    ];
    for (name, ear, implant) in ears {
        match ear {
            ExaminedEar::Examined(found) => describe_ear(&mut text, name, found),
            ExaminedEar::AsTheLeft | ExaminedEar::ByImplant => {}
            ExaminedEar::NotExamined { reason } => {
                let _ = writeln!(text, "\n{name}: not examined: {reason}");
            }
        }
        if let Some(found) = implant {
            implant::describe(&mut text, name, found);
        }
    }
    if !examination.noise.is_empty() {
        text += "\nnoise against the law for tones, in one auditory filter at 1 kHz (flat losses)\n";
    }
    for row in &examination.noise {
        let _ = writeln!(
            text,
            "  {:>3} dB HL: comes out {:+.1} dB louder; levels fluctuate by {:.1} dB, {:.1} before; roughness {:.2}, {:.2} before",
            row.loss_db_hl,
            row.louder_db(),
            row.after.fluctuation_db,
            row.before.fluctuation_db,
            row.after.roughness,
            row.before.roughness
        );
    }
    text += if examination.met { "\nall bars are met\n" } else { "\n" };
    text
}

fn describe_ear(text: &mut String, name: &str, ear: &EarExamination) {
    let _ = writeln!(text, "\n{name}");
    rows(text, "by air", &ear.air);
    if let Some(bone) = &ear.bone {
        rows(text, "by bone", bone);
    }
    if let Some(ringing) = &ear.air_with_tinnitus {
        line(text, "  with tinnitus", ringing, |row| level(row.found.threshold_db_hl));
    }
    let _ = writeln!(text, "  above threshold");
    for growth in &ear.growth {
        let slope = growth.slope.map_or("no room to measure".to_owned(), |slope| format!("{slope:.2}"));
        let _ = writeln!(
            text,
            "    {} Hz: growth {slope} dB per dB, claimed {:.2}",
            growth.frequency_hz, growth.claimed_slope
        );
    }
    for filter in &ear.filters {
        let _ = writeln!(
            text,
            "    {} Hz: filter {:.0} Hz wide, {:.2} times as without the simulation, claimed {:.2}",
            filter.frequency_hz, filter.effective_hz, filter.broadening, filter.claimed_broadening
        );
    }
    for speech in &ear.speech {
        let _ = writeln!(
            text,
            "    speech, {:6}: index {:.2} by the audiogram, {:.2} as heard (ANSI S3.5-1997; an index, not a score of words)",
            speech.effort.name(),
            speech.stated_sii,
            speech.heard_sii
        );
    }
    match ear.strictness {
        Strictness::Standard => {}
        Strictness::Steep => {
            *text += "  the audiogram has steps of more than 25 dB: held to wider bars, growth to none\n"
        }
        Strictness::Unbounded => {
            *text += "  the audiogram has steps of more than 30 dB, where a neighbouring place hears a tone first: its \
                      thresholds and growth are told and held to no bar\n";
        }
    }
    bars(text, &ear.bars);
}

/// Bars, one a line.
fn bars(text: &mut String, bars: &[Bar]) {
    let width = bars.iter().map(|bar| bar.name.len()).max().unwrap_or(0);
    for bar in bars {
        let word = if bar.met { "met   " } else { "MISSED" };
        let (measured, unit) = (bar.measured_text(), bar.unit);
        let _ = writeln!(text, "  {word} {:width$}  {measured:>7} {unit} (at most {})", bar.name, bar.limit);
    }
}

/// Stated, measured and error of an audiogram, a column for each frequency.
fn rows(text: &mut String, name: &str, rows: &[ThresholdRow]) {
    line(text, &format!("  {name}, Hz"), rows, |row| format!("{}", row.frequency_hz));
    line(text, "    stated dB HL", rows, |row| {
        format!("{}{:.4}", if row.stated_no_response { ">" } else { "" }, round(row.stated_db_hl))
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
    });
    line(text, "    measured", rows, |row| level(row.found.threshold_db_hl));
    line(text, "    error", rows, |row| match row.error_db {
        _ if !row.not_counted.is_empty() => "dead".to_owned(),
        Some(error) => format!("{:+.2}", round(error)),
        None => "unheard".to_owned(),
    });
}

/// Rounded to hundredths, without a negative zero.
fn round(db: f64) -> f64 {
    (100.0 * db).round() / 100.0 + 0.0
}

fn level(db_hl: Option<f64>) -> String {
    db_hl.map_or("none".to_owned(), |db_hl| format!("{:.2}", round(db_hl)))
}

fn line(text: &mut String, name: &str, rows: &[ThresholdRow], cell: impl Fn(&ThresholdRow) -> String) {
    let _ = write!(text, "{name:<18}");
    for row in rows {
        let _ = write!(text, "{:>8}", cell(row));
    }
    text.push('\n');
}
