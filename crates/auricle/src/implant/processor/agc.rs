//! Automatic gain control: how a processor brings the range of the world's sounds into its own.
//!
//! Levels are amplitudes of the device, 1 that of a tone at 95 dB SPL ([`super::front_end`]).

/// A gain that follows the sound.
#[derive(Debug, Clone)]
pub(super) enum Agc {
    /// Nothing louder than the knee for long (ACE).
    Limiter(Limiter),
    /// One detector and a ratio (CIS).
    Compressor(Compressor),
    /// A slow detector that a fast one overtakes (F120).
    DualLoop(DualLoop),
}

impl Agc {
    pub(super) fn reset(&mut self) {
        match self {
            Self::Limiter(agc) => (agc.envelope, agc.gain) = (0.0, 1.0),
            Self::Compressor(agc) => agc.detector.envelope = 0.0,
            Self::DualLoop(agc) => (agc.slow.envelope, agc.fast.envelope) = (0.0, 0.0),
        }
    }

    /// In place, each sample as `before` leaves it: in one loop, so that neither waits for the other's recursion.
    pub(super) fn process(&mut self, samples: &mut [f64], mut before: impl FnMut(f64) -> f64) {
        match self {
            Self::Limiter(agc) => samples.iter_mut().for_each(|x| *x = agc.step(before(*x))),
            Self::Compressor(agc) => samples.iter_mut().for_each(|x| *x = agc.step(before(*x))),
            Self::DualLoop(agc) => samples.iter_mut().for_each(|x| *x = agc.step(before(*x))),
        }
    }
}

/// Envelopes below this are none: it keeps denormal numbers out of the states. 400 dB below the knees.
const NOTHING: f64 = 1e-21;

/// `env = max(|x|, env 10^(-25 / (20 Tr fs)))`, `gain = min(1, knee / env)`, smoothed with a weight of
/// `3.912 / (Ta fs)` (3.912 = ln 50: within 2 % of its target after Ta).
#[derive(Debug, Clone)]
pub(super) struct Limiter {
    knee: f64,
    fall: f64,
    weight: f64,
    envelope: f64,
    gain: f64,
}

impl Limiter {
    /// With a peak above which it limits, the time in which the peak tracker falls by 25 dB, and that of attack.
    pub(super) fn new(rate_hz: f64, knee: f64, release_secs: f64, attack_secs: f64) -> Self {
        Self {
            knee,
            fall: libm::pow(10.0, -25.0 / (20.0 * release_secs * rate_hz)),
            weight: 3.912 / (attack_secs * rate_hz),
            envelope: 0.0,
            gain: 1.0,
        }
    }

    #[inline]
    fn step(&mut self, x: f64) -> f64 {
        let fallen = self.envelope * self.fall;
        self.envelope = x.abs().max(if fallen < NOTHING { 0.0 } else { fallen });
        let wanted = if self.envelope > self.knee { self.knee / self.envelope } else { 1.0 };
        self.gain += self.weight * (wanted - self.gain);
        x * self.gain
    }
}

/// The magnitude, smoothed with one time constant as it rises and another as it falls.
#[derive(Debug, Clone)]
struct Detector {
    rise: f64,
    fall: f64,
    envelope: f64,
}

impl Detector {
    fn new(rate_hz: f64, attack_secs: f64, release_secs: f64) -> Self {
        let weight = |secs: f64| -libm::expm1(-1.0 / (secs * rate_hz));
        Self { rise: weight(attack_secs), fall: weight(release_secs), envelope: 0.0 }
    }

    #[inline]
    fn step(&mut self, x: f64) -> f64 {
        let difference = x.abs() - self.envelope;
        self.envelope += if difference > 0.0 { self.rise } else { self.fall } * difference;
        if self.envelope < NOTHING {
            self.envelope = 0.0;
        }
        self.envelope
    }
}

/// The static gain of a ratio above a knee: `(knee / level)^(1 - 1/ratio)`.
#[derive(Debug, Clone, Copy)]
struct Curve {
    knee: f64,
    exponent: f64,
}

impl Curve {
    fn new(knee: f64, ratio: f64) -> Self {
        Self { knee, exponent: 1.0 - 1.0 / ratio }
    }

    #[inline]
    fn gain(&self, level: f64) -> f64 {
        if level > self.knee { libm::exp(self.exponent * libm::log(self.knee / level)) } else { 1.0 }
    }
}

/// A compressor.
#[derive(Debug, Clone)]
pub(super) struct Compressor {
    detector: Detector,
    curve: Curve,
}

impl Compressor {
    pub(super) fn new(rate_hz: f64, knee: f64, ratio: f64, attack_secs: f64, release_secs: f64) -> Self {
        Self { detector: Detector::new(rate_hz, attack_secs, release_secs), curve: Curve::new(knee, ratio) }
    }

    #[inline]
    fn step(&mut self, x: f64) -> f64 {
        x * self.curve.gain(self.detector.step(x))
    }
}

/// Two detectors: the fast one counts from as far above the slow one as `engage` (an amplitude ratio) says.
#[derive(Debug, Clone)]
pub(super) struct DualLoop {
    slow: Detector,
    fast: Detector,
    curve: Curve,
    engage: f64,
}

impl DualLoop {
    /// `slow_secs` and `fast_secs` are attack and release.
    pub(super) fn new(
        rate_hz: f64,
        knee: f64,
        ratio: f64,
        slow_secs: (f64, f64),
        fast_secs: (f64, f64),
        engage: f64,
    ) -> Self {
        Self {
            slow: Detector::new(rate_hz, slow_secs.0, slow_secs.1),
            fast: Detector::new(rate_hz, fast_secs.0, fast_secs.1),
            curve: Curve::new(knee, ratio),
            engage,
        }
    }

    #[inline]
    fn step(&mut self, x: f64) -> f64 {
        let (slow, fast) = (self.slow.step(x), self.fast.step(x));
        x * self.curve.gain(slow.max(fast / self.engage))
    }
}
