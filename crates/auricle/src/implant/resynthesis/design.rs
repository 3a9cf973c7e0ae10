//! Which carriers there are, where they lie, and what each electrode gives to them.

use super::spread;
use super::{ResynthesisError, ResynthesisParams};
use crate::dsp::erb;
use crate::dsp::monotone::Monotone;
use crate::implant::cochlea::{AlongArray, Placement};
use crate::implant::params::{Carrier, Places};
use crate::listener::DeadRegion;

/// Tones of the bank, and the frequencies between which they lie, evenly on the scale of ERBs (Grange et al. 2017).
pub const SPIRAL_TONES: usize = 80;
const SPIRAL_HZ: (f64, f64) = (20.0, 20_000.0);

/// Frequencies of the bank's tones, Hz.
pub fn spiral_hz() -> Vec<f64> {
    let (low, high) = (erb::number(SPIRAL_HZ.0), erb::number(SPIRAL_HZ.1));
    let place = |tone: usize| low + (high - low) * tone as f64 / (SPIRAL_TONES - 1) as f64;
    (0..SPIRAL_TONES).map(|tone| erb::frequency_hz(place(tone))).collect()
}

/// Carriers of an implant.
pub(super) struct Design {
    /// Frequency, Hz, `[carrier]`; `None` for one that nothing excites.
    pub(super) frequency_hz: Vec<Option<f64>>,
    /// Edges of a band of noise, Hz, `[carrier]`; for tones `None`.
    pub(super) edges_hz: Vec<Option<[f64; 2]>>,
    /// Power weights `[electrode][carrier]`, flattened.
    pub(super) weights: Vec<f32>,
}

impl Design {
    pub(super) fn new(params: &ResynthesisParams) -> Result<Self, ResynthesisError> {
        params.check()?;
        let ResynthesisParams { placement, channels, .. } = params;
        let along = AlongArray::new(&placement.place_hz, &placement.along_mm);
        let tuning = Tuning::new(params);
        if params.carrier == Carrier::Spiral {
            let frequency_hz = spiral_hz();
            let to_mm: Vec<Option<f64>> = frequency_hz
                .iter()
                .map(|hz| {
                    let place_hz = tuning.place_hz(*hz);
                    (!is_dead(place_hz, params.dead)).then(|| along.mm(place_hz))
                })
                .collect();
            let weights = spread::weights(&placement.along_mm, &to_mm, params.spread_db_per_mm);
            let none = vec![None; frequency_hz.len()];
            return Ok(Self { frequency_hz: frequency_hz.into_iter().map(Some).collect(), edges_hz: none, weights });
        }
        // A carrier an electrode, at the place where it is heard; one without a band has none.
        let carriers: Vec<Option<(f64, [f64; 2])>> = channels
            .iter()
            .enumerate()
            .map(|(electrode, band)| {
                band.zip(placement.heard_hz[electrode]).map(|(band, heard_hz)| {
                    let moved = heard_hz / placement.place_hz[electrode];
                    match params.places {
                        Places::Shifted => {
                            (heard_hz, [band.low_hz, band.high_hz].map(|hz| moved * tuning.place_hz(hz)))
                        }
                        Places::Matched => {
                            // Exactly the band's own where the electrode is heard in its own place.
                            let centre_hz = if moved == 1.0 { band.centre_hz } else { tuning.band_hz(heard_hz) };
                            (centre_hz, [band.low_hz, band.high_hz].map(|hz| hz * centre_hz / band.centre_hz))
                        }
                    }
                })
            })
            .collect();
        let to_mm: Vec<Option<f64>> = placement
            .heard_along_mm()
            .iter()
            .zip(&carriers)
            .map(|(mm, carrier)| mm.filter(|_| carrier.is_some()))
            .collect();
        // A burst's own width is what spreads it.
        let spread_db_per_mm = if params.carrier == Carrier::Bursts { f64::INFINITY } else { params.spread_db_per_mm };
        let from_mm: Vec<f64> = to_mm.iter().zip(&placement.along_mm).map(|(to, own)| to.unwrap_or(*own)).collect();
        let mut weights = spread::weights(&from_mm, &to_mm, spread_db_per_mm);
        let frequency_hz: Vec<Option<f64>> = carriers.iter().map(|carrier| carrier.map(|(hz, _)| hz)).collect();
        if params.carrier == Carrier::Sine {
            join_equals(&frequency_hz, &mut weights);
        }
        Ok(Self {
            frequency_hz,
            edges_hz: carriers.iter().map(|carrier| carrier.map(|(_, edges)| edges)).collect(),
            weights,
        })
    }
}

/// Which place belongs to which frequency of the analysis: as the electrodes say, and smoothly between them.
struct Tuning {
    /// Logarithm of place over logarithm of frequency; `None` where they are the same.
    curve: Option<Monotone>,
}

impl Tuning {
    /// Where carriers lie at their places, a tone is at its own place; where they are matched to the bands, the places
    /// are those of the electrodes that the bands go to.
    fn new(params: &ResynthesisParams) -> Self {
        let Placement { place_hz, .. } = &params.placement;
        let shifts = params.places == Places::Shifted && params.carrier == Carrier::Spiral;
        let mut points: Vec<(f64, f64)> = params
            .channels
            .iter()
            .zip(place_hz)
            .filter_map(|(band, place_hz)| band.map(|band| (libm::log(band.centre_hz), libm::log(*place_hz))))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let [(band, place)] = points[..] {
            // One electrode says how far everything is moved.
            points.push((band + 1.0, place + 1.0));
        }
        Self { curve: if shifts { None } else { Monotone::new(&points) } }
    }

    fn place_hz(&self, band_hz: f64) -> f64 {
        self.curve.as_ref().map_or(band_hz, |curve| libm::exp(curve.at(libm::log(band_hz))))
    }

    fn band_hz(&self, place_hz: f64) -> f64 {
        let (low, high) = (libm::log(1.0), libm::log(100_000.0));
        self.curve.as_ref().map_or(place_hz, |curve| libm::exp(curve.inverse(libm::log(place_hz), low, high)))
    }
}

/// Gives all that goes to tones of one frequency (electrodes that are heard beside the same dead region) to the first of
/// them: between tones of one frequency chance phases would decide what is left.
fn join_equals(frequency_hz: &[Option<f64>], weights: &mut [f32]) {
    for (carrier, hz) in frequency_hz.iter().enumerate() {
        let first = frequency_hz.iter().position(|other| other == hz).unwrap_or(carrier);
        for row in weights.chunks_exact_mut(frequency_hz.len()).filter(|_| first != carrier) {
            row[first] += std::mem::take(&mut row[carrier]);
        }
    }
}

fn is_dead(place_hz: f64, dead: &[DeadRegion]) -> bool {
    dead.iter().any(|region| (region.from_hz..=region.to_hz).contains(&place_hz))
}
