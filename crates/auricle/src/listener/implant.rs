//! Implants in listener files: their form, their reading, their writing.

use std::fmt;

use crate::form::source::Source;
use crate::form::view::{View, number};
use crate::form::{Field, Form, Variant};
use crate::implant::params::{Array, Carrier, Filterbank, Implant, Places, ProcessorParams, Sound, Strategy};

/// Most contacts of an array.
const MAX_CONTACTS: usize = 32;

const LEVEL: Form = Form::Number { min: 0.0, max: 255.0, unit: "clinical units" };

const LEVELS: Form = Form::Either(&[LEVEL, Form::List { of: &LEVEL, min: 1, max: MAX_CONTACTS }]);

const ARRAY: Field = Field::optional(
    "array",
    "The electrode array: its name, or the angle of each contact from the round window in degrees, from base to apex. Without it, the one that goes with the strategy.",
    Form::Either(&[
        Form::Choice(&[
            ("contour advance", "22 contacts close to the modiolus, 381 degrees."),
            ("standard", "12 contacts over 31.5 mm, 544 degrees."),
            ("flex24", "12 contacts over 24 mm, 408 degrees."),
            ("flex28", "12 contacts over 28 mm, 575 degrees."),
            ("sixteen", "16 contacts, for current steering."),
        ]),
        Form::List { of: &Form::Number { min: 0.0, max: 900.0, unit: "degrees" }, min: 1, max: MAX_CONTACTS },
    ]),
);

const INSERTION: Field = Field::optional(
    "insertion_angle_deg",
    "Angle from the round window to the most apical contact, degrees; the others keep their share of it. Without it, the array's own.",
    Form::Number { min: 90.0, max: 900.0, unit: "degrees" },
);

const DISABLED: Field = Field::optional(
    "disabled",
    "Electrodes that are switched off, counted from 1 at the base.",
    Form::List { of: &Form::Whole { min: 1, max: MAX_CONTACTS as i64 }, min: 0, max: MAX_CONTACTS },
);

const RATE: Field = Field::optional(
    "rate_pps",
    "Pulses per second on each channel. Without it, the strategy's own.",
    Form::Number { min: 50.0, max: 10_000.0, unit: "pulses per second" },
);

const PHASE: Field = Field::optional(
    "phase_us",
    "Width of one phase of a pulse, microseconds. Without it, the strategy's own.",
    Form::Number { min: 5.0, max: 500.0, unit: "microseconds" },
);

const GAP: Field = Field::optional(
    "gap_us",
    "Time between the phases of a pulse, microseconds. Without it, the strategy's own.",
    Form::Number { min: 0.0, max: 100.0, unit: "microseconds" },
);

const CHANNELS: Field = Field::optional(
    "channels",
    "Channels, at most as many as electrodes are switched on. Without it, all of them.",
    Form::Whole { min: 1, max: MAX_CONTACTS as i64 },
);

const T_LEVELS: Field = Field::optional(
    "t_levels",
    "Threshold levels (T), clinical units: one for all electrodes, or one each from base to apex. Without it, 100 for ACE and 20 for the others.",
    LEVELS,
);

const C_LEVELS: Field = Field::default(
    "c_levels",
    "Comfort levels (C), clinical units: one for all electrodes, or one each from base to apex.",
    LEVELS,
    "200",
);

const VOLUME: Field =
    Field::default("volume", "The user's volume control, 0 to 1.", Form::Number { min: 0.0, max: 1.0, unit: "" }, "1");

const SENSITIVITY: Field = Field::default(
    "sensitivity_db",
    "Gain of the microphone against the one it was fitted with, dB.",
    Form::Number { min: -30.0, max: 30.0, unit: "dB" },
    "0",
);

const SPREAD: Field = Field::default(
    "spread_db_per_mm",
    "Fall of excitation along the cochlea beside an electrode, dB/mm: about 1.2 monopolar, 3.7 bipolar (Nelson et al. 2008).",
    Form::Number { min: 0.1, max: 50.0, unit: "dB/mm" },
    "2.8",
);

