//! The accuracy card: how far a tone at the listener's own threshold comes out from 0 dB HL, ours beside MSBG's.
//!
//! `docs/card.md` and `docs/card.svg` are what this code finds: `cargo xtask card` writes them, and the test fails
//! where they say something else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auricle::audiogram;
use auricle::ear::Stage;
use auricle::ear::design::{EarDesign, EarModel};
use auricle::ear::steady::SteadyEar;
use auricle::level::Calibration;
use auricle::listener::EarFindings;
use auricle::msbg::{Msbg, MsbgParams};

const NAMES: [&str; 10] = ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "S1", "S2", "S3"];
const FREQUENCIES_HZ: [f64; 8] = [250.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0];
const RATES_HZ: [u32; 3] = [44_100, 48_000, 96_000];
/// How far a number of the card may be from what is found here, dB: rounding, and processors that round apart.
const TOLERANCE: f64 = 0.15;

/// Levels of a tone at threshold, dB HL, and errors of the threshold itself, dB, `[audiogram][frequency]`.
struct Measured {
    levels: Vec<Vec<f64>>,
    thresholds: Vec<Vec<f64>>,
}

/// Power of the later part of `samples`, dB FS.
fn settled_db_fs(samples: impl ExactSizeIterator<Item = f64>) -> f64 {
    let from = samples.len() * 6 / 10;
    let until = samples.len() * 9 / 10;
    let sum: f64 = samples.skip(from).take(until - from).map(|x| x * x).sum();
    10.0 * (sum / (until - from) as f64).log10()
}

fn tone(frequency_hz: f64, level_db_fs: f64, rate_hz: f64) -> Vec<f64> {
    let peak = 2.0_f64.sqrt() * 10.0_f64.powf(level_db_fs / 20.0);
    (0..(0.5 * rate_hz) as usize)
        .map(|n| peak * (std::f64::consts::TAU * frequency_hz * n as f64 / rate_hz).sin())
        .collect()
}

/// Ours, smearing on, on rendered f32.
fn ours(rate_hz: u32) -> Measured {
    let calibration = Calibration::default();
    let model = Arc::new(EarModel::new(rate_hz, calibration));
    let (mut levels, mut thresholds) = (Vec::new(), Vec::new());
    for name in NAMES {
        let air = audiogram::standard(name).expect("a standard audiogram");
        let design = Arc::new(EarDesign::new(&model, &EarFindings { air: air.clone(), ..EarFindings::default() }));
        let heard_db_hl = |hz: f64, level_db_hl: f64| {
            let mut ear = SteadyEar::new(Arc::clone(&model), Arc::clone(&design), 1);
            let level_db_fs = calibration.db_hl_to_db_fs(level_db_hl, hz);
            let mut sound: Vec<f32> = tone(hz, level_db_fs, f64::from(rate_hz)).into_iter().map(|x| x as f32).collect();
            ear.process(&mut sound);
            calibration.db_fs_to_db_hl(settled_db_fs(sound.iter().map(|x| f64::from(*x))), hz)
        };
        let row: Vec<(f64, f64)> = FREQUENCIES_HZ
            .iter()
            .map(|hz| {
                let stated = air.threshold_db_hl(*hz);
                let level = heard_db_hl(*hz, stated);
                let growth = 0.5 * (heard_db_hl(*hz, stated + 2.0) - level);
                (level, level / growth)
            })
            .collect();
        levels.push(row.iter().map(|(level, _)| *level).collect());
        thresholds.push(row.iter().map(|(_, threshold)| *threshold).collect());
    }
    Measured { levels, thresholds }
}

/// The MSBG simulator's, `[audiogram][frequency]`; NaN where it has no meaning (105 dB HL and more).
fn msbg() -> Vec<Vec<f64>> {
    /// Level of the tone in the file, and lowest full scale: MSBG has no value below -80 dB FS, so full scale is
    /// moved to where that is the level wanted.
    const TONE_DB_FS: f64 = -20.0;
    const LOWEST_DB_SPL: f64 = 60.0;
    let calibration = Calibration::default();
    NAMES
        .iter()
        .map(|name| {
            let air = audiogram::standard(name).expect("a standard audiogram");
            FREQUENCIES_HZ
                .iter()
                .map(|hz| {
                    let stated_db_spl = calibration.db_hl_to_db_spl(air.threshold_db_hl(*hz), *hz);
                    let full_scale_db_spl = (stated_db_spl - TONE_DB_FS).max(LOWEST_DB_SPL);
                    let params = MsbgParams { full_scale_db_spl, ..MsbgParams::new(air.clone()) };
                    let Ok(ear) = Msbg::new(&params) else { return f64::NAN };
                    let sound = tone(*hz, stated_db_spl - full_scale_db_spl, 44_100.0);
                    let heard = ear.process(&[&sound]).expect("a tone that MSBG can take");
                    let heard_db_fs = settled_db_fs(heard[0][..sound.len()].iter().copied());
                    heard_db_fs + full_scale_db_spl - calibration.db_hl_to_db_spl(0.0, *hz)
                })
                .collect()
        })
        .collect()
}

