//! Rulers: F0, formants, spectra, levels. Written from their definitions in f64, sharing no code with the renderer.

use std::f64::consts::{PI, TAU};

/// RMS level, dB re 1.
pub(crate) fn level_db(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    10.0 * (sum / samples.len().max(1) as f64).max(1e-30).log10()
}

/// F0 every 10 ms, Hz, `None` where nothing repeats: normalised autocorrelation over 40 ms, 60 to 500 Hz, at a rate
/// brought down to about 8 kHz.
pub(crate) fn f0_contour(rate_hz: u32, samples: &[f32]) -> Vec<Option<f64>> {
    let factor = (rate_hz / 8000).max(1) as usize;
    let rate = f64::from(rate_hz) / factor as f64;
    let low = low_passed(samples, factor);
    let (window, shortest, longest) = ((0.040 * rate) as usize, (rate / 500.0) as usize, (rate / 60.0) as usize);
    let mut contour = Vec::new();
    let mut at = 0;
    while at + window + longest + 1 < low.len() {
        let frame = &low[at..at + window + longest + 1];
        let product = |lag: usize| (0..window).map(|n| frame[n] * frame[n + lag]).sum::<f64>();
        let energy = |lag: usize| frame[lag..lag + window].iter().map(|x| x * x).sum::<f64>();
        let likeness: Vec<f64> =
            (0..=longest).map(|lag| product(lag) / (energy(0) * energy(lag)).sqrt().max(1e-12)).collect();
        let most = likeness[shortest..longest].iter().copied().fold(0.0, f64::max);
        // The first peak that is nearly as high as the highest is the period; later ones are its multiples.
        let peak = (shortest..longest).find(|lag| {
            likeness[*lag] > 0.9 * most && likeness[*lag] >= likeness[lag - 1] && likeness[*lag] >= likeness[lag + 1]
        });
        let loud = energy(0) / window as f64 > 1e-6;
        contour.push(peak.filter(|_| most > 0.8 && loud).map(|lag| {
            let (a, b, c) = (likeness[lag - 1], likeness[lag], likeness[lag + 1]);
            rate / (lag as f64 + 0.5 * (a - c) / (a - 2.0 * b + c))
        }));
        at += (0.010 * rate) as usize;
    }
    contour
}

/// Mean and standard deviation of a contour, octaves re 100 Hz, of what is within 0.75 octaves of its median: octave errors
/// of the ruler, hums and hisses aside.
pub(crate) fn contour_octaves(contour: &[Option<f64>]) -> (f64, f64) {
    let mut octaves: Vec<f64> = contour.iter().flatten().map(|hz| (hz / 100.0).log2()).collect();
    octaves.sort_by(f64::total_cmp);
    let median = octaves[octaves.len() / 2];
    let kept: Vec<f64> = octaves.into_iter().filter(|x| (x - median).abs() < 0.75).collect();
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    (mean, (kept.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / kept.len() as f64).sqrt())
}

/// Every `factor`th sample of what a windowed sinc leaves below 0.4 of the lower rate.
fn low_passed(samples: &[f32], factor: usize) -> Vec<f64> {
    if factor == 1 {
        return samples.iter().map(|x| f64::from(*x)).collect();
    }
    let half = 12 * factor;
    let cut = 0.4 / factor as f64;
    let taps: Vec<f64> = (0..=2 * half)
        .map(|n| {
            let t = n as f64 - half as f64;
            let sinc = if t == 0.0 { 2.0 * cut } else { (TAU * cut * t).sin() / (PI * t) };
            sinc * (0.5 + 0.5 * (PI * t / (half as f64 + 1.0)).cos())
        })
        .collect();
    (0..samples.len().saturating_sub(2 * half))
        .step_by(factor)
        .map(|at| samples[at..].iter().zip(&taps).map(|(x, tap)| f64::from(*x) * tap).sum())
        .collect()
}