const SOUND: Field = Field::default(
    "sound",
    "How it is made audible: what people with one normal ear say that it sounds like, or what the device transmits and through which carrier.",
    Form::Choice(&[
        ("percept", "What people with one normal ear say that it sounds like."),
        ("spiral", "What is transmitted, on 80 tones with the spread of excitation between them (SPIRAL)."),
        ("bursts", "What is transmitted, a Gaussian-enveloped tone burst a pulse (GET)."),
        ("noise", "What is transmitted, on bands of noise."),
        ("sine", "What is transmitted, on one sine an electrode."),
    ]),
    "\"percept\"",
);

const PLACES: Field = Field::default(
    "places",
    "Where the carriers lie in the cochlea, for every sound but the percept.",
    Form::Choice(&[
        ("shifted", "Where the electrodes lie, as the insertion says."),
        ("matched", "Where the sound of each electrode's band belongs."),
    ]),
    "\"shifted\"",
);

const MONTHS: Field = Field::default(
    "months_since_activation",
    "Months since the processor was first switched on, for the percept; 0 on activation day.",
    Form::Number { min: 0.0, max: 1200.0, unit: "months" },
    "12",
);

const INDIVIDUAL: Field = Field::default(
    "individual",
    "Whose ears, of all that have this device and these months, for the percept: the seed of a person.",
    Form::Whole { min: 0, max: 0x7fff_ffff },
    "1",
);

const DELAY: Field = Field::default(
    "delay_ms",
    "How much later than an acoustic ear this one hears, ms.",
    Form::Number { min: 0.0, max: 100.0, unit: "ms" },
    "0",
);

const PROCESSOR: Field = Field::default(
    "processor",
    "Whether the processor is switched on; off is silence.",
    Form::Choice(&[("on", "It is worn and running."), ("off", "It is off, or taken off.")]),
    "\"on\"",
);

const FINE_CHANNELS: Field = Field::default(
    "fine_channels",
    "Channels, from the apex, that fire at the zero crossings of their band.",
    Form::Whole { min: 1, max: 4 },
    "4",
);

const MAXIMA: Field = Field::default(
    "maxima",
    "Channels stimulated each frame: those with the most sound.",
    Form::Whole { min: 1, max: MAX_CONTACTS as i64 },
    "8",
);

const FILTERBANK: Field = Field::optional(
    "filterbank",
    "Where the bands come from. Without it, gammatone.",
    Form::Choice(&[
        ("fourier", "Bins of a short Fourier transform, as in ACE."),
        ("gammatone", "Twelve gammatone filters, 120 to 7410 Hz."),
    ]),
);

/// The fields that all strategies share, behind those of one's own.
macro_rules! fields {
    ($($own:expr),*) => {
        &[
            $($own,)*
            ARRAY, INSERTION, DISABLED, RATE, PHASE, GAP, CHANNELS, T_LEVELS, C_LEVELS, VOLUME, SENSITIVITY, SPREAD,
            SOUND, PLACES, MONTHS, INDIVIDUAL, DELAY, PROCESSOR,
        ]
    };
}

/// The table `implant` of an ear.
pub(super) const IMPLANT: Form = Form::Tagged {
    about: "A cochlear implant. Acoustic hearing beside it is what `air` says; without `air` there is none.",
    tag: "strategy",
    variants: &[
        Variant {
            tag: "ace",
            about: "Advanced combination encoder: each frame the strongest channels are stimulated.",
            fields: fields!(MAXIMA),
            exclusive: &[],
        },
        Variant {
            tag: "cis",
            about: "Continuous interleaved sampling: each frame all channels.",
            fields: fields!(FILTERBANK),
            exclusive: &[],
        },
        Variant {
            tag: "current steering",
            about: "Current steered between neighbouring electrodes (F120-like).",
            fields: fields!(),
            exclusive: &[],
        },
        Variant {
            tag: "fine structure",
            about: "Apical channels fire at zero crossings of their band, the rest as CIS (FSP-like).",
            fields: fields!(FINE_CHANNELS),
            exclusive: &[],
        },
    ],
};

