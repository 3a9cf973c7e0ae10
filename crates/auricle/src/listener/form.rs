//! The form of a listener file.

use super::implant::IMPLANT;
use crate::audiogram::THRESHOLD_RANGE_DB_HL;
use crate::form::source::quote;
use crate::form::{Complaint, Field, Form, NAME, Record, SENTENCE, Variant, closest, schema as json_schema};

/// The JSON Schema (draft 2020-12) of listener files.
///
/// What a schema cannot say, `Listener::parse` checks on top: frequencies that ascend, names that are
/// unique, states that exist.
pub fn schema() -> serde_json::Value {
    json_schema::schema("Auricle listener", &LISTENER)
}

/// Up to which level "no response" by air was tried where the file does not say, dB HL: the limit of a
/// clinical audiometer in the middle frequencies (IEC 60645-1, type 1).
pub(super) const AIR_LIMIT_DB_HL: f64 = 120.0;

/// As [`AIR_LIMIT_DB_HL`], by bone.
pub(super) const BONE_LIMIT_DB_HL: f64 = 70.0;

/// Most states of a listener.
const MAX_STATES: usize = 200;

/// Longest time that a movement may be told to take, seconds: a day.
const MAX_SECS: f64 = 86_400.0;

const THRESHOLD: Form = Form::Either(&[
    Form::Number { min: THRESHOLD_RANGE_DB_HL.0, max: THRESHOLD_RANGE_DB_HL.1, unit: "dB HL" },
    Form::Notation {
        what: "\"no response\" or \">105\"",
        pattern: "^(no response|> ?-?[0-9]{1,3}(\\.[0-9]{1,20})?)$",
        check: check_threshold,
        bare_time: false,
    },
]);

fn check_threshold(text: &str) -> Result<(), Complaint> {
    if text == "no response" {
        return Ok(());
    }
    if closest(text, ["no response"]).is_some() {
        return Err(Complaint::new(format!("{} is not a threshold", quote(text)), "did you mean \"no response\"?"));
    }
    let help = "write a number, \"no response\", or the highest level tried: \">105\"";
    let limit =
        no_response_limit(text).ok_or_else(|| Complaint::new(format!("{} is not a threshold", quote(text)), help))?;
    let (least, most) = THRESHOLD_RANGE_DB_HL;
    if (least..=most).contains(&limit) {
        Ok(())
    } else {
        Err(Complaint::new(format!("the limit {limit} dB HL is outside {least} to {most} dB HL"), help))
    }
}

/// The 105 of ">105".
pub(super) fn no_response_limit(text: &str) -> Option<f64> {
    let number = text.strip_prefix('>')?;
    let number = number.strip_prefix(' ').unwrap_or(number);
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits(whole, 3) && digits(part, 20) { number.parse().ok() } else { None }
}

const FREQUENCY: Form = Form::Number { min: 20.0, max: 20_000.0, unit: "Hz" };

const FROM: Field =
    Field::optional("from", "The state that hearing comes from, by its findings; without it, healthy hearing.", NAME);

const TINNITUS_FREQUENCY: Field = Field::required(
    "frequency_hz",
    "Frequency of the tone, centre of the band, or where broadband noise was matched in level (within the ear's filter), Hz.",
    Form::Number { min: 100.0, max: 16_000.0, unit: "Hz" },
);

const TINNITUS_LEVEL: Field = Field::required(
    "level_db_sl",
    "Level above this ear's own threshold at `frequency_hz`, dB SL; most people match 5 to 15.",
    Form::Number { min: 0.0, max: 30.0, unit: "dB SL" },
);

const TINNITUS_CAP: Field = Field::default(
    "cap_db_spl",
    "Highest level at which it is ever rendered, dB SPL.",
    Form::Number { min: 20.0, max: 85.0, unit: "dB SPL" },
    "70",
);