fn rms_and_worst(rows: &[Vec<f64>]) -> String {
    let all: Vec<f64> = rows.iter().flatten().copied().filter(|x| x.is_finite()).collect();
    let rms = (all.iter().map(|x| x * x).sum::<f64>() / all.len() as f64).sqrt();
    let worst = all.iter().copied().fold(0.0_f64, |worst, x| if x.abs() > worst.abs() { x } else { worst });
    format!("{rms:.2} | {worst:+.2}")
}

fn page(ours: &[Measured], msbg: &[Vec<f64>]) -> String {
    let mut page = String::from(
        "# Accuracy card\n\n\
         Written by `cargo xtask card`, checked by `cargo xtask test`. What is measured, and how: [accuracy.md](accuracy.md).\n\n\
         A tone at a listener's own threshold should come out at 0 dB HL, which is where a normal ear begins to hear\n\
         it. Here it is played through the whole simulation, smearing on, for the ten standard audiograms of Bisgaard\n\
         et al. (2010), and what comes out is read from the rendered sound. MSBG is the research standard, computed\n\
         as pyclarity 0.9.0 does ([msbg.md](msbg.md)); it works at 44.1 kHz and has no meaning from 105 dB HL on.\n\n\
         ![How far from 0 dB HL a tone at threshold comes out: Auricle within 1 dB at every frequency of every\n\
         audiogram, MSBG up to tens of dB below](card.svg)\n\n\
         | | error of the threshold, dB RMS | worst | level at threshold, dB RMS | worst |\n|---|---|---|---|---|\n",
    );
    for (rate, measured) in RATES_HZ.iter().zip(ours) {
        let (thresholds, levels) = (rms_and_worst(&measured.thresholds), rms_and_worst(&measured.levels));
        let _ = writeln!(page, "| Auricle, {} kHz | {thresholds} | {levels} |", f64::from(*rate) / 1000.0);
    }
    let _ = writeln!(page, "| MSBG, 44.1 kHz | | | {} |", rms_and_worst(msbg));
    page.push_str("\nLevel of a tone at threshold, dB HL, by frequency in Hz:\n\n| audiogram | |");
    for hz in FREQUENCIES_HZ {
        let _ = write!(page, " {hz} |");
    }
    page.push_str(&format!("\n|---|---|{}\n", "---|".repeat(FREQUENCIES_HZ.len())));
    for (at, name) in NAMES.iter().enumerate() {
        let rows =
            RATES_HZ.iter().zip(ours).map(|(rate, m)| (format!("{} kHz", f64::from(*rate) / 1000.0), &m.levels[at]));
        for (who, levels) in rows.chain([("MSBG".to_owned(), &msbg[at])]) {
            let _ = write!(page, "| {name} | {who} |");
            for level in levels {
                // Never -0.0.
                let rounded = (10.0 * level).round() / 10.0 + 0.0;
                let _ = if level.is_finite() { write!(page, " {rounded:.1} |") } else { write!(page, " none |") };
            }
            page.push('\n');
        }
    }
    page.push_str(
        "\nWhat is left of the errors is where a slope is steep and a tone is heard through the better place beside its\n\
         own (off-frequency listening): no ear, simulated or real, is without it.\n",
    );
    page
}

