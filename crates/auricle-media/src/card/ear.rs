//! One ear on the card: audiogram, thresholds, growth, filters, speech.

use std::fmt::Write as _;

use auricle::listener::State;
use auricle::measure::{Bar, EarExamination, Strictness, ThresholdRow, rms_and_worst};

use super::charts;
use crate::report::text::{hz, number, signed};
use crate::report::{AudiogramOptions, Ears, Measured, measured_audiogram_svg};

/// The section of an examined ear.
pub(super) fn ear(examination: &EarExamination, state: &State, side: Ears, title: &str) -> String {
    let found = |rows: &[ThresholdRow]| -> Vec<(f64, f64)> {
        rows.iter().filter_map(|row| Some((row.frequency_hz, row.found.threshold_db_hl?))).collect()
    };
    let air = found(&examination.air);
    let measured = match side {
        Ears::Both => Measured { left: &air, right: &air },
        Ears::Left => Measured { left: &air, right: &[] },
        Ears::Right => Measured { left: &[], right: &air },
    };
    let options = AudiogramOptions { title, ears: side, standalone: false };
    let mut out = String::from("<div class=\"ear\"><div class=\"chart\">");
    out.push_str(&measured_audiogram_svg(&state.left, &state.right, &options, &measured));
    out.push_str(
        "<p class=\"note\">Outlined symbols: the audiogram as stated. Filled diamonds: as measured through the \
         simulation, by air.</p></div><div class=\"tables\">",
    );
    thresholds(&mut out, "By air", &examination.air, true);
    if let Some(bone) = &examination.bone {
        thresholds(&mut out, "By bone", bone, false);
        out.push_str(
            "<p class=\"note\">Sound on the bone goes round the outer and middle ear: the same cochlea is examined with the \
             conductive attenuation taken out.</p>",
        );
    } else {
        out.push_str(
            "<p class=\"note\">Bone conduction is not stated: the whole loss counts as sensorineural, and by bone the ear \
             is the same as by air.</p>",
        );
    }
    if let Some(ringing) = &examination.air_with_tinnitus {
        tinnitus(&mut out, &examination.air, ringing);
    }
    out.push_str("</div></div>");
    out.push_str("<h3>Growth of loudness</h3>");
    if examination.growth.is_empty() {
        out.push_str("<p class=\"note\">All test frequencies lie in dead regions.</p>");
    }
    out.push_str(&charts::growth(&examination.growth));
    out.push_str(
        "<p class=\"note\">Level in (across) and out (up), dB HL. The bent line is the law, C/(C\u{2212}H) up to full recovery; \
         the straight one a healthy ear; dots are measured.</p>",
    );
    above_threshold(&mut out, examination);
    bars(&mut out, &examination.bars);
    out
}