/// Peaks of a voice's spectrum envelope below `highest_hz`, Hz, by linear prediction at about 8 to 12 kHz, pre-emphasised.
pub(crate) fn formants(rate_hz: u32, samples: &[f32], order: usize, highest_hz: f64) -> Vec<f64> {
    let factor = (rate_hz / 12_000).max(1) as usize;
    let rate = f64::from(rate_hz) / factor as f64;
    let low = low_passed(samples, factor);
    let emphasised: Vec<f64> = low.windows(2).map(|pair| pair[1] - 0.97 * pair[0]).collect();
    // Correlations averaged over windows of 40 ms.
    let window = (0.04 * rate) as usize;
    let mut correlation = vec![0.0; order + 1];
    for frame in emphasised.chunks_exact(window) {
        let frame: Vec<f64> =
            frame.iter().enumerate().map(|(n, x)| x * (0.5 - 0.5 * (TAU * n as f64 / window as f64).cos())).collect();
        for (lag, sum) in correlation.iter_mut().enumerate() {
            *sum += frame[lag..].iter().zip(&frame).map(|(a, b)| a * b).sum::<f64>();
        }
    }
    let filter = levinson(&correlation);
    let response = |hz: f64| {
        let angle = TAU * hz / rate;
        let (mut re, mut im) = (0.0, 0.0);
        for (k, a) in filter.iter().enumerate() {
            re += a * (angle * k as f64).cos();
            im -= a * (angle * k as f64).sin();
        }
        -10.0 * (re * re + im * im).log10()
    };
    let grid: Vec<f64> = (0..(highest_hz / 5.0) as usize).map(|i| response(5.0 * i as f64)).collect();
    (1..grid.len() - 1).filter(|i| grid[*i] > grid[i - 1] && grid[*i] > grid[i + 1]).map(|i| 5.0 * i as f64).collect()
}

/// Levinson and Durbin's recursion.
fn levinson(correlation: &[f64]) -> Vec<f64> {
    let mut filter = vec![1.0];
    let mut error = correlation[0] * (1.0 + 1e-9);
    for i in 1..correlation.len() {
        let sum: f64 = filter.iter().enumerate().map(|(k, a)| a * correlation[i - k]).sum();
        let reflection = -sum / error;
        let mut next = filter.clone();
        next.push(0.0);
        for (next, mirrored) in next[1..].iter_mut().zip(filter.iter().rev()) {
            *next += reflection * mirrored;
        }
        filter = next;
        error *= 1.0 - reflection * reflection;
    }
    filter
}

/// Mean power within `from_hz..to_hz`, averaged over time, from the definition of a band: a comb of single-frequency
/// transforms `step_hz` apart over Hann windows of 1/step.
pub(crate) fn band_power(rate_hz: u32, samples: &[f32], from_hz: f64, to_hz: f64, step_hz: f64) -> f64 {
    let count = ((to_hz - from_hz) / step_hz).round().max(1.0) as usize;
    (0..count).map(|i| power_at(rate_hz, samples, from_hz + (i as f64 + 0.5) * step_hz, step_hz)).sum::<f64>()
        / count as f64
}

/// Power about one frequency, resolved to `resolution_hz`, averaged over half-overlapping windows.
pub(crate) fn power_at(rate_hz: u32, samples: &[f32], hz: f64, resolution_hz: f64) -> f64 {
    let window = (2.0 * f64::from(rate_hz) / resolution_hz) as usize;
    let turn = TAU * hz / f64::from(rate_hz);
    let (mut total, mut frames) = (0.0, 0);
    let mut at = 0;
    while at + window <= samples.len() {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in samples[at..at + window].iter().enumerate() {
            let x = f64::from(*x) * (0.5 - 0.5 * (TAU * n as f64 / window as f64).cos());
            re += x * (turn * n as f64).cos();
            im += x * (turn * n as f64).sin();
        }
        total += (re * re + im * im) / (window as f64 * window as f64 / 16.0) * 0.5;
        frames += 1;
        at += window / 2;
    }
    total / f64::from(frames.max(1))
}