/// Levels by audiogram and frequency: ours as dots, MSBG's as crosses.
fn picture(ours: &[Measured], msbg: &[Vec<f64>]) -> String {
    const LEFT: f64 = 64.0;
    const TOP: f64 = 56.0;
    const COLUMN: f64 = 80.0;
    const PER_DB: f64 = 5.0;
    const HIGHEST_DB: f64 = 30.0;
    const LOWEST_DB: f64 = -50.0;
    let (width, height) = (LEFT + COLUMN * NAMES.len() as f64 + 16.0, TOP + PER_DB * (HIGHEST_DB - LOWEST_DB) + 40.0);
    let y = |db: f64| TOP + PER_DB * (HIGHEST_DB - db.clamp(LOWEST_DB, HIGHEST_DB));
    let x =
        |at: usize, hz: usize| LEFT + COLUMN * at as f64 + 10.0 + 60.0 * hz as f64 / (FREQUENCIES_HZ.len() - 1) as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<title>Level of a tone at the listener's own threshold, dB HL</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">A tone at the listener's own threshold: level that comes out, dB HL</text>\n\
         <circle cx=\"{}\" cy=\"36\" r=\"4\" fill=\"#0f766e\"/><text x=\"{}\" y=\"40\">Auricle, 44.1, 48 and 96 kHz</text>\n\
         <path d=\"M{} 32l8 8m0 -8l-8 8\" stroke=\"#b45309\" stroke-width=\"2\"/><text x=\"{}\" y=\"40\">MSBG, 44.1 kHz \
         (at the lower edge: below {LOWEST_DB} dB)</text>\n",
        LEFT + 6.0,
        LEFT + 16.0,
        LEFT + 220.0,
        LEFT + 236.0,
    );
    for db in [30.0, 20.0, 10.0, 0.0, -10.0, -20.0, -30.0, -40.0, -50.0] {
        let (line, colour) = (y(db), if db == 0.0 { "#111" } else { "#ccc" });
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {line}H{}\" stroke=\"{colour}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{db}</text>",
            width - 16.0,
            LEFT - 8.0,
            line + 4.0,
        );
    }
    for (at, name) in NAMES.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
            LEFT + COLUMN * (at as f64 + 0.5),
            height - 14.0,
        );
        for (hz, level) in msbg[at].iter().enumerate().filter(|(_, level)| level.is_finite()) {
            let (x, y) = (x(at, hz) - 4.0, y(*level) - 4.0);
            let _ = writeln!(svg, "<path d=\"M{x:.1} {y:.0}l8 8m0 -8l-8 8\" stroke=\"#b45309\" stroke-width=\"2\"/>");
        }
        for (hz, level) in ours.iter().flat_map(|measured| measured.levels[at].iter().enumerate()) {
            let _ = writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{:.0}\" r=\"4\" fill=\"#0f766e\"/>", x(at, hz), y(*level));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

/// What differs between two texts beyond rounding: words by equality, numbers by `tolerance`.
fn difference(kept: &str, found: &str, tolerance: f64) -> Option<String> {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| c.is_whitespace() || "\"=<>/MHl".contains(c))
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (kept, found) = (words(kept), words(found));
    if kept.len() != found.len() {
        return Some(format!("{} words in the tree, {} found", kept.len(), found.len()));
    }
    kept.iter().zip(&found).find_map(|(kept, found)| {
        let same = match (kept.parse::<f64>(), found.parse::<f64>()) {
            (Ok(kept), Ok(found)) => (kept - found).abs() <= tolerance,
            _ => kept == found,
        };
        (!same).then(|| format!("{kept:?} in the tree, {found:?} found"))
    })
}

#[test]
fn the_card_in_the_tree_is_what_the_code_finds() {
    let (ours, msbg) = (RATES_HZ.map(ours), msbg());
    // Of the picture a pixel is a fifth of a dB.
    let files = [("card.md", page(&ours, &msbg), TOLERANCE), ("card.svg", picture(&ours, &msbg), 1.0)];
    for (name, found, tolerance) in files {
        let path = docs(name);
        if std::env::var_os("AURICLE_WRITE_CARD").is_some() {
            std::fs::write(&path, found).expect("docs can be written to");
            continue;
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = difference(&kept, &found, tolerance);
        assert!(
            difference.is_none(),
            "docs/{name}: {}; `cargo xtask card` writes it anew",
            difference.unwrap_or_default()
        );
    }
    // The bars of the card, at each rate.
    for measured in &ours {
        for (rows, rms_bar, worst_bar) in [(&measured.thresholds, 0.3, 0.8), (&measured.levels, 1.5, 3.0)] {
            let all: Vec<f64> = rows.iter().flatten().copied().collect();
            let rms = (all.iter().map(|x| x * x).sum::<f64>() / all.len() as f64).sqrt();
            assert!(rms <= rms_bar && all.iter().all(|x| x.abs() <= worst_bar), "{rms} dB RMS of {all:?}");
        }
    }
}
