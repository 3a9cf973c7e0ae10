//! What is known of an implanted ear and its device: plain data, as a listener file states it.

/// A cochlear implant and the ear around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Implant {
    /// The electrode array.
    pub array: Array,
    /// Angle from the round window to the most apical electrode, degrees; `None`: the array's own.
    ///
    /// The other electrodes keep their share of it.
    pub insertion_angle_deg: Option<f64>,
    /// Electrodes that are switched off, counted from 1 at the base.
    pub disabled: Vec<u8>,
    /// The sound processor and its map.
    pub processor: ProcessorParams,
    /// Fall of excitation along the cochlea beside an electrode, dB/mm.
    pub spread_db_per_mm: f64,
    /// How it is made audible.
    pub sound: Sound,
    /// Months since the processor was first switched on; 0 on activation day.
    pub months_since_activation: f64,
    /// Whose ears, of all that have this device and these months: the seed of a person.
    pub individual: u64,
    /// How much later than an acoustic ear this one hears, ms.
    pub delay_ms: f64,
    /// Whether the processor is switched on; off is silence.
    pub on: bool,
}

/// Electrode arrays, by the places of their contacts.
#[derive(Debug, Clone, PartialEq)]
pub enum Array {
    /// 22 contacts close to the modiolus, 381 degrees (Nucleus Contour Advance).
    ContourAdvance,
    /// 12 contacts over 31.5 mm, 544 degrees (a lateral-wall array of full length).
    Standard,
    /// 12 contacts over 24 mm, 408 degrees.
    Flex24,
    /// 12 contacts over 28 mm, 575 degrees.
    Flex28,
    /// 16 contacts, for current steering.
    Sixteen,
    /// Angles of contacts from the round window, degrees, from base to apex.
    Angles(Vec<f64>),
}

/// How an implant is made audible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sound {
    /// What people with one normal ear say that it sounds like.
    Percept,
    /// What the device transmits, through a carrier.
    Information {
        /// What carries it.
        carrier: Carrier,
        /// Which places the carriers have.
        places: Places,
    },
}

/// What carries the envelopes of the information renderer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// 80 tones with the spread of excitation between them (SPIRAL, Grange et al. 2017).
    Spiral,
    /// A Gaussian-enveloped tone burst a pulse (GET, Meng et al. 2022).
    Bursts,
    /// A band of noise an electrode (Shannon et al. 1995).
    Noise,
    /// A sine an electrode.
    Sine,
}

/// Where in the cochlea the carriers lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// At the frequency for which each electrode's place is tuned: shifted, as the insertion says.
    Shifted,
    /// At the centre of each electrode's own analysis band.
    Matched,
}

/// A sound processor and its map.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessorParams {
    /// What it does with the bands.
    pub strategy: Strategy,
    /// Pulses per second on each channel; `None`: the strategy's own, or the highest that its pulses allow.
    pub rate_pps: Option<f64>,
    /// Width of one phase, microseconds; `None`: the strategy's own.
    pub phase_us: Option<f64>,
    /// Time between phases, microseconds; `None`: the strategy's own.
    pub gap_us: Option<f64>,
    /// Channels, at most as many as enabled electrodes; `None`: all of them.
    pub channels: Option<usize>,
    /// Threshold levels, clinical units of the strategy's scale
    /// ([`CurrentScale`](super::processor::current::CurrentScale): CIC4 for ACE and Fourier CIS, in proportion to current
    /// for the others): one for all electrodes, or one each from base to apex.
    pub t_levels: Vec<f64>,
    /// Comfort levels, clinical units, as `t_levels`.
    pub c_levels: Vec<f64>,
    /// The user's volume, 0 to 1.
    pub volume: f64,
    /// Gain of the microphone against the one it was fitted with, dB.
    pub sensitivity_db: f64,
}

/// What splits sound into bands for continuous interleaved sampling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filterbank {
    /// The Fourier bins, front end and current scale of ACE: ACE without maxima.
    #[default]
    Fourier,
    /// Gammatone filters from 120 to 7410 Hz, a 3:1 compressor and 60 to 600 microamperes.
    Gammatone,
}

/// Sound coding strategies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Strategy {
    /// Advanced combination encoder: of all channels the strongest few are stimulated each frame.
    Ace {
        /// Channels stimulated each frame.
        maxima: usize,
    },
    /// Continuous interleaved sampling: all channels, each frame.
    Cis {
        /// What splits sound into the channels' bands.
        filterbank: Filterbank,
    },
    /// Current steering between neighbouring electrodes (F120-like).
    CurrentSteering,
    /// The most apical channels fire at the zero crossings of their band, the rest as CIS (FSP-like).
    FineStructure {
        /// Channels that do, 1 to 4.
        fine_channels: usize,
    },
}

impl ProcessorParams {
    /// What a strategy has of its own, with a map as it might be fitted: T and C levels of every electrode.
    fn usual(strategy: Strategy, t_level: f64, c_level: f64) -> Self {
        Self {
            strategy,
            rate_pps: None,
            phase_us: None,
            gap_us: None,
            channels: None,
            t_levels: vec![t_level],
            c_levels: vec![c_level],
            volume: 1.0,
            sensitivity_db: 0.0,
        }
    }

    /// ACE as it is commonly fitted: 8 maxima, 900 pulses a second, T 100 and C 200 (106 and 648 microamperes).
    pub fn ace() -> Self {
        Self::usual(Strategy::Ace { maxima: 8 }, 100.0, 200.0)
    }

    /// CIS of gammatone bands, T 20 and C 200 (60 and 600 microamperes).
    pub fn cis() -> Self {
        Self::usual(Strategy::Cis { filterbank: Filterbank::Gammatone }, 20.0, 200.0)
    }

    /// Current steering as of F120, T 20 and C 200 (60 and 600 microamperes).
    pub fn f120() -> Self {
        Self::usual(Strategy::CurrentSteering, 20.0, 200.0)
    }

    /// Fine structure on four apical channels as of FS4, T 20 and C 200 (60 and 600 microamperes).
    pub fn fs4() -> Self {
        Self::usual(Strategy::FineStructure { fine_channels: 4 }, 20.0, 200.0)
    }
}
