use crate::support::*;
use auricle::ear::Stage;
use auricle::implant::params::{Array, Carrier, Implant, Places, ProcessorParams};
use auricle::level::Calibration;
use auricle::measure::intelligibility::{Effort, Modulated};

#[test]
fn strategies() {
    for (name, array, p) in [
        ("ace", Array::ContourAdvance, ProcessorParams::ace()),
        ("cis", Array::Standard, ProcessorParams::cis()),
        ("f120", Array::Sixteen, ProcessorParams::f120()),
        ("fs4", Array::Standard, ProcessorParams::fs4()),
    ] {
        let imp = Implant { array, processor: p, ..implant(Carrier::Sine, Places::Matched) };
        let mut path =
            match auricle::implant::information::Information::new(&imp, &[], RATE_HZ, Calibration::default(), 7) {
                Ok(p) => p,
                Err(e) => {
                    eprintln!("{name}: {e}");
                    continue;
                }
            };
        eprintln!("{name} latency {} = {} ms", path.latency_samples(), path.latency_samples() as f64 / 48.0);
        for hz in [120.0, 235.0, 300.0, 384.0, 500.0, 700.0, 836.0, 1000.0, 1700.0, 3019.0, 4084.0, 5500.0] {
            let mut line = format!("{hz}:");
            for level in [35.0, 45.0, 55.0, 65.0] {
                path.reset();
                let mut sound = tone(hz, level, RATE_HZ, 1.0);
                sound[0] = 0.9;
                let out = heard(&mut path, &sound, 480);
                line += &format!(" {level}->{:.1}", db_spl(&out[24_000..]));
            }
            eprintln!("{line}");
        }
        for effort in [Effort::Normal, Effort::Loud] {
            let speech = Modulated::new(effort, Calibration::default(), RATE_HZ, 5.0, 3).samples;
            path.reset();
            let out = heard(&mut path, &speech, 480);
            eprintln!("{effort:?}: {:.1} -> {:.1}", db_spl(&speech), db_spl(&out));
        }
        for hz in [235.0, 1000.0, 4000.0] {
            for fm in [4.0, 10.0, 20.0, 100.0, 300.0] {
                let depth = 0.5;
                let mut s: Vec<f32> = tone(hz, 50.0, RATE_HZ, 3.0)
                    .iter()
                    .enumerate()
                    .map(|(n, x)| x * (1.0 + depth * (std::f64::consts::TAU * fm * n as f64 / 48000.0).sin()) as f32)
                    .collect();
                path.reset();
                s[0] = 0.9;
                let out = heard(&mut path, &s, 480);
                let (m, d) = modulation(&out, fm, RATE_HZ);
                eprint!(" {hz} fm {fm}: {:.3} {:.2} ms,", m / depth, d * 1e3);
            }
            eprintln!();
        }
    }
}
