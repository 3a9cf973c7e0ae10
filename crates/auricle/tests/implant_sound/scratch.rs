use crate::support::*;
use auricle::ear::Stage;
use auricle::implant::params::{Carrier, Places};
use auricle::level::Calibration;
use auricle::measure::intelligibility::{Effort, Modulated};

#[test]
fn numbers() {
    for carrier in [Carrier::Spiral, Carrier::Bursts, Carrier::Noise, Carrier::Sine] {
        let mut path = information(&implant(carrier, Places::Matched), RATE_HZ);
        eprintln!("{carrier:?} latency {} = {} ms", path.latency_samples(), path.latency_samples() as f64 / 48.0);
        for hz in [250.0, 300.0, 500.0, 550.0, 1000.0, 1700.0, 3000.0, 5500.0] {
            let mut line = format!("{hz}:");
            for level in [25.0, 35.0, 45.0, 55.0, 65.0] {
                path.reset();
                // a loud click first to lift the ceiling
                let mut sound = tone(hz, level, RATE_HZ, 1.0);
                sound[0] = 0.9;
                let out = heard(&mut path, &sound, 480);
                path.reset();
                sound[0] = 0.0;
                let capped = heard(&mut path, &sound, 480);
                line += &format!(" {level}->{:.1}({:.1})", db_spl(&out[24_000..]), db_spl(&capped[24_000..]));
            }
            eprintln!("{line}");
        }
        for effort in [Effort::Normal, Effort::Loud] {
            let speech = Modulated::new(effort, Calibration::default(), RATE_HZ, 5.0, 3).samples;
            for gain_db in [-20.0, -10.0, 0.0] {
                path.reset();
                let sound: Vec<f32> = speech.iter().map(|x| x * 10f32.powf(gain_db / 20.0)).collect();
                let out = heard(&mut path, &sound, 480);
                let peak = |x: &[f32]| x.iter().fold(0f32, |a, b| a.max(b.abs()));
                eprintln!(
                    "{effort:?} {gain_db}: {:.1} -> {:.1}, peaks {:.3} {:.3}",
                    db_spl(&sound),
                    db_spl(&out),
                    peak(&sound),
                    peak(&out)
                );
            }
        }
        // modulation
        for fm in [4.0, 10.0, 20.0, 50.0, 100.0, 200.0, 300.0] {
            let depth = 0.5;
            let carrier_tone = tone(1000.0, 50.0, RATE_HZ, 2.0);
            let am: Vec<f32> = carrier_tone
                .iter()
                .enumerate()
                .map(|(n, x)| x * (1.0 + depth * (std::f64::consts::TAU * fm * n as f64 / 48000.0).sin()) as f32)
                .collect();
            path.reset();
            let mut s = am.clone();
            s[0] = 0.9;
            let out = heard(&mut path, &s, 480);
            let (m, phase) = modulation(&out[24_000..], fm, 24_000);
            eprintln!("fm {fm}: {:.3}, delay {:.2} ms", m / depth, phase / fm * 1e3);
        }
        path.reset();
        let speech = Modulated::new(Effort::Normal, Calibration::default(), RATE_HZ, 10.0, 3).samples;
        let t = Cpu::now();
        let _ = heard(&mut path, &speech, 64);
        eprintln!("speed {:.0}x", speech.len() as f64 / 48000.0 / t.elapsed().as_secs_f64());
    }
}

/// modulation depth at fm from power envelope: P(t) = (1+m sin)^2 -> use magnitude of component at fm over DC of power: 2m/(1+m²/2)
fn modulation(x: &[f32], fm: f64, offset: usize) -> (f64, f64) {
    let n = (x.len() as f64 * fm / 48000.0).floor() * 48000.0 / fm;
    let n = n as usize;
    let (mut dc, mut re, mut im) = (0.0, 0.0, 0.0);
    for (i, v) in x[..n].iter().enumerate() {
        let p = f64::from(*v).powi(2);
        let a = std::f64::consts::TAU * fm * (i + offset) as f64 / 48000.0;
        dc += p;
        re += p * a.cos();
        im += p * a.sin();
    }
    let r = 2.0 * (re * re + im * im).sqrt() / dc;
    // 2m/(1+m^2/2) = r -> m
    let m = (2.0 - (4.0 - 2.0 * r * r).sqrt()) / r;
    // sin(w(t - d)): re = -sin(wd), im = cos(wd)
    let d = (-re).atan2(im) / std::f64::consts::TAU;
    (m, d.rem_euclid(1.0))
}

#[test]
fn split() {
    use auricle::implant::information::resynthesis_params;
    use auricle::implant::processor::Processor;
    use auricle::implant::pulse::Pulse;
    use auricle::implant::pulse::PulseSink;
    use auricle::implant::resynthesis::Resynthesis;
    let imp = implant(Carrier::Spiral, Places::Matched);
    let speech = Modulated::new(Effort::Normal, Calibration::default(), RATE_HZ, 20.0, 3).samples;
    let secs = speech.len() as f64 / 48000.0;
    for _ in 0..3 {
        let mut p = Processor::new(&imp, RATE_HZ, Calibration::default()).unwrap();
        let mut pulses: Vec<Pulse> = Vec::new();
        let t = Cpu::now();
        for b in speech.chunks(32) {
            p.process(b, &mut |x: Pulse| pulses.push(x));
        }
        let a = t.elapsed().as_secs_f64();
        for carrier in [Carrier::Spiral, Carrier::Bursts, Carrier::Noise, Carrier::Sine] {
            let imp = implant(carrier, Places::Matched);
            let params = resynthesis_params(&imp, &[], &p, Calibration::default(), 1).unwrap();
            let mut r = Resynthesis::new(&params, RATE_HZ).unwrap();
            let mut out = [0f32; 32];
            let mut next = 0;
            let t = Cpu::now();
            for n in 0..speech.len() / 32 {
                let end = ((n + 1) * 32) as u64 * 10_000_000 / 48_000;
                while next < pulses.len() && pulses[next].onset_ticks < end {
                    r.pulse(pulses[next]);
                    next += 1;
                }
                r.process(&mut out);
            }
            let b = t.elapsed().as_secs_f64();
            let mut i = information(&imp, RATE_HZ);
            let mut s = speech.clone();
            let t = Cpu::now();
            for b in s.chunks_mut(64) {
                i.process(b);
            }
            let c = t.elapsed().as_secs_f64();
            eprintln!(
                "{carrier:?}: device {:.0}x resynthesis {:.0}x whole {:.0}x (rest {:.0}x)",
                secs / a,
                secs / b,
                secs / c,
                secs / (c - a - b)
            );
        }
    }
}

struct Cpu(u64);
impl Cpu {
    fn ns() -> u64 {
        std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse().unwrap()
    }
    fn now() -> Self {
        Self(Self::ns())
    }
    fn elapsed(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(Self::ns() - self.0)
    }
}
