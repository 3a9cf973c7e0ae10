//! The course of each electrode's power, on the control grid: every pulse counts for a while around itself.
//!
//! ```text
//! pulses     |    |    |         |         power
//! weights   /\   /\   /\        /\         of pulses an interval apart they add up to 1 at every moment
//! grid     . . . . . . . . . . . . . .     and so a steady train has a steady power, whatever the grid
//! ```
//! A pulse's weight is a Hann window. It lasts two intervals of its electrode's pulses, or so many more that it is
//! no shorter than two milliseconds: the grid would not follow it. Pulses of fine structure have windows of two
//! milliseconds however rarely they come, as much higher as they are too short: the mean is the same.

use super::Channel;

/// The shortest half of a window, seconds.
const LEAST_HALF_SECS: f64 = 1e-3;
/// How far ahead of what has been rendered a pulse may lie, seconds.
const AHEAD_SECS: f64 = 0.025;

/// The first moment asked for: the end of the first period. At its beginning nothing has sounded yet.
const FIRST: u64 = 1;

/// Half a window of a channel's pulses, seconds: a whole number of intervals, unless it is of fine structure.
fn half_secs(channel: &Channel) -> f64 {
    if channel.fine {
        LEAST_HALF_SECS
    } else {
        channel.interval_secs * libm::ceil(LEAST_HALF_SECS / channel.interval_secs - 1e-9).max(1.0)
    }
}

/// Powers at moments on the grid, a ring.
#[derive(Debug, Clone)]
pub(super) struct Course {
    /// Half of each electrode's window, samples, and the weight in its middle, `[electrode]`.
    half: Vec<(f64, f32)>,
    /// `[moment][electrode]`, flattened.
    power: Vec<f32>,
    moments: usize,
    period_samples: f64,
    /// The first moment that has not been taken; moment k is at the beginning of period k.
    next: u64,
}

impl Course {
    /// For electrodes with `channels`.
    pub(super) fn new(channels: &[Option<Channel>], sample_rate_hz: u32, period_samples: usize) -> Self {
        let rate = f64::from(sample_rate_hz);
        let window =
            |channel: &Channel| (half_secs(channel) * rate, (channel.interval_secs / half_secs(channel)) as f32);
        let half: Vec<(f64, f32)> =
            channels.iter().map(|channel| channel.as_ref().map_or((1.0, 0.0), window)).collect();
        let delay_secs = channels.iter().flatten().fold(0.0_f64, |longest, channel| longest.max(channel.delay_secs));
        let longest = half.iter().fold(0.0_f64, |longest, (half, _)| longest.max(*half));
        let moments =
            libm::ceil((2.0 * longest + (AHEAD_SECS + delay_secs) * rate) / period_samples as f64) as usize + 4;
        let power = vec![0.0; moments * half.len()];
        Self { half, power, moments, period_samples: period_samples as f64, next: FIRST }
    }

    /// Half of the longest window, samples.
    pub(super) fn longest_half_samples(&self) -> usize {
        self.half.iter().fold(0.0_f64, |longest, (half, _)| longest.max(*half)).ceil() as usize
    }

    pub(super) fn reset(&mut self) {
        self.power.fill(0.0);
        self.next = FIRST;
    }

    /// Adds a pulse of `power` to an electrode at a place in samples. What of it lies before the next moment or too
    /// far ahead is left out.
    pub(super) fn add(&mut self, electrode: usize, at_samples: f64, power: f32) {
        let (half, middle) = self.half[electrode];
        let first = (libm::ceil((at_samples - half) / self.period_samples).max(0.0) as u64).max(self.next);
        let last = libm::floor((at_samples + half) / self.period_samples).max(-1.0) as i64;
        let last = last.min(self.next as i64 + self.moments as i64 - 1);
        let mut moment = first;
        while moment as i64 <= last {
            let place = (moment as f64 * self.period_samples - at_samples) / half;
            let row = (moment % self.moments as u64) as usize * self.half.len();
            self.power[row + electrode] += middle * hann(place) as f32 * power;
            moment += 1;
        }
    }

    /// The next moment's powers, `[electrode]`, to be cleared by the caller once they are used.
    pub(super) fn take(&mut self) -> &mut [f32] {
        let electrodes = self.half.len();
        let row = (self.next % self.moments as u64) as usize * electrodes;
        self.next += 1;
        &mut self.power[row..row + electrodes]
    }
}

/// 1/2 + 1/2 cos(pi x) for x from -1 to 1, as the square of cos(pi x / 2): its Taylor series to the twelfth power, whose
/// error is below 1e-8.
#[inline]
fn hann(x: f64) -> f64 {
    let y = 0.25 * std::f64::consts::PI * std::f64::consts::PI * x * x;
    let terms = 1.0 - y / 132.0;
    let terms = 1.0 - y / 90.0 * terms;
    let terms = 1.0 - y / 56.0 * terms;
    let terms = 1.0 - y / 30.0 * terms;
    let terms = 1.0 - y / 12.0 * terms;
    let cos = 1.0 - y / 2.0 * terms;
    cos * cos
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A channel with pulses `interval_secs` apart.
    fn channel(interval_secs: f64, fine: bool) -> Option<Channel> {
        Some(Channel { low_hz: 200.0, centre_hz: 250.0, high_hz: 300.0, interval_secs, fine, delay_secs: 0.0 })
    }

    #[test]
    fn a_steady_train_is_steady_at_any_rate_and_grid() {
        for (rate, period, interval) in [(48_000, 32, 72.0 / 62_500.0), (8_000, 8, 0.002), (192_000, 128, 0.00027)] {
            let mut course = Course::new(&[None, channel(interval, false)], rate, period);
            let samples = interval * f64::from(rate);
            let mut found = Vec::new();
            let mut pulse = 0;
            for moment in 1..400 {
                while f64::from(pulse) * samples < (f64::from(moment) + 10.0) * period as f64 {
                    course.add(1, f64::from(pulse) * samples, 3.0);
                    pulse += 1;
                }
                let row = course.take();
                assert_eq!(row[0], 0.0);
                found.push(row[1]);
                row.fill(0.0);
            }
            assert!(found[20..].iter().all(|power| (power - 3.0).abs() < 1e-5), "{rate} Hz: {:?}", &found[20..40]);
        }
    }

    #[test]
    fn fine_structure_keeps_its_rhythm_and_its_mean() {
        let mut course = Course::new(&[channel(0.008, true)], 48_000, 32);
        let mut found = Vec::new();
        for moment in 1..1201 {
            // 384 samples from pulse to pulse.
            if moment % 12 == 1 {
                course.add(0, f64::from(moment) * 32.0 + 64.0, 1.0);
            }
            let row = course.take();
            found.push(row[0]);
            row.fill(0.0);
        }
        let mean = found.iter().sum::<f32>() / found.len() as f32;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!(found[600..612].iter().any(|power| *power > 6.0) && found[600..612].contains(&0.0));
    }

    #[test]
    fn the_window_is_its_definition() {
        for i in -1000..=1000 {
            let x = f64::from(i) / 1000.0;
            assert!((hann(x) - (0.5 + 0.5 * (std::f64::consts::PI * x).cos())).abs() < 1e-7, "{x}");
        }
    }

    #[test]
    fn what_is_late_or_far_ahead_does_no_harm() {
        let mut course = Course::new(&[channel(0.001, false)], 48_000, 32);
        course.take().fill(0.0);
        course.add(0, -500.0, 1.0);
        course.add(0, -1e12, 1.0);
        course.add(0, 1e12, 1.0);
        for _ in 0..1000 {
            assert_eq!(course.take(), [0.0]);
        }
    }
}