/// Names of the arrays that have one.
const ARRAYS: [(&str, Array); 5] = [
    ("contour advance", Array::ContourAdvance),
    ("standard", Array::Standard),
    ("flex24", Array::Flex24),
    ("flex28", Array::Flex28),
    ("sixteen", Array::Sixteen),
];

/// The array that goes with a strategy where the file does not say.
fn usual_array(strategy: Strategy) -> Array {
    match strategy {
        Strategy::Ace { .. } => Array::ContourAdvance,
        Strategy::Cis { .. } => Array::Standard,
        Strategy::CurrentSteering => Array::Sixteen,
        Strategy::FineStructure { .. } => Array::Flex28,
    }
}

/// Reads the table; `None` where what it is about is missing, which has been reported.
///
/// A device that cannot be is a fault of the whole table.
pub(super) fn read(source: &mut Source<'_>, view: &View<'_, '_>) -> Option<Implant> {
    let implant = read_fields(view)?;
    // What is wrong with single fields has been said; without that the device is worth building.
    if !source.has_error_in(&view.path)
        && let Err(error) = implant.check()
    {
        source.error(view.span.clone(), &view.path, error.to_string(), "");
    }
    Some(implant)
}

fn read_fields(view: &View<'_, '_>) -> Option<Implant> {
    let whole = |name: &str| view.whole(name).and_then(|value| usize::try_from(value).ok());
    let strategy = match view.text("strategy")? {
        "ace" => Strategy::Ace { maxima: whole("maxima").unwrap_or(8) },
        "cis" => Strategy::Cis {
            filterbank: match view.text("filterbank") {
                Some("fourier") => Filterbank::Fourier,
                _ => Filterbank::Gammatone,
            },
        },
        "current steering" => Strategy::CurrentSteering,
        "fine structure" => Strategy::FineStructure { fine_channels: whole("fine_channels").unwrap_or(4) },
        _ => return None,
    };
    let numbers =
        |name: &str| -> Vec<f64> { view.list(name).iter().filter_map(|value| number(value.get_ref())).collect() };
    let array = match view.text("array") {
        Some(name) => ARRAYS.into_iter().find(|(known, _)| *known == name).map(|(_, array)| array),
        None => view.has("array").then(|| Array::Angles(numbers("array"))),
    };
    let levels = |name: &str| match view.number(name) {
        Some(all) => Some(vec![all]),
        None => view.has(name).then(|| numbers(name)),
    };
    let usual = match strategy {
        Strategy::Ace { .. } => ProcessorParams { strategy, ..ProcessorParams::ace() },
        Strategy::Cis { .. } => ProcessorParams { strategy, ..ProcessorParams::cis() },
        Strategy::CurrentSteering => ProcessorParams::f120(),
        Strategy::FineStructure { .. } => ProcessorParams { strategy, ..ProcessorParams::fs4() },
    };
    let places = if view.text("places") == Some("matched") { Places::Matched } else { Places::Shifted };
    let carried = |carrier| Sound::Information { carrier, places };
    Some(Implant {
        array: array.unwrap_or_else(|| usual_array(strategy)),
        insertion_angle_deg: view.number("insertion_angle_deg"),
        disabled: view
            .list("disabled")
            .iter()
            .filter_map(|value| number(value.get_ref()))
            .map(|electrode| electrode as u8)
            .collect(),
        processor: ProcessorParams {
            rate_pps: view.number("rate_pps"),
            phase_us: view.number("phase_us"),
            gap_us: view.number("gap_us"),
            channels: whole("channels"),
            t_levels: levels("t_levels").unwrap_or(usual.t_levels),
            c_levels: levels("c_levels").unwrap_or(usual.c_levels),
            volume: view.number("volume").unwrap_or(usual.volume),
            sensitivity_db: view.number("sensitivity_db").unwrap_or(usual.sensitivity_db),
            ..usual
        },
        spread_db_per_mm: view.number("spread_db_per_mm").unwrap_or(2.8),
        sound: match view.text("sound") {
            Some("spiral") => carried(Carrier::Spiral),
            Some("bursts") => carried(Carrier::Bursts),
            Some("noise") => carried(Carrier::Noise),
            Some("sine") => carried(Carrier::Sine),
            _ => Sound::Percept,
        },
        months_since_activation: view.number("months_since_activation").unwrap_or(12.0),
        individual: view.whole("individual").and_then(|seed| u64::try_from(seed).ok()).unwrap_or(1),
        delay_ms: view.number("delay_ms").unwrap_or(0.0),
        on: view.text("processor") != Some("off"),
    })
}

