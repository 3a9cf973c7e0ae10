//! The edges of what is heard: Butterworth filters of the fourth order that may move while sound runs through them.
//!
//! State-variable sections in trapezoidal form (Zavalishin 2012): their state is the signal's, not the coefficients',
//! so that an edge can glide without a click. In f64, where a low edge at a high rate loses nothing.

/// Damping (1/Q) of the sections of a Butterworth filter of the fourth order: 2 cos(pi/8) and 2 cos(3 pi/8).
const DAMPING: [f64; 2] = [1.847_759_065_022_573_5, 0.765_366_864_730_179_7];
/// Where a lower edge begins to filter, and from where on it does so wholly, Hz.
const LOW_HZ: (f64, f64) = (10.0, 20.0);
/// Likewise the upper edge, downwards, as a share of the rate.
const HIGH_SHARE: (f64, f64) = (0.45, 0.42);
/// State below which there is nothing.
const ENDED: f64 = 1e-18;

/// Which side of the edge passes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Below,
    Above,
}

/// One edge: two sections in a row, and how much of the filtered sound is heard.
struct Edge {
    side: Side,
    rate: f64,
    /// Hz that `sections` were made for.
    of_hz: f64,
    /// `(a1, a2, a3, damping)` of each section.
    sections: [[f64; 4]; 2],
    state: [[f64; 2]; 2],
    /// 0 where the edge filters nothing, 1 where it filters all.
    share: f64,
}

impl Edge {
    fn new(side: Side, rate: f64) -> Self {
        Self { side, rate, of_hz: -1.0, sections: [[0.0; 4]; 2], state: [[0.0; 2]; 2], share: 0.0 }
    }

    fn reset(&mut self) {
        self.of_hz = -1.0;
        self.state = [[0.0; 2]; 2];
        self.share = 0.0;
    }

    /// For an edge from now on, where the sound is at `sample`.
    fn design(&mut self, hz: f64, sample: f64) {
        self.of_hz = hz;
        let share = match self.side {
            Side::Above => (hz - LOW_HZ.0) / (LOW_HZ.1 - LOW_HZ.0),
            Side::Below => (HIGH_SHARE.0 - hz / self.rate) / (HIGH_SHARE.0 - HIGH_SHARE.1),
        };
        let share = share.clamp(0.0, 1.0);
        if self.share == 0.0 && share > 0.0 {
            // Begun as if the sound had always been where it is: what passes low frequencies holds it, and the other has
            // had nothing to hold, so that neither starts with a step.
            let held = if self.side == Side::Below { sample } else { 0.0 };
            self.state = [[held, 0.0]; 2];
        }
        self.share = share;
        let g = libm::tan(std::f64::consts::PI * (hz / self.rate).clamp(1e-5, HIGH_SHARE.0));
        for (section, damping) in self.sections.iter_mut().zip(DAMPING) {
            let a1 = 1.0 / (1.0 + g * (g + damping));
            *section = [a1, g * a1, g * g * a1, damping];
        }
    }

    fn process(&mut self, samples: &mut [f32], hz: f64) {
        if self.of_hz != hz {
            self.design(hz, samples.first().map_or(0.0, |x| f64::from(*x)));
        }
        if self.share == 0.0 {
            return;
        }
        for sample in samples {
            let x = f64::from(*sample);
            let mut y = x;
            for ([a1, a2, a3, damping], [low, band]) in self.sections.iter().zip(&mut self.state) {
                let v3 = y - *low;
                let v1 = a1 * *band + a2 * v3;
                let v2 = *low + a2 * *band + a3 * v3;
                *band = 2.0 * v1 - *band;
                *low = 2.0 * v2 - *low;
                y = if self.side == Side::Below { v2 } else { y - damping * v1 - v2 };
            }
            *sample = (x + self.share * (y - x)) as f32;
        }
        for value in self.state.as_flattened_mut() {
            if value.abs() < ENDED {
                *value = 0.0;
            }
        }
    }
}

/// Both edges.
pub(super) struct Band {
    above: Edge,
    below: Edge,
}

impl Band {
    pub(super) fn new(sample_rate_hz: u32) -> Self {
        let rate = f64::from(sample_rate_hz);
        Self { above: Edge::new(Side::Above, rate), below: Edge::new(Side::Below, rate) }
    }

    pub(super) fn reset(&mut self) {
        self.above.reset();
        self.below.reset();
    }

    /// One control period in place, between two edges, Hz.
    pub(super) fn process(&mut self, samples: &mut [f32], high_pass_hz: f64, low_pass_hz: f64) {
        self.above.process(samples, high_pass_hz);
        self.below.process(samples, low_pass_hz);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gain in dB of a steady tone.
    fn gain_db(rate: u32, edges: (f64, f64), hz: f64) -> f64 {
        let mut band = Band::new(rate);
        let samples = rate as usize / 2;
        let tone = |n: usize| libm::sin(std::f64::consts::TAU * hz * n as f64 / f64::from(rate)) as f32;
        let mut out: Vec<f32> = (0..samples).map(tone).collect();
        for block in out.chunks_mut(32) {
            band.process(block, edges.0, edges.1);
        }
        let power =
            |from: usize, of: &dyn Fn(usize) -> f32| (from..samples).map(|n| f64::from(of(n)).powi(2)).sum::<f64>();
        10.0 * (power(samples / 2, &|n| out[n]) / power(samples / 2, &tone)).log10()
    }

    #[test]
    fn edges_are_3_db_down_and_fall_by_24_db_an_octave() {
        for rate in [16_000, 48_000, 192_000] {
            for (low, high) in [(70.0, 4000.0), (200.0, 2000.0), (350.0, 5656.0)] {
                for edge in [low, high] {
                    let there = gain_db(rate, (low, high), edge);
                    assert!((there + 3.01).abs() < 0.15, "{edge} Hz at {rate} Hz: {there} dB");
                }
                assert!(gain_db(rate, (low, high), 900.0).abs() < 0.1);
                let octave = gain_db(rate, (low, high), 0.5 * low);
                assert!((octave + 24.1).abs() < 0.5, "an octave below {low} Hz: {octave} dB");
            }
        }
    }

    #[test]
    fn no_edge_changes_nothing_to_the_bit() {
        let mut band = Band::new(48_000);
        let input: Vec<f32> = (0..320).map(|n| ((n * 37 % 101) as f32 - 50.0) / 51.0).collect();
        let mut output = input.clone();
        for block in output.chunks_mut(32) {
            band.process(block, 0.0, 1e5);
        }
        assert_eq!(input, output);
    }
}
