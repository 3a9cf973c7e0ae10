//! What can be wrong with a device and its map.

use super::super::pulse::MAX_CURRENT_LEVEL;
use crate::level::{MAX_FULL_SCALE_DB_SPL, MIN_FULL_SCALE_DB_SPL};

/// Why there can be no such processor: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProcessorError {
    /// The sound's rate is out of range.
    #[error("a sampling rate of {hz} Hz: use one from 8000 to 192000 Hz")]
    SampleRate {
        /// The rate asked for.
        hz: u32,
    },
    /// Digital full scale stands for a level that cannot be.
    #[error(
        "full scale at {full_scale_db_spl} dB SPL: state a level from {MIN_FULL_SCALE_DB_SPL} to {MAX_FULL_SCALE_DB_SPL}"
    )]
    Calibration {
        /// The level stated.
        full_scale_db_spl: f64,
    },
    /// The angles of the array's contacts make no array.
    #[error(
        "angle {index} of the array is {angle_deg} degrees: angles are numbers from 0 to {most_deg}, \
         each greater than the one before, from base to apex"
    )]
    Angle {
        /// Which, from 1.
        index: usize,
        /// Its value.
        angle_deg: f64,
        /// The greatest that there can be.
        most_deg: f64,
    },
    /// The array has no or too many contacts.
    #[error("an array of {contacts} contacts: state 1 to {most} angles")]
    Contacts {
        /// How many it has.
        contacts: usize,
        /// How many it can have.
        most: usize,
    },
    /// The insertion angle is no angle of a cochlea.
    #[error("an insertion angle of {angle_deg} degrees: state one above 0, up to {most_deg}")]
    InsertionAngle {
        /// The angle stated.
        angle_deg: f64,
        /// The greatest that there can be.
        most_deg: f64,
    },
    /// An electrode that is switched off does not exist.
    #[error(
        "electrode {electrode} is switched off, but the array has electrodes 1 to {contacts}: take it off the list"
    )]
    NoSuchElectrode {
        /// The electrode named.
        electrode: u8,
        /// How many there are.
        contacts: usize,
    },
    /// Too few electrodes are left.
    #[error(
        "{enabled} of {contacts} electrodes are switched on, and {strategy} needs at least {needed}: switch on more"
    )]
    TooFewElectrodes {
        /// How many are on.
        enabled: usize,
        /// How many there are.
        contacts: usize,
        /// What needs more.
        strategy: &'static str,
        /// How many it needs.
        needed: usize,
    },
    /// More channels than the array or the strategy has, or none.
    #[error("{channels} channels: {strategy} has 1 to {most} on {enabled} electrodes that are switched on")]
    Channels {
        /// How many were asked for.
        channels: usize,
        /// How many there can be.
        most: usize,
        /// How many electrodes are on.
        enabled: usize,
        /// The strategy that cannot have them.
        strategy: &'static str,
    },
    /// More maxima than channels, or none.
    #[error("{maxima} maxima of {channels} channels: choose 1 to {channels}")]
    Maxima {
        /// How many were asked for.
        maxima: usize,
        /// How many channels there are.
        channels: usize,
    },
    /// More channels with fine structure than there can be, or none.
    #[error("fine structure on {fine_channels} of {channels} channels: choose 1 to {most}")]
    FineChannels {
        /// How many were asked for.
        fine_channels: usize,
        /// How many channels there are.
        channels: usize,
        /// How many can have it.
        most: usize,
    },
    /// A list of levels has the wrong length.
    #[error("{given} {which} levels for {contacts} electrodes: state one for all, or {contacts}, from base to apex")]
    LevelCount {
        /// T or C.
        which: char,
        /// How many were given.
        given: usize,
        /// How many electrodes there are.
        contacts: usize,
    },
    /// A level lies off the clinical scale.
    #[error(
        "the {which} level of electrode {electrode} is {level}: levels are 0 to {MAX_CURRENT_LEVEL} clinical units"
    )]
    Level {
        /// T or C.
        which: char,
        /// The electrode.
        electrode: usize,
        /// Its level.
        level: f64,
    },
    /// A T level above its C level.
    #[error(
        "electrode {electrode} has its T level ({t_level}) above its C level ({c_level}): exchange or correct them"
    )]
    ThresholdAboveComfort {
        /// The electrode.
        electrode: usize,
        /// Its T level, clinical units.
        t_level: f64,
        /// Its C level, clinical units.
        c_level: f64,
    },
    /// The volume is no part of the range.
    #[error("a volume of {volume}: choose 0 to 1")]
    Volume {
        /// The volume asked for.
        volume: f64,
    },
    /// The sensitivity is out of range.
    #[error("a sensitivity of {sensitivity_db} dB: choose -{most_db} to {most_db}")]
    Sensitivity {
        /// The sensitivity asked for.
        sensitivity_db: f64,
        /// The greatest there can be.
        most_db: f64,
    },
    /// A width of phases or a gap that no pulse can have.
    #[error("a {which} of {width_us} us: choose {least_us} to {most_us}")]
    Width {
        /// Phase or gap.
        which: &'static str,
        /// What was asked for.
        width_us: f64,
        /// The least there can be.
        least_us: f64,
        /// The greatest there can be.
        most_us: f64,
    },
    /// A rate that the pulses' widths or the analysis cannot reach.
    #[error(
        "{rate_pps} pulses a second: with {pulses} pulses of {pulse_us} us one after another each channel can have \
         {least_pps:.1} to {most_pps:.1}; choose one of these, or shorter phases or fewer {fewer}"
    )]
    Rate {
        /// The rate asked for.
        rate_pps: f64,
        /// How many pulses there are between two of one channel.
        pulses: usize,
        /// What each of them takes, the pause after it included.
        pulse_us: f64,
        /// The lowest rate that there can be.
        least_pps: f64,
        /// The highest rate that there can be.
        most_pps: f64,
        /// What there could be fewer of.
        fewer: &'static str,
    },
    /// Pulses too wide for any rate.
    #[error(
        "{pulses} pulses of {pulse_us} us one after another take longer than the {most_us:.0} us that the analysis spans: \
         choose shorter phases or fewer {fewer}"
    )]
    TooWide {
        /// How many pulses there are between two of one channel.
        pulses: usize,
        /// What each of them takes, the pause after it included.
        pulse_us: f64,
        /// What all of them may take.
        most_us: f64,
        /// What there could be fewer of.
        fewer: &'static str,
    },
}