/// Writes the table as `[state.SIDE.implant]`.
pub(super) fn write(f: &mut fmt::Formatter<'_>, side: &str, implant: &Implant) -> fmt::Result {
    let Implant { processor, .. } = implant;
    writeln!(f, "\n[state.{side}.implant]")?;
    match processor.strategy {
        Strategy::Ace { maxima } => writeln!(f, "strategy = \"ace\"\nmaxima = {maxima}")?,
        Strategy::Cis { filterbank } => {
            let filterbank = match filterbank {
                Filterbank::Fourier => "fourier",
                Filterbank::Gammatone => "gammatone",
            };
            writeln!(f, "strategy = \"cis\"\nfilterbank = \"{filterbank}\"")?;
        }
        Strategy::CurrentSteering => writeln!(f, "strategy = \"current steering\"")?,
        Strategy::FineStructure { fine_channels } => {
            writeln!(f, "strategy = \"fine structure\"\nfine_channels = {fine_channels}")?;
        }
    }
    match &implant.array {
        Array::Angles(angles) => writeln!(f, "array = {angles:?}")?,
        array => {
            if let Some((name, _)) = ARRAYS.iter().find(|(_, known)| known == array) {
                writeln!(f, "array = \"{name}\"")?;
            }
        }
    }
    let optional = [
        ("insertion_angle_deg", implant.insertion_angle_deg),
        ("rate_pps", processor.rate_pps),
        ("phase_us", processor.phase_us),
        ("gap_us", processor.gap_us),
        ("channels", processor.channels.map(|channels| channels as f64)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            writeln!(f, "{name} = {value}")?;
        }
    }
    if !implant.disabled.is_empty() {
        writeln!(f, "disabled = {:?}", implant.disabled)?;
    }
    for (name, levels) in [("t_levels", &processor.t_levels), ("c_levels", &processor.c_levels)] {
        match levels[..] {
            [all] => writeln!(f, "{name} = {all}")?,
            _ => writeln!(f, "{name} = {levels:?}")?,
        }
    }
    writeln!(f, "volume = {}\nsensitivity_db = {}", processor.volume, processor.sensitivity_db)?;
    writeln!(f, "spread_db_per_mm = {}", implant.spread_db_per_mm)?;
    let (sound, places) = match implant.sound {
        Sound::Percept => ("percept", Places::Shifted),
        Sound::Information { carrier: Carrier::Spiral, places } => ("spiral", places),
        Sound::Information { carrier: Carrier::Bursts, places } => ("bursts", places),
        Sound::Information { carrier: Carrier::Noise, places } => ("noise", places),
        Sound::Information { carrier: Carrier::Sine, places } => ("sine", places),
    };
    writeln!(f, "sound = \"{sound}\"")?;
    if places == Places::Matched {
        writeln!(f, "places = \"matched\"")?;
    }
    writeln!(f, "months_since_activation = {}", implant.months_since_activation)?;
    writeln!(f, "individual = {}", implant.individual)?;
    if implant.delay_ms != 0.0 {
        writeln!(f, "delay_ms = {}", implant.delay_ms)?;
    }
    if implant.on { Ok(()) } else { writeln!(f, "processor = \"off\"") }
}
