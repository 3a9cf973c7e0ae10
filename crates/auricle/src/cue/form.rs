//! The form of a cue sheet.

use super::time;
use super::timecode::{RATE_PATTERN, Timecode, check_rate};
use crate::form::source::quote;
use crate::form::{Complaint, Field, Form, NAME, Record, SENTENCE, Variant, schema as json_schema};
use crate::level::{MAX_FULL_SCALE_DB_SPL, MIN_FULL_SCALE_DB_SPL};

/// The JSON Schema (draft 2020-12) of cue sheets.
///
/// What a schema cannot say, `CueSheet::parse` checks on top: times that the picture has, cues in a
/// sensible order, fades shorter than their cue.
pub fn schema() -> serde_json::Value {
    json_schema::schema("Auricle cue sheet", &CUE_SHEET)
}

/// Shortest and longest cut, pop and drift, ms; the defaults stand beside them.
pub(super) const CUT_MS: (f64, f64, f64) = (1.0, 10.0, 5.0);
pub(super) const POP_MS: (f64, f64, f64) = (30.0, 150.0, 80.0);
pub(super) const DRIFT_MS: (f64, f64, f64) = (150.0, 3_600_000.0, 3_000.0);

/// Most by which sound may run before the picture or behind it, ms.
pub(super) const MAX_LEAD_MS: f64 = 10_000.0;

/// Most frames of lead or lag.
const MAX_LEAD_FRAMES: i64 = 10_000;

/// Fewest and most frames a second that are written as a number.
pub(super) const LEAST_FPS: f64 = 1.0;
pub(super) const MOST_FPS: f64 = 1_000.0;

/// Quietest and loudest memory bleed, dB re the clear sound.
const BLEED_DB: (f64, f64) = (-80.0, 0.0);

/// Most cues of a sheet.
const MAX_CUES: usize = 20_000;

const TIME_NUMBER: Form = Form::Number { min: 0.0, max: time::MAX_SECS, unit: "s" };

const TIME: Form = Form::Either(&[
    Form::Notation {
        what: "a time (\"01:00:12:12\", \"00:00:12.500\", \"12.5 s\" or \"300 f\")",
        pattern: time::PATTERN,
        check: time::check,
        bare_time: true,
    },
    TIME_NUMBER,
]);

const END_OR_TIME: Form = Form::Either(&[
    Form::Notation {
        what: "a time (\"01:00:12:12\", \"00:00:12.500\", \"12.5 s\" or \"300 f\") or \"end\"",
        pattern: time::END_OR_TIME_PATTERN,
        check: check_end_or_time,
        bare_time: true,
    },
    TIME_NUMBER,
]);

fn check_end_or_time(text: &str) -> Result<(), Complaint> {
    if text == "end" { Ok(()) } else { time::check(text) }
}

fn check_frame_rate(text: &str) -> Result<(), Complaint> {
    check_rate(text).map(|_| ())
}

fn check_timecode(text: &str) -> Result<(), Complaint> {
    match Timecode::parse(text) {
        Some(_) => Ok(()),
        None => Err(Complaint::new(
            format!("{} is not a timecode", quote(text)),
            "write hours, minutes, seconds, frames: \"01:00:00:00\"",
        )),
    }
}

macro_rules! lead_fields {
    ($($first:expr,)*) => {
        &[
            $($first,)*
            Field::optional(
                "lead_frames",
                "By how many frames sound runs before the picture.",
                Form::Whole { min: 0, max: MAX_LEAD_FRAMES },
            ),
            Field::optional(
                "lead_ms",
                "By how many ms sound runs before the picture.",
                Form::Number { min: 0.0, max: MAX_LEAD_MS, unit: "ms" },
            ),
            Field::optional(
                "lag_frames",
                "By how many frames sound runs behind the picture.",
                Form::Whole { min: 0, max: MAX_LEAD_FRAMES },
            ),
            Field::optional(
                "lag_ms",
                "By how many ms sound runs behind the picture.",
                Form::Number { min: 0.0, max: MAX_LEAD_MS, unit: "ms" },
            ),
        ]
    };
}

const LEADS: [(&str, &str); 6] = [
    ("lead_frames", "lead_ms"),
    ("lead_frames", "lag_frames"),
    ("lead_frames", "lag_ms"),
    ("lead_ms", "lag_frames"),
    ("lead_ms", "lag_ms"),
    ("lag_frames", "lag_ms"),
];

const DRIFT_EXCLUSIVE: [(&str, &str); 7] = [("ms", "secs"), LEADS[0], LEADS[1], LEADS[2], LEADS[3], LEADS[4], LEADS[5]];

