//! Step 4: the gammatone bank, and what is derived for each of its bands.
//!
//! Real gammatone filters of the fourth order, broader than a healthy ear's, each one's output moved
//! forward in time by its own delay, with silence at the end; then, from some band on, a two-pole Bessel
//! high-pass takes away what a gammatone lets through far below its centre.

use super::Class;

/// A bank: how wide its filters are and where they lie.
#[derive(Debug)]
pub(super) struct Bank {
    /// Width over that of a healthy ear's filters.
    pub(super) broadening: f64,
    /// Centres below the lowest that lies on the even grid, Hz; the published bank's own, read from the
    /// poles of pyclarity 0.9.0's filters.
    low_hz: &'static [f64],
    /// Distance of the other centres, Cam, down from [`HIGHEST_HZ`].
    spacing_cam: f64,
    /// Samples by which each band's output is moved forward, at 44.1 kHz.
    advance_samples: &'static [usize],
    /// Corner of each of the last bands' high-pass, in units of [`CORNER_UNIT_HZ`].
    corners: &'static [u16],
    /// Attenuation that makes the sum of all bands as loud as the input, dB; its last digits by the level of
    /// pyclarity 0.9.0's output.
    pub(super) recombination_db: f64,
}

/// Centre of every bank's last band, Hz.
const HIGHEST_HZ: f64 = 19_183.5;
/// The corners were found on a grid of 8192 points at 44.1 kHz.
const CORNER_UNIT_HZ: f64 = 44_100.0 / 8192.0;

/// For no loss and mild loss: 36 bands.
static MILD: Bank = Bank {
    broadening: 1.5,
    low_hz: &[
        72.582_017_745_0,
        97.861_305_302_3,
        129.448_976_636_2,
        168.201_914_031_5,
        214.956_778_486_8,
        270.520_851_925_1,
        335.670_918_000_5,
        411.160_170_710_0,
        497.732_218_115_5,
        596.140_635_295_1,
        707.172_264_428_5,
        831.672_525_015_0,
        970.571_294_218_6,
    ],
    spacing_cam: 1.125,
    advance_samples: &[
        485, 442, 396, 349, 311, 272, 239, 210, 186, 162, 143, 126, 111, 98, 87, 77, 69, 61, 54, 47, 42, 37, 33, 29,
        26, 23, 20, 18, 16, 14, 12, 11, 10, 9, 8, 7,
    ],
    corners: &[17, 20, 23, 28, 33, 39, 47, 56, 68, 81, 98, 118, 143, 172, 207, 248, 297, 353, 416, 484, 553, 612],
    recombination_db: 5.133_590_841,
};

/// For moderate loss: 28 bands.
static MODERATE: Bank = Bank {
    broadening: 2.0,
    low_hz: &[
        65.826_945_242_0,
        95.554_589_992_3,
        134.883_070_805_0,
        185.570_212_343_8,
        249.409_281_021_4,
        328.231_878_875_0,
        423.940_106_845_3,
        538.565_396_279_7,
        674.347_967_230_1,
    ],
    spacing_cam: 1.5,
    advance_samples: &[
        379, 339, 289, 253, 216, 184, 156, 132, 111, 95, 80, 68, 58, 49, 42, 36, 30, 26, 22, 19, 16, 13, 11, 10, 8, 7,
        6, 5,
    ],
    corners: &[23, 29, 35, 44, 55, 70, 88, 112, 142, 180, 228, 288, 361, 448, 541, 625],
    recombination_db: 4.967_792_070,
};

/// For severe loss: 19 bands.
static SEVERE: Bank = Bank {
    broadening: 3.0,
    low_hz: &[
        83.317_708_815_9,
        133.067_398_883_3,
        204.097_589_454_3,
        302.164_691_326_7,
        434.025_024_765_0,
        607.851_993_006_3,
    ],
    spacing_cam: 2.25,
    advance_samples: &[229, 204, 166, 133, 106, 83, 65, 50, 39, 31, 24, 19, 15, 12, 9, 7, 5, 4, 4],
    corners: &[40, 54, 74, 102, 142, 199, 278, 387, 526, 664],
    recombination_db: 4.240_378_918,
};

/// The number of the ERB at `hz`, Cam (Glasberg and Moore 1990).
fn cam(hz: f64) -> f64 {
    21.4 * libm::log10(4.37 * hz / 1000.0 + 1.0)
}

/// The other way round, Hz.
fn cam_to_hz(cam: f64) -> f64 {
    (libm::pow(10.0, cam / 21.4) - 1.0) * 1000.0 / 4.37
}

/// Width of a healthy ear's filter at `hz`, Hz (Glasberg and Moore 1990).
pub(super) fn erb_hz(hz: f64) -> f64 {
    24.7 * (4.37 * hz / 1000.0 + 1.0)
}

/// One band: its filters' coefficients at 44.1 kHz.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    /// Its centre, Hz.
    pub(super) centre_hz: f64,
    /// Samples by which its output is moved forward.
    pub(super) advance_samples: usize,
    /// Each of the four sections: (1 - `zero` z^-1) / (1 + `poles[0]` z^-1 + `poles[1]` z^-2).
    pub(super) zero: f64,
    pub(super) poles: [f64; 2],
    /// The high-pass, b0 = 1; all 0 where there is none.
    pub(super) high_pass_zeros: [f64; 2],
    pub(super) high_pass_poles: [f64; 2],
    /// What makes sections and high-pass together 0 dB at the centre.
    pub(super) gain: f64,
}

