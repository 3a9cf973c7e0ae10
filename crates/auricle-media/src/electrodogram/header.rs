//! What a table says of its electrodogram, beside the pulses: `key = value`, in Parquet's metadata and in comments of CSV.

use std::collections::BTreeMap;

use auricle::implant::params::{Array, Implant};
use auricle::implant::pulse::TICKS_PER_SEC;
use auricle::listener::{EarFindings, Listener, State};
use serde_json::Value;

use super::End;
use super::units::{self, us_text};

/// Version of the table's form; a reader of this one refuses later ones.
pub(super) const VERSION: u64 = 1;
/// The key that says what the file is.
pub(super) const VERSION_KEY: &str = "auricle_electrodogram";
/// Electrodes of an array that no one has said anything of: what the research formats have most often.
pub(super) const USUAL_ELECTRODES: u8 = 22;
/// Most electrodes of any array.
pub(super) const MAX_ELECTRODES: u8 = 128;
/// What the keys of the device begin with; behind it, they are those of a listener file's `implant`.
const IMPLANT: &str = "implant.";

/// What is known of an electrodogram beside its pulses.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Electrodes of the array, 1 to 128; pulses name no others.
    pub electrodes: u8,
    /// The device, its array and map, where the file says.
    pub implant: Option<Implant>,
    /// Pulses per second on each channel, as the processor made them.
    pub rate_pps: Option<f64>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// How long it lasts, in ticks; of a file that is read, known when all of it is.
    pub length_ticks: Option<u64>,
    /// Pulses that the file says it holds; of a file that is read.
    pub pulses: Option<u64>,
}

/// Where an electrodogram comes from, as far as is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// The sound it was made of.
    pub source: Option<String>,
    /// SHA-256 of that file, hexadecimal.
    pub source_sha256: Option<String>,
    /// Sample rate of that sound, Hz.
    pub source_rate_hz: Option<u32>,
    /// How many samples of it a processor heard.
    pub source_samples: Option<u64>,
    /// What a digital RMS of 1.0 stood for, dB SPL.
    pub full_scale_db_spl: Option<f64>,
    /// The listener, as named by the user.
    pub listener: Option<String>,
    /// The state of that listener's hearing.
    pub state: Option<String>,
    /// "left" or "right".
    pub ear: Option<String>,
    /// The program that made it, with its version.
    pub program: Option<String>,
}

impl Default for Header {
    /// Of a file that says nothing.
    fn default() -> Self {
        Self {
            electrodes: USUAL_ELECTRODES,
            implant: None,
            rate_pps: None,
            provenance: Provenance::default(),
            length_ticks: None,
            pulses: None,
        }
    }
}

/// How many contacts an array has.
pub(crate) fn contacts(array: &Array) -> u8 {
    match array {
        Array::ContourAdvance => 22,
        Array::Standard | Array::Flex24 | Array::Flex28 => 12,
        Array::Sixteen => 16,
        Array::Angles(angles) => u8::try_from(angles.len()).unwrap_or(MAX_ELECTRODES),
    }
}

impl Header {
    /// Of pulses that this device makes.
    pub fn of(implant: &Implant) -> Self {
        Self { electrodes: contacts(&implant.array), implant: Some(implant.clone()), ..Self::default() }
    }

    /// Keys and values that stand before the pulses, in order; texts in quotes, as in JSON and TOML.
    pub(super) fn entries(&self) -> Vec<(String, String)> {
        let mut entries = vec![
            (VERSION_KEY.to_owned(), VERSION.to_string()),
            ("clock_us".to_owned(), (1e6 / TICKS_PER_SEC as f64).to_string()),
            ("electrodes".to_owned(), self.electrodes.to_string()),
        ];
        let mut add = |key: &str, value: Option<String>| entries.extend(value.map(|value| (key.to_owned(), value)));
        let quoted = |text: &Option<String>| text.as_ref().map(|text| Value::from(text.as_str()).to_string());
        let from = &self.provenance;
        add("rate_pps", self.rate_pps.map(|rate| rate.to_string()));
        add("source", quoted(&from.source));
        add("source_sha256", quoted(&from.source_sha256));
        add("source_rate_hz", from.source_rate_hz.map(|rate| rate.to_string()));
        add("full_scale_db_spl", from.full_scale_db_spl.map(|level| level.to_string()));
        add("listener", quoted(&from.listener));
        add("state", quoted(&from.state));
        add("ear", quoted(&from.ear));
        add("program", quoted(&from.program));
        if let Some(implant) = &self.implant {
            // One level for all electrodes, or one each: told for each of them.
            let each = |levels: &[f64]| {
                let level = |index: usize| levels.get(index).or(levels.first()).copied().unwrap_or(0.0);
                format!("{:?}", (0..usize::from(self.electrodes)).map(level).collect::<Vec<f64>>())
            };
            add("t_levels", Some(each(&implant.processor.t_levels)));
            add("c_levels", Some(each(&implant.processor.c_levels)));
            for (key, value) in table(implant) {
                add(&format!("{IMPLANT}{key}"), Some(value));
            }
        }
        entries
    }

