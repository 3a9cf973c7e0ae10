//! Maps of the cochlea: which frequency belongs to which place, by angle along the spiral ganglion and by distance
//! along the basilar membrane.

use crate::dsp::monotone::Monotone;

/// Frequencies of the spiral ganglion by angle from the round window, `(degrees, Hz)`: the frequency map of
/// Stakhovskaya et al. (2007), every quarter turn. An implant excites the ganglion's cells, whose canal is shorter
/// than the organ of Corti; the same angle belongs to another frequency there.
const GANGLION_HZ: [(f64, f64); 9] = [
    (0.0, 17_225.0),
    (90.0, 6_193.0),
    (180.0, 3_174.0),
    (270.0, 1_539.0),
    (360.0, 785.0),
    (450.0, 550.0),
    (540.0, 366.0),
    (630.0, 215.0),
    (720.0, 58.0),
];

/// Greatest angle that the map is asked for, degrees: no cochlea has three turns.
pub const MAX_ANGLE_DEG: f64 = 990.0;

/// Length of the basilar membrane, mm (Greenwood 1990).
pub const BASILAR_MEMBRANE_MM: f64 = 35.0;

/// Greenwood (1990), the human cochlea: f = 165.4 (10^(2.1 x) - 0.88).
const GREENWOOD: (f64, f64, f64) = (165.4, 2.1, 0.88);

/// The spiral ganglion's map, monotone between its points.
#[derive(Debug, Clone)]
pub struct Ganglion {
    /// Natural logarithm of frequency over angle.
    curve: Monotone,
}

impl Default for Ganglion {
    fn default() -> Self {
        Self::new()
    }
}

impl Ganglion {
    /// The map. Computing it costs next to nothing; a caller that asks for many places keeps it.
    pub fn new() -> Self {
        let points = GANGLION_HZ.map(|(angle_deg, hz)| (angle_deg, libm::log(hz)));
        Self { curve: Monotone::new(&points).expect("the table's angles ascend") }
    }

    /// Frequency of the place at `angle_deg` from the round window, Hz; beyond 720 degrees, where the ganglion has
    /// ended, the map goes on at its last slope.
    pub fn frequency_hz(&self, angle_deg: f64) -> f64 {
        libm::exp(self.curve.at(angle_deg))
    }

    /// Angle of the place of `frequency_hz`, degrees, from 0 to [`MAX_ANGLE_DEG`].
    pub fn angle_deg(&self, frequency_hz: f64) -> f64 {
        self.curve.inverse(libm::log(frequency_hz), 0.0, MAX_ANGLE_DEG)
    }
}

/// Frequency at `place`, 0 at the apex to 1 at the base of the basilar membrane, Hz.
pub fn greenwood_hz(place: f64) -> f64 {
    let (scale, slope, offset) = GREENWOOD;
    scale * (libm::exp(slope * std::f64::consts::LN_10 * place) - offset)
}

/// Place of `frequency_hz`, 0 at the apex to 1 at the base; the inverse of [`greenwood_hz`].
pub fn greenwood_place(frequency_hz: f64) -> f64 {
    let (scale, slope, offset) = GREENWOOD;
    libm::log10(frequency_hz / scale + offset) / slope
}

/// Distance of the place of `frequency_hz` from the base of the basilar membrane, mm.
pub fn depth_mm(frequency_hz: f64) -> f64 {
    (1.0 - greenwood_place(frequency_hz)) * BASILAR_MEMBRANE_MM
}

/// Frequency `depth_mm` from the base of the basilar membrane, Hz; the inverse of [`depth_mm`].
pub fn frequency_at_depth_hz(depth_mm: f64) -> f64 {
    greenwood_hz(1.0 - depth_mm / BASILAR_MEMBRANE_MM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ganglion_has_the_table_s_frequencies_and_falls() {
        let ganglion = Ganglion::new();
        for (angle_deg, hz) in GANGLION_HZ {
            assert!((ganglion.frequency_hz(angle_deg) / hz - 1.0).abs() < 1e-12);
            assert!((ganglion.angle_deg(hz) - angle_deg).abs() < 1e-9, "{hz} Hz");
        }
        let all: Vec<f64> = (0..=990).map(|deg| ganglion.frequency_hz(f64::from(deg))).collect();
        assert!(all.windows(2).all(|w| w[1] < w[0] && w[1] > 0.0));
    }

    /// Values of Greenwood's function worked out by hand: x = 1 is 165.4 (10^2.1 - .88) Hz.
    #[test]
    fn greenwood_at_both_ends_and_back() {
        assert!((greenwood_hz(0.0) - 19.848).abs() < 1e-9);
        assert!((greenwood_hz(1.0) - 20_677.0).abs() < 1.0);
        for hz in [25.0, 250.0, 1_000.0, 7_500.0, 19_000.0] {
            assert!((greenwood_hz(greenwood_place(hz)) / hz - 1.0).abs() < 1e-12);
            assert!((frequency_at_depth_hz(depth_mm(hz)) / hz - 1.0).abs() < 1e-12);
        }
    }
}