const TRANSITION: Form = Form::Either(&[
    Form::Choice(&[("cut", "A hard cut of 5 ms."), ("pop", "A fade of 80 ms."), ("drift", "Hearing moves over 3 s.")]),
    Form::Tagged {
        about: "How a cue enters or leaves.",
        tag: "shape",
        variants: &[
            Variant {
                tag: "cut",
                about: "A hard cut, faded just long enough not to click.",
                fields: lead_fields![Field::default(
                    "ms",
                    "Its duration, ms.",
                    Form::Number { min: CUT_MS.0, max: CUT_MS.1, unit: "ms" },
                    "5"
                ),],
                exclusive: &LEADS,
            },
            Variant {
                tag: "pop",
                about: "A fade that one hears as a pop.",
                fields: lead_fields![Field::default(
                    "ms",
                    "Its duration, ms.",
                    Form::Number { min: POP_MS.0, max: POP_MS.1, unit: "ms" },
                    "80"
                ),],
                exclusive: &LEADS,
            },
            Variant {
                tag: "drift",
                about: "Thresholds move between healthy hearing and the state's; 3 s unless stated.",
                fields: lead_fields![
                    Field::optional(
                        "ms",
                        "Its duration, ms.",
                        Form::Number { min: DRIFT_MS.0, max: DRIFT_MS.1, unit: "ms" }
                    ),
                    Field::optional(
                        "secs",
                        "Its duration, seconds.",
                        Form::Number { min: DRIFT_MS.0 / 1e3, max: DRIFT_MS.1 / 1e3, unit: "s" }
                    ),
                ],
                exclusive: &DRIFT_EXCLUSIVE,
            },
        ],
    },
]);

static CUE: Record = Record {
    name: "cue",
    about: "A span of time inside a listener's hearing.",
    fields: &[
        Field::required("in", "First moment inside: timecode, clock time, seconds or frames.", TIME),
        Field::default("out", "First moment outside again; \"end\": the end of the film.", END_OR_TIME, "\"end\""),
        Field::optional("state", "State of the listener; without it, the listener's first.", NAME),
        Field::optional("listener", "Whose hearing, where it is not the sheet's listener.", SENTENCE),
        Field::default("enter", "How the cue enters.", TRANSITION, "\"cut\""),
        Field::default("leave", "How the cue leaves.", TRANSITION, "\"cut\""),
        Field::optional(
            "bleed_db",
            "Memory bleed: the clear sound at this level, dB, in place of as much of what is heard; tinnitus stays.",
            Form::Number { min: BLEED_DB.0, max: BLEED_DB.1, unit: "dB" },
        ),
        Field::default(
            "tinnitus",
            "Whether the tinnitus of the listener's state, where it has one, is heard.",
            Form::Flag,
            "true",
        ),
        Field::optional(
            "caption",
            "Caption on entering, without brackets; without it, the state's. May be empty for none.",
            Form::Words { max_chars: 200, may_be_empty: true },
        ),
    ],
    exclusive: &[],
};

static CALIBRATION: Record = Record {
    name: "calibration",
    about: "What digital levels stand for at the listener's ear.",
    fields: &[
        Field::default(
            "full_scale_db_spl",
            "Sound pressure level of a signal whose RMS is 1.0 (0 dB FS), dB SPL.",
            Form::Number { min: MIN_FULL_SCALE_DB_SPL, max: MAX_FULL_SCALE_DB_SPL, unit: "dB SPL" },
            "100",
        ),
        Field::default(
            "field",
            "The sound field whose reference thresholds turn dB SPL into dB HL (ISO 389-7).",
            Form::Choice(&[
                ("free", "Free field, from the front: a screen, a stage."),
                ("diffuse", "Diffuse field: sound from all around."),
            ]),
            "\"free\"",
        ),
    ],
    exclusive: &[],
};

static PICTURE: Record = Record {
    name: "picture",
    about: "The picture that times refer to.",
    fields: &[
        Field::required(
            "frame_rate",
            "Frames a second: 25, \"24000/1001\", \"29.97\", \"30000/1001 drop\".",
            Form::Either(&[
                Form::Notation {
                    what: "a frame rate (\"25\", \"24000/1001\" or \"30000/1001 drop\")",
                    pattern: RATE_PATTERN,
                    check: check_frame_rate,
                    bare_time: false,
                },
                Form::Number { min: LEAST_FPS, max: MOST_FPS, unit: "frames a second" },
            ]),
        ),
        Field::default(
            "start",
            "Timecode of the first frame.",
            Form::Notation {
                what: "a timecode (\"01:00:00:00\")",
                pattern: "^[0-9]{2}:[0-9]{2}:[0-9]{2}[:;][0-9]{2,3}$",
                check: check_timecode,
                bare_time: false,
            },
            "\"00:00:00:00\"",
        ),
    ],
    exclusive: &[],
};

/// The whole sheet.
pub(super) static CUE_SHEET: Record = Record {
    name: "cue_sheet",
    about: "When a film is heard through whose ears. Times without timecode count from the first frame.",
    fields: &[
        Field::default(
            "title",
            "What the sheet is called.",
            Form::Words { max_chars: 200, may_be_empty: true },
            "\"\"",
        ),
        Field::optional("listener", "Whose hearing: a listener file beside this sheet, or \"preset:NAME\".", SENTENCE),
        Field::default(
            "seed",
            "Seed of everything random: flicker, tinnitus, dither.",
            Form::Whole { min: 0, max: i64::MAX },
            "0",
        ),
        Field::optional("calibration", "What digital levels stand for.", Form::Table(&CALIBRATION)),
        Field::optional("picture", "The picture that timecode and frames refer to.", Form::Table(&PICTURE)),
        Field::required(
            "cue",
            "The cues: [[cue]] tables, in any order.",
            Form::List { of: &Form::Table(&CUE), min: 1, max: MAX_CUES },
        ),
    ],
    exclusive: &[],
};