    /// Keys and values that stand behind them.
    pub(super) fn closing_entries(end: End, pulses: u64) -> Vec<(&'static str, String)> {
        let mut entries = vec![("length_us", us_text(end.length_ticks))];
        entries.extend(end.source_samples.map(|samples| ("source_samples", samples.to_string())));
        // The count comes last: what breaks off before it has none.
        entries.push(("pulses", pulses.to_string()));
        entries
    }

    /// Takes what `entries` say, texts without quotes; keys that are not known are left alone.
    ///
    /// # Errors
    /// The key at fault, and what is wrong with its value.
    pub(super) fn take(&mut self, entries: &BTreeMap<String, String>) -> Result<(), (String, String)> {
        let number = |key: &str| -> Result<Option<f64>, (String, String)> {
            let Some(text) = entries.get(key) else { return Ok(None) };
            let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
            number.map(Some).ok_or_else(|| (key.to_owned(), format!("\"{text}\" is no number")))
        };
        let wrong = |key: &str, message: String| Err((key.to_owned(), message));
        if let Some(version) = number(VERSION_KEY)?
            && version > VERSION as f64
        {
            return wrong(VERSION_KEY, format!("version {version} is of a later program; this one reads {VERSION}"));
        }
        if let Some(clock_us) = number("clock_us")?
            && clock_us != 1e6 / TICKS_PER_SEC as f64
        {
            return wrong("clock_us", format!("{clock_us}: this program knows a clock of 0.1 us only"));
        }
        self.take_implant(entries)?;
        if let Some(electrodes) = number("electrodes")? {
            if electrodes.fract() != 0.0 || !(1.0..=f64::from(MAX_ELECTRODES)).contains(&electrodes) {
                return wrong(
                    "electrodes",
                    format!("{electrodes} is not a number of electrodes, 1 to {MAX_ELECTRODES}"),
                );
            }
            self.electrodes = electrodes as u8;
        }
        self.rate_pps = number("rate_pps")?.or(self.rate_pps);
        if let Some(pulses) = number("pulses")? {
            self.pulses = Some(pulses as u64);
        }
        if let Some(length_us) = number("length_us")? {
            let ticks = units::ticks(length_us).map_err(|(message, _)| ("length_us".to_owned(), message))?;
            self.length_ticks = Some(ticks);
        }
        let text = |key: &str| entries.get(key).cloned();
        self.provenance = Provenance {
            source: text("source"),
            source_sha256: text("source_sha256"),
            source_rate_hz: number("source_rate_hz")?.map(|rate| rate as u32),
            source_samples: number("source_samples")?.map(|samples| samples as u64),
            full_scale_db_spl: number("full_scale_db_spl")?,
            listener: text("listener"),
            state: text("state"),
            ear: text("ear"),
            program: text("program"),
        };
        Ok(())
    }

    fn take_implant(&mut self, entries: &BTreeMap<String, String>) -> Result<(), (String, String)> {
        let mut lines = String::new();
        for (key, value) in entries.iter().filter_map(|(key, value)| Some((key.strip_prefix(IMPLANT)?, value))) {
            // Of a map from keys to texts the quotes are gone: what is no number and no list is a text.
            let bare = value.parse::<f64>().is_ok() || value.starts_with('[');
            let value = if bare { value.clone() } else { Value::from(value.as_str()).to_string() };
            lines += &format!("{key} = {value}\n");
        }
        if lines.is_empty() {
            return Ok(());
        }
        let file = format!("name = \"device\"\n[[state]]\nname = \"now\"\n[state.left.implant]\n{lines}");
        let (listener, _) = Listener::parse(&file, "implant").map_err(|faults| {
            let first = faults.0.first();
            let field = first.and_then(|fault| fault.field.rsplit('.').next()).unwrap_or_default();
            let message = first.map_or("it is not described", |fault| fault.message.as_str());
            // What is wrong between fields is a fault of the device as a whole.
            let key = if field == "implant" { field.to_owned() } else { format!("{IMPLANT}{field}") };
            (key, format!("the device cannot be made of this: {message}"))
        })?;
        let Some(implant) = listener.states.into_iter().next().and_then(|state| state.left.implant) else {
            return Ok(());
        };
        self.electrodes = contacts(&implant.array);
        self.implant = Some(implant);
        Ok(())
    }
}

/// The device as the lines of a listener file's `implant` table.
fn table(implant: &Implant) -> Vec<(String, String)> {
    let left = EarFindings { implant: Some(implant.clone()), ..EarFindings::default() };
    let state = State { name: "now".to_owned(), left, ..State::default() };
    let file = Listener { name: "device".to_owned(), card: Default::default(), states: vec![state] }.to_toml();
    let lines = file.lines().skip_while(|line| !line.ends_with(".implant]")).skip(1);
    let fields = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = "));
    fields.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A value without the quotes of a text.
pub(super) fn plain(value: &str) -> String {
    // Numbers are left as they are written: serde_json's reading of them is not exact to the last bit.
    if value.starts_with('"') {
        serde_json::from_str(value).unwrap_or_else(|_| value.to_owned())
    } else {
        value.to_owned()
    }
}