const TINNITUS: Form = Form::Tagged {
    about: "Ringing that no one else hears; a cue leaves it out with `tinnitus = false`.",
    tag: "sound",
    variants: &[
        Variant {
            tag: "tone",
            about: "A pure tone.",
            fields: &[TINNITUS_FREQUENCY, TINNITUS_LEVEL, TINNITUS_CAP],
            exclusive: &[],
        },
        Variant {
            tag: "band",
            about: "A band of noise.",
            fields: &[
                TINNITUS_FREQUENCY,
                Field::required(
                    "bandwidth_octaves",
                    "Width of the band, octaves.",
                    Form::Number { min: 0.05, max: 4.0, unit: "octaves" },
                ),
                TINNITUS_LEVEL,
                TINNITUS_CAP,
            ],
            exclusive: &[],
        },
        Variant {
            tag: "noise",
            about: "Broadband noise.",
            fields: &[TINNITUS_FREQUENCY, TINNITUS_LEVEL, TINNITUS_CAP],
            exclusive: &[],
        },
    ],
};

static EAR: Record = Record {
    name: "ear",
    about: "What is known of one ear; an empty table is a healthy one.",
    fields: &[
        Field::optional(
            "air",
            "Air conduction thresholds, dB HL by frequency in Hz, ascending; or the name of a standard audiogram (Bisgaard et al. 2010). Without it, 0 dB HL throughout.",
            Form::Either(&[
                Form::Choice(&[
                    ("N1", "Very mild loss, flat or moderately sloping."),
                    ("N2", "Mild loss, flat or moderately sloping."),
                    ("N3", "Moderate loss, flat or moderately sloping."),
                    ("N4", "Moderate to severe loss, flat or moderately sloping."),
                    ("N5", "Severe loss, flat or moderately sloping."),
                    ("N6", "Severe loss, flat or moderately sloping."),
                    ("N7", "Profound loss, flat or moderately sloping."),
                    ("S1", "Very mild loss, steeply sloping."),
                    ("S2", "Mild loss, steeply sloping."),
                    ("S3", "Moderate to severe loss, steeply sloping."),
                ]),
                Form::ByFrequency(&THRESHOLD),
            ]),
        ),
        Field::optional(
            "bone",
            "Bone conduction thresholds, dB HL by frequency in Hz, ascending. Without them, no part of the loss is conductive.",
            Form::ByFrequency(&THRESHOLD),
        ),
        Field::optional(
            "dead",
            "Dead regions, places of the cochlea without working inner hair cells: [[from, to], ...] in Hz.",
            Form::List { of: &Form::List { of: &FREQUENCY, min: 2, max: 2 }, min: 1, max: 20 },
        ),
        Field::default(
            "smearing",
            "Spectral smearing: derived from the loss, off, or a factor by which all auditory filters are wider than healthy ones.",
            Form::Either(&[
                Form::Choice(&[
                    ("from loss", "Derived from the sensorineural loss at each place."),
                    ("off", "Filters as sharp as healthy ones."),
                ]),
                Form::Number { min: 1.0, max: 8.0, unit: "(broadening)" },
            ]),
            "\"from loss\"",
        ),
        Field::default(
            "temporal_smearing_ms",
            "Time over which the envelope of each band is averaged, ms; 0 for none.",
            Form::Number { min: 0.0, max: 200.0, unit: "ms" },
            "0",
        ),
        Field::optional("tinnitus", "Ringing that no one else hears.", TINNITUS),
        Field::optional(
            "deaf",
            "Profoundly deaf: nothing is heard by this ear (tinnitus and an implant aside). Without it, false, and true for an ear with an implant whose `air` is not stated.",
            Form::Flag,
        ),
        Field::optional("implant", "A cochlear implant.", IMPLANT),
    ],
    exclusive: &[],
};

static EXPOSURE: Record = Record {
    name: "exposure",
    about: "Years of noise, as ISO 1999 counts them.",
    fields: &[
        Field::required(
            "level_ex_8h_db",
            "Daily noise exposure level L_EX,8h, dB(A).",
            Form::Number { min: 60.0, max: 120.0, unit: "dB(A)" },
        ),
        Field::default(
            "years_before",
            "Years of exposure before `from_age_years`.",
            Form::Number { min: 0.0, max: 80.0, unit: "years" },
            "0",
        ),
    ],
    exclusive: &[],
};

const DECLINE_SECS: Field = Field::optional(
    "secs",
    "Screen time that the movement takes, seconds; without it, the whole of the cue.",
    Form::Number { min: 0.01, max: MAX_SECS, unit: "s" },
);

