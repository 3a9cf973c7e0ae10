//! A listener: a person described by findings, in one or more named states.

mod form;
mod implant;
mod read;
mod reference;
mod write;

pub use form::schema;
pub use reference::{Reference, ReferenceError};

use crate::audiogram::{Audiogram, conductive_db, sensorineural_db_hl};
use crate::implant::params::Implant;

/// A person whose ears an audience can be put into.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    /// What the person is called in cue sheets, banners and captions: "the drummer".
    pub name: String,
    /// What this description can and cannot claim.
    pub card: Card,
    /// Conditions of the listener's hearing, in the order of the story; at least one.
    pub states: Vec<State>,
}

impl Listener {
    /// The state called `name`; the first state where `name` is empty.
    pub fn state(&self, name: &str) -> Option<&State> {
        if name.is_empty() { self.states.first() } else { self.states.iter().find(|state| state.name == name) }
    }
}

/// What a listener file claims, and what not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    /// One or two sentences on who this is.
    pub summary: String,
    /// What is modelled.
    pub modelled: Vec<String>,
    /// What is not.
    pub not_modelled: Vec<String>,
    /// On which evidence: papers, standards.
    pub evidence: Vec<String>,
}

/// One condition of a listener's hearing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Unique within the listener: "sudden", "collapse".
    pub name: String,
    /// One sentence for reports; may be empty.
    pub about: String,
    /// What a caption says while we are inside, without brackets: "muffled"; empty: derived.
    pub caption: String,
    /// Findings of the left ear.
    pub left: EarFindings,
    /// Findings of the right ear.
    pub right: EarFindings,
    /// How hearing behaves from the moment this state is entered.
    pub movement: Movement,
}

/// What is known of one ear.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EarFindings {
    /// Air conduction thresholds.
    pub air: Audiogram,
    /// Bone conduction thresholds; `None`: as by air, so that no part of the loss is conductive.
    pub bone: Option<Audiogram>,
    /// Parts of the cochlea without working inner hair cells.
    pub dead: Vec<DeadRegion>,
    /// Spectral smearing.
    pub smearing: Smearing,
    /// Time over which the envelope of each band is averaged, in ms; 0 for none.
    pub temporal_smearing_ms: f64,
    /// Ringing that no one else hears.
    pub tinnitus: Option<Tinnitus>,
    /// Profoundly deaf: nothing is heard by this ear (tinnitus and an implant aside).
    pub deaf: bool,
    /// A cochlear implant; acoustic hearing beside it is what the other findings say.
    pub implant: Option<Implant>,
}

impl EarFindings {
    /// The conductive part of the loss at `frequency_hz`, dB: air less bone conduction, never below 0.
    pub fn conductive_db(&self, frequency_hz: f64) -> f64 {
        conductive_db(&self.air, self.bone.as_ref(), frequency_hz)
    }

    /// The sensorineural part of the loss at `frequency_hz`, dB HL.
    pub fn sensorineural_db_hl(&self, frequency_hz: f64) -> f64 {
        sensorineural_db_hl(&self.air, self.bone.as_ref(), frequency_hz)
    }
}

/// A stretch of the cochlea, by the frequencies of its places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeadRegion {
    /// Lower edge, Hz.
    pub from_hz: f64,
    /// Upper edge, Hz.
    pub to_hz: f64,
}

/// How much wider than healthy the auditory filters are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Smearing {
    /// Derived from the sensorineural loss at each place.
    #[default]
    FromLoss,
    /// Filters as sharp as healthy ones.
    Off,
    /// The same broadening factor everywhere, from 1 (healthy) to 8.
    Broadening(f64),
}

/// The kind of sound a tinnitus is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TinnitusSound {
    /// A pure tone.
    Tone,
    /// Noise of the stated bandwidth.
    Band {
        /// Width in octaves.
        bandwidth_octaves: f64,
    },
    /// Broadband noise.
    Noise,
}

/// A tinnitus as matched in the clinic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tinnitus {
    /// What it is like.
    pub sound: TinnitusSound,
    /// Frequency of the tone, centre of the band, or where broadband noise was level-matched: within one auditory
    /// filter, Hz.
    pub frequency_hz: f64,
    /// Level above this ear's own threshold at `frequency_hz`, dB.
    pub level_db_sl: f64,
    /// Highest level at which it is ever rendered, dB SPL.
    pub cap_db_spl: f64,
}

/// Level at which a tinnitus is capped where its file does not say, dB SPL.
///
/// About the level of conversation: a ringing is to be noticed, not to hurt.
pub const DEFAULT_TINNITUS_CAP_DB_SPL: f64 = 70.0;

/// How hearing behaves from the moment a state is entered.
///
/// `from` names another state of the listener and contributes its findings, not its own movement.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Movement {
    /// The state's findings at once.
    #[default]
    Instant,
    /// Thresholds move in dB from those of `from` to the state's own.
    Ramp {
        /// The state left; `None`: healthy hearing.
        from: Option<String>,
        /// Duration in seconds; `None`: the whole of the cue.
        secs: Option<f64>,
    },
    /// Hearing goes intermittently in and out.
    Flicker {
        /// What is heard while hearing is in; `None`: healthy hearing.
        from: Option<String>,
        /// Mean time for which hearing is in, seconds.
        mean_on_secs: f64,
        /// Mean time for which hearing is out (the state's own findings), seconds.
        mean_off_secs: f64,
        /// Time a change takes, ms.
        slope_ms: f64,
        /// How far a drop-out goes from `from` (0) to the state's findings (1).
        depth: f64,
    },
    /// Years of age and noise mapped onto screen time; the state's findings are the youth's.
    Decline {
        /// Age at the beginning, years.
        from_age_years: f64,
        /// Age at the end, years.
        to_age_years: f64,
        /// Whose ISO 7029 constants.
        sex: Sex,
        /// Noise exposure from `from_age_years` on.
        exposure: Option<Exposure>,
        /// Screen time in seconds; `None`: the whole of the cue.
        secs: Option<f64>,
    },
}

/// The two columns of ISO 7029.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Constants for women.
    Female,
    /// Constants for men.
    Male,
}

/// Years of noise, as ISO 1999 counts them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposure {
    /// Daily noise exposure level L_EX,8h, dB(A).
    pub level_ex_8h_db: f64,
    /// Years of exposure before `from_age_years`.
    pub years_before: f64,
}