fn thresholds(out: &mut String, title: &str, rows: &[ThresholdRow], outputs: bool) {
    let head = |name: &str| format!("<th scope=\"col\">{name}</th>");
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\"><table class=\"numbers\"><caption>{title}, dB \
         HL</caption><thead><tr>{}{}{}{}{}{}</tr></thead><tbody>",
        head("Hz"),
        head("stated"),
        head("measured"),
        head("in 5 dB steps"),
        head("error"),
        if outputs { format!("{}{}", head("tone at threshold"), head("heard at")) } else { String::new() }
    );
    for row in rows {
        let none = || "\u{2013}".to_owned();
        let limit = if row.stated_no_response { "&gt;" } else { "" };
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{limit}{}</td><td>{}</td><td>{}</td><td>{}</td>",
            number(row.frequency_hz, 0),
            number(row.stated_db_hl, 1).trim_end_matches(".0"),
            row.found.threshold_db_hl.map_or_else(|| "no response".to_owned(), |db| number(db, 2)),
            row.found.clinical_db_hl.map_or_else(none, |db| number(db, 0)),
            if row.not_counted.is_empty() {
                row.error_db.map_or_else(|| "not heard".to_owned(), |db| signed(db, 2))
            } else {
                row.not_counted.to_owned()
            }
        );
        if outputs {
            let beside = |at: f64| (at / row.frequency_hz).log2().abs() > 0.02;
            let place = row.place_hz.map_or_else(none, |at| if beside(at) { hz(at) } else { "its place".to_owned() });
            let _ = write!(out, "<td>{}</td><td>{place}</td>", row.output_db_hl.map_or_else(none, |db| signed(db, 2)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
}

fn tinnitus(out: &mut String, off: &[ThresholdRow], on: &[ThresholdRow]) {
    out.push_str(
        "<div class=\"scroll\" role=\"region\" aria-label=\"With tinnitus\" tabindex=\"0\"><table class=\"numbers\"><caption>By air \
         with the tinnitus on, dB HL</caption><thead><tr><th scope=\"col\">Hz</th><th scope=\"col\">off</th><th \
         scope=\"col\">on</th><th scope=\"col\">raised by</th></tr></thead><tbody>",
    );
    let text = |db: Option<f64>| db.map_or_else(|| "no response".to_owned(), |db| number(db, 2));
    for (off, on) in off.iter().zip(on) {
        let (off_db, on_db) = (off.found.threshold_db_hl, on.found.threshold_db_hl);
        let raised = off_db.zip(on_db).map_or_else(|| "\u{2013}".to_owned(), |(off, on)| signed(on - off, 1));
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{raised}</td></tr>",
            number(off.frequency_hz, 0),
            text(off_db),
            text(on_db)
        );
    }
    out.push_str(
        "</tbody></table></div><p class=\"note\">What the audience hears: the rendered ringing covers soft tones near it. A \
         person\u{2019}s own tinnitus need not: it is told here and held to no bar.</p>",
    );
}

/// Filters, smearing, speech, latency.
fn above_threshold(out: &mut String, examination: &EarExamination) {
    out.push_str("<div class=\"three\"><section><h3>Auditory filters</h3><ul>");
    for filter in &examination.filters {
        let _ = write!(
            out,
            "<li>{}: {} Hz wide, {} times as wide as without the simulation ({} Hz); claimed {} times</li>",
            hz(filter.frequency_hz),
            number(filter.effective_hz, 0),
            number(filter.broadening, 2),
            number(filter.healthy_hz, 0),
            number(filter.claimed_broadening, 2)
        );
    }
    out.push_str("</ul><p class=\"note\">ERB by notched noise, of the smearing alone.</p>");
    match &examination.smearing {
        Some(smearing) => {
            let _ = write!(
                out,
                "<p>Smearing changes tones by at most {} dB and noise by {} dB.</p>",
                number(smearing.worst_tone_db(), 2),
                signed(smearing.noise_db, 2)
            );
        }
        None => out.push_str("<p>Filters are sharp: there is no smearing.</p>"),
    }
    out.push_str(
        "</section><section><h3>Speech in quiet</h3><div class=\"scroll\" role=\"region\" aria-label=\"Speech in quiet\" tabindex=\"0\"><table class=\"numbers\"><thead><tr><th scope=\"col\">effort</th><th \
         scope=\"col\">index by the audiogram</th><th scope=\"col\">index as heard</th><th scope=\"col\">comes out at</th></tr></thead>\
         <tbody>",
    );
    for row in &examination.speech {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{} dB SPL</td></tr>",
            row.effort.name(),
            number(row.stated_sii, 2),
            number(row.heard_sii, 2),
            number(row.heard_db_spl, 0)
        );
    }
    out.push_str(
        "</tbody></table></div><p class=\"note\">An index (ANSI S3.5-1997), not a score of words.</p></section>",
    );
    let places = examination.air.iter().filter(|row| row.not_counted.is_empty()).filter_map(|row| row.place_db_hl);
    let _ = write!(
        out,
        "<section><h3>Otherwise</h3><p>Latency: {} samples, stated {}.</p>{}{}</section></div>",
        examination.latency.measured_samples,
        examination.latency.stated_samples,
        rms_and_worst(places).map_or_else(String::new, |(rms, worst)| format!(
            "<p>A bank of auditory filters would hear tones at their thresholds {} dB (RMS; worst {}) away from 0 dB HL, at the \
             place that hears them best.</p>",
            number(rms, 2),
            number(worst, 2)
        )),
        match examination.strictness {
            Strictness::Standard => "",
            Strictness::Steep =>
                "<p>The audiogram has steps of more than 25 dB: thresholds are held to 1 dB RMS and 3 dB, levels at threshold and growth are told only.</p>",
            Strictness::Unbounded =>
                "<p>The audiogram has steps of more than 30 dB from one frequency to the next. On such a slope a neighbouring \
                 place hears a tone first, in life as here: thresholds, levels and growth are told and held to no bar.</p>",
        }
    );
}

/// What was held to bars.
pub(super) fn bars(out: &mut String, bars: &[Bar]) {
    out.push_str(
        "<h3>Bars</h3><div class=\"scroll\" role=\"region\" aria-label=\"Bars\" tabindex=\"0\"><table class=\"numbers \
         bars\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">measured</th><th scope=\"col\">at most</th><th \
         scope=\"col\">bar</th></tr></thead><tbody>",
    );
    for bar in bars {
        let (class, word) = if bar.met { ("met", "met") } else { ("missed", "missed") };
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{} {}</td><td>{} {}</td><td class=\"{class}\">{word}</td></tr>",
            crate::report::text::Html(&bar.name),
            bar.measured_text(),
            bar.unit,
            bar.limit,
            bar.unit
        );
    }
    out.push_str("</tbody></table></div>");
}
