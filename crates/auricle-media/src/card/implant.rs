//! An implanted ear on the card: its audiogram in the sound field, its electrodes, what the device was held to.

use std::fmt::Write as _;

use auricle::audiogram::{Audiogram, Threshold};
use auricle::listener::EarFindings;
use auricle::measure::ImplantExamination;

use super::ear::bars;
use crate::report::text::{hz, number, signed};
use crate::report::{AudiogramOptions, Ears, Measured, measured_audiogram_svg};

/// The section of an ear's implant.
pub(super) fn implant(found: &ImplantExamination, side: Ears, title: &str) -> String {
    let rows = || found.sound_field.iter();
    let implied = rows().filter_map(|row| Some((row.frequency_hz, Threshold::DbHl(row.implied_db_hl?)))).collect();
    let findings = EarFindings { air: Audiogram { points: implied }, ..EarFindings::default() };
    let measured: Vec<(f64, f64)> =
        rows().filter_map(|row| Some((row.frequency_hz, row.found?.threshold_db_hl?))).collect();
    let sides = match side {
        Ears::Both => Measured { left: &measured, right: &measured },
        Ears::Left => Measured { left: &measured, right: &[] },
        Ears::Right => Measured { left: &[], right: &measured },
    };
    let title = format!("{title}, sound field through the implant");
    let options = AudiogramOptions { title: &title, ears: side, standalone: false };
    let mut out = String::from("<div class=\"ear\"><div class=\"chart\">");
    out.push_str(&measured_audiogram_svg(&findings, &findings, &options, &sides));
    out.push_str(
        "<p class=\"note\">Outlined symbols: what the T levels of the map imply. Filled diamonds: as measured in the sound \
         field, through the processor.</p></div><div class=\"tables\">",
    );
    thresholds(&mut out, found);
    out.push_str("</div></div>");
    electrodes(&mut out, found);
    device(&mut out, found);
    bars(&mut out, &found.bars);
    out
}

fn open_table(out: &mut String, caption: &str, heads: &[&str]) {
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table class=\"numbers\"><caption>{caption}\
         </caption><thead><tr>"
    );
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead><tbody>");
}

fn thresholds(out: &mut String, found: &ImplantExamination) {
    open_table(
        out,
        "Sound field through the implant, dB HL",
        &["Hz", "implied by T", "measured", "in 5 dB steps", "error", "electrode"],
    );
    let none = || "\u{2013}".to_owned();
    for row in &found.sound_field {
        let unheard = || if row.implied_db_hl.is_some() { "not heard".to_owned() } else { "no band".to_owned() };
        let heard = row.found;
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            number(row.frequency_hz, 0),
            row.implied_db_hl.map_or_else(none, |db| number(db, 1)),
            heard.and_then(|found| found.threshold_db_hl).map_or_else(unheard, |db| number(db, 2)),
            heard.and_then(|found| found.clinical_db_hl).map_or_else(none, |db| number(db, 0)),
            row.error_db.map_or_else(none, |db| signed(db, 2)),
            row.electrode.map_or_else(none, |electrode| electrode.to_string()),
        );
    }
    out.push_str("</tbody></table></div>");
}

fn electrodes(out: &mut String, found: &ImplantExamination) {
    let _ = write!(
        out,
        "<h3>Electrodes</h3><p>{} of {} electrodes are stimulated; with the spread of excitation they amount to {} separate \
         channels.</p>",
        found.electrodes.iter().filter(|row| row.stimulated).count(),
        found.electrodes.len(),
        number(found.effective_channels, 1)
    );
    open_table(out, "Electrodes, base to apex", &["electrode", "T", "C", "place", "band", "mismatch, octaves"]);
    let none = || "\u{2013}".to_owned();
    for row in &found.electrodes {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            row.electrode,
            number(row.levels[0], 0),
            number(row.levels[1], 0),
            hz(row.place_hz.round()),
            row.band_hz.map_or_else(|| "off".to_owned(), |band_hz| hz(band_hz.round())),
            row.mismatch_octaves.map_or_else(none, |octaves| signed(octaves, 2)),
        );
    }
    out.push_str(
        "</tbody></table></div><p class=\"note\">Place: the frequency for which the nerve at the contact was tuned. Mismatch: how far \
         it lies above the band that the electrode is given.</p>",
    );
}

/// What the device does with sound.
fn device(out: &mut String, found: &ImplantExamination) {
    let _ = write!(
        out,
        "<h3>The device</h3><p>{}, {} pulses a second on each channel, bands from {} to {}. Pulses come {} ms after the sound; \
         made audible, {} ms after it, where {} ms are stated{}.</p>",
        found.strategy,
        number(found.rate_pps, 1),
        hz(found.bands_hz[0].round()),
        hz(found.bands_hz[1].round()),
        number(found.processor_latency_ms, 1),
        number(found.measured_latency_ms, 2),
        number(found.stated_latency_ms, 2),
        if found.delay_ms > 0.0 {
            format!("; the ear hears {} ms later still", number(found.delay_ms, 1))
        } else {
            String::new()
        }
    );
    let tones = found.tones.iter().map(|tone| format!("{} at {}", number(tone.out_db_spl, 1), hz(tone.frequency_hz)));
    let passed = found
        .modulation
        .iter()
        .map(|row| format!("{} % of {} Hz", number(100.0 * row.passed, 0), number(row.modulation_hz, 0)));
    let _ = write!(
        out,
        "<p>Tones of 50 dB SPL come through with, in dB SPL: {}. Of the modulation of a tone of 1 kHz comes through: {}.</p>",
        tones.collect::<Vec<_>>().join(", "),
        passed.collect::<Vec<_>>().join(", ")
    );
}