impl Bank {
    /// The bank for a class of loss.
    pub(super) fn of(class: Class) -> &'static Self {
        match class {
            Class::None | Class::Mild => &MILD,
            Class::Moderate => &MODERATE,
            Class::Severe => &SEVERE,
        }
    }

    /// Its bands, by ascending centre.
    pub(super) fn bands(&self, sample_rate_hz: f64) -> Vec<Band> {
        let count = self.advance_samples.len();
        let without_corner = count - self.corners.len();
        let band = |k: usize| {
            let below_top = (count - 1 - k) as f64;
            let on_grid = || cam_to_hz(cam(HIGHEST_HZ) - below_top * self.spacing_cam);
            let centre_hz = self.low_hz.get(k).copied().unwrap_or_else(on_grid);
            let corner = k.checked_sub(without_corner).map(|k| f64::from(self.corners[k]) * CORNER_UNIT_HZ);
            Band::new(centre_hz, self.broadening, corner, self.advance_samples[k], sample_rate_hz)
        };
        (0..count).map(band).collect()
    }
}

impl Band {
    fn new(
        centre_hz: f64,
        broadening: f64,
        corner_hz: Option<f64>,
        advance_samples: usize,
        sample_rate_hz: f64,
    ) -> Self {
        let turn = std::f64::consts::TAU * centre_hz / sample_rate_hz;
        let radius = libm::exp(-std::f64::consts::TAU * broadening * erb_hz(centre_hz) / sample_rate_hz);
        let zero = radius * libm::cos(turn);
        let poles = [-2.0 * zero, radius * radius];
        let mut gain = magnitude([1.0, -zero, 0.0], poles, turn).powi(-4);
        let (mut high_pass_zeros, mut high_pass_poles) = ([0.0; 2], [0.0; 2]);
        if let Some(corner_hz) = corner_hz {
            // A Bessel low-pass of two poles (Q = 1/sqrt 3) turned round: s^2 / (s^2 + s w/Q + w^2), by the
            // bilinear transform that leaves the corner where it is; w is sqrt 3 corners.
            let w = libm::sqrt(3.0) * libm::tan(std::f64::consts::PI * corner_hz / sample_rate_hz);
            let damped = libm::sqrt(3.0) * w;
            let scale = 1.0 + damped + w * w;
            high_pass_zeros = [-2.0, 1.0];
            high_pass_poles = [2.0 * (w * w - 1.0) / scale, (1.0 - damped + w * w) / scale];
            gain /= magnitude([1.0, -2.0, 1.0], high_pass_poles, turn);
        }
        Self { centre_hz, advance_samples, zero, poles, high_pass_zeros, high_pass_poles, gain }
    }
}

/// Magnitude of a second-order section at `turn` radians a sample.
fn magnitude(zeros: [f64; 3], poles: [f64; 2], turn: f64) -> f64 {
    let at = |c: [f64; 3]| {
        let re = c[0] + c[1] * libm::cos(turn) + c[2] * libm::cos(2.0 * turn);
        let im = c[1] * libm::sin(turn) + c[2] * libm::sin(2.0 * turn);
        libm::hypot(re, im)
    };
    at(zeros) / at([1.0, poles[0], poles[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_have_their_published_bands() {
        for (class, count, first_hz, grid_hz) in [
            (Class::None, 36, 72.582, (14, 1299.105)),
            (Class::Moderate, 28, 65.827, (9, 833.830)),
            (Class::Severe, 19, 83.318, (6, 833.830)),
        ] {
            let bands = Bank::of(class).bands(44_100.0);
            assert_eq!(bands.len(), count);
            assert!(bands.is_sorted_by(|a, b| a.centre_hz < b.centre_hz && a.advance_samples >= b.advance_samples));
            let (at, hz) = grid_hz;
            for (got, expected) in
                [(bands[0].centre_hz, first_hz), (bands[at].centre_hz, hz), (bands[count - 1].centre_hz, 19_183.5)]
            {
                assert!((got - expected).abs() < 6e-4, "{class:?}: {got} for {expected}");
            }
        }
    }

    /// Coefficients of pyclarity 0.9.0's filters, to the digits it prints.
    #[test]
    fn filters_are_those_of_pyclarity() {
        let bands = Bank::of(Class::Mild).bands(44_100.0);
        let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-11, "{got} for {expected}");
        close(bands[0].poles[0], -1.986_035_922_359_192_8);
        close(bands[0].poles[1], 0.986_190_130_748_368);
        close(bands[0].gain, 0.012_103_694_520_719_806_f64.powi(4));
        close(bands[14].high_pass_poles[0], -1.961_137_927_941_125_2);
        close(bands[14].high_pass_poles[1], 0.961_638_129_196_597_3);
        close(bands[35].high_pass_poles[0], -0.877_246_970_242_958_5);
        close(bands[35].gain, 0.509_781_907_741_821_3_f64.powi(4) * 0.531_385_831_886_875_2);
        assert_eq!(bands[13].high_pass_zeros, [0.0; 2]);
    }
}