const MEAN_SECS: Form = Form::Number { min: 0.02, max: 3_600.0, unit: "s" };

const AGE: Form = Form::Number { min: 0.0, max: 120.0, unit: "years" };

const MOVEMENT: Form = Form::Tagged {
    about: "How hearing behaves from the moment the state is entered.",
    tag: "kind",
    variants: &[
        Variant { tag: "instant", about: "The state's findings at once.", fields: &[], exclusive: &[] },
        Variant {
            tag: "ramp",
            about: "Thresholds move, in dB, to the state's own.",
            fields: &[FROM, DECLINE_SECS],
            exclusive: &[],
        },
        Variant {
            tag: "flicker",
            about: "Hearing goes intermittently in and out, by the cue sheet's seed.",
            fields: &[
                FROM,
                Field::required("mean_on_secs", "Mean time for which hearing is in, seconds.", MEAN_SECS),
                Field::required(
                    "mean_off_secs",
                    "Mean time for which hearing is out (the state's own findings), seconds.",
                    MEAN_SECS,
                ),
                Field::default(
                    "slope_ms",
                    "Time that a change takes, ms.",
                    Form::Number { min: 1.0, max: 10_000.0, unit: "ms" },
                    "40",
                ),
                Field::default(
                    "depth",
                    "How far a drop-out goes from `from` (0) to the state's findings (1).",
                    Form::Number { min: 0.01, max: 1.0, unit: "" },
                    "1",
                ),
            ],
            exclusive: &[],
        },
        Variant {
            tag: "decline",
            about: "Years of age and noise, mapped onto screen time; the state's findings are the youth's.",
            fields: &[
                Field::required("from_age_years", "Age at the beginning, years.", AGE),
                Field::required("to_age_years", "Age at the end, years.", AGE),
                Field::required(
                    "sex",
                    "Whose constants of ISO 7029.",
                    Form::Choice(&[("female", "Those of women."), ("male", "Those of men.")]),
                ),
                Field::optional("exposure", "Noise exposure from `from_age_years` on.", Form::Table(&EXPOSURE)),
                DECLINE_SECS,
            ],
            exclusive: &[],
        },
    ],
};

static STATE: Record = Record {
    name: "state",
    about: "One condition of the listener's hearing. An ear that is not stated hears as a healthy one.",
    fields: &[
        Field::required("name", "Its name, unique within the listener: \"collapse\".", NAME),
        Field::optional("about", "One sentence for reports.", SENTENCE),
        Field::optional(
            "caption",
            "What a caption says while we are inside, without brackets: \"muffled\".",
            Form::Words { max_chars: 200, may_be_empty: false },
        ),
        Field::optional("movement", "How hearing behaves from the moment the state is entered.", MOVEMENT),
        Field::optional("both", "Findings that both ears share.", Form::Table(&EAR)),
        Field::optional("left", "Findings of the left ear.", Form::Table(&EAR)),
        Field::optional("right", "Findings of the right ear.", Form::Table(&EAR)),
    ],
    exclusive: &[("both", "left"), ("both", "right")],
};

const CLAIMS: Form = Form::List { of: &SENTENCE, min: 0, max: 100 };

static CARD: Record = Record {
    name: "card",
    about: "What the listener claims, and what not.",
    fields: &[
        Field::optional("summary", "One or two sentences on who this is.", SENTENCE),
        Field::optional("modelled", "What is modelled.", CLAIMS),
        Field::optional("not_modelled", "What is not.", CLAIMS),
        Field::optional("evidence", "On which evidence: papers, standards.", CLAIMS),
    ],
    exclusive: &[],
};

/// The whole file.
pub(super) static LISTENER: Record = Record {
    name: "listener",
    about: "A person whose ears an audience can be put into: findings, in one or more named states.",
    fields: &[
        Field::required("name", "What the person is called in cue sheets and captions: \"the drummer\".", NAME),
        Field::optional("card", "What the listener claims, and what not.", Form::Table(&CARD)),
        Field::required(
            "state",
            "Conditions of the listener's hearing, in the order of the story: [[state]] tables.",
            Form::List { of: &Form::Table(&STATE), min: 1, max: MAX_STATES },
        ),
    ],
    exclusive: &[],
};
