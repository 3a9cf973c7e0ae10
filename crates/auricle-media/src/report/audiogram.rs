//! The audiogram of two ears, as the clinic draws it.
//!
//! Axes after ISO 8253-1 and ASHA (1990), "Guidelines for audiometric symbols": hearing level downwards,
//! an octave as wide as 20 dB is high; right ear red, O by air and < by bone; left ear blue, X and >;
//! no response an arrow, outwards and down, without a line. What an ear hears through a cochlear implant is drawn with C:
//! the sound-field thresholds that the T levels of its map imply. They are none of the ear's own, and no O or X.

use std::fmt::Write as _;

use auricle::audiogram::{Audiogram, Threshold};
use auricle::level::{Field, reference_threshold_db_spl};
use auricle::listener::{EarFindings, TinnitusSound};

use super::implant::{implant_in_words, months, sound_field_db_hl};
use super::text::{Html, capitalised, hz, list, number};

/// Width of an octave, which is the height of 20 dB, in units of the drawing.
const OCTAVE: f64 = 48.0;
/// Highest and lowest line of the chart, dB HL.
const TOP_DB_HL: f64 = -10.0;
const BOTTOM_DB_HL: f64 = 120.0;
/// Room for the labels at the left and at the top.
const LEFT: f64 = 48.0;
const TOP: f64 = 48.0;
/// Height of a line below the chart that says of an ear that it has an implant.
const IMPLANT_LINE: f64 = 20.0;
/// Half of a symbol's size.
const SYMBOL: f64 = 6.0;

/// Speech at normal effort by octave: `(Hz, spectrum level in dB SPL)`, ANSI S3.5-1997, table 4.
const SPEECH_DB_SPL: [(f64, f64); 6] =
    [(250.0, 34.75), (500.0, 34.27), (1000.0, 25.01), (2000.0, 17.32), (4000.0, 9.33), (8000.0, 1.13)];
/// Speech reaches this far above and below its mean, dB (ANSI S3.5-1997, clause 5.6).
const SPEECH_REACH_DB: f64 = 15.0;

/// Rules for the drawing's classes: part of the page's style, and of a drawing that stands alone.
pub(crate) const STYLE: &str = include_str!("audiogram.css");

/// How an audiogram is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AudiogramOptions<'a> {
    /// Whose and when: "the drummer, collapse"; begins the text alternative.
    pub title: &'a str,
    /// Which ears are drawn.
    pub ears: Ears,
    /// The drawing carries its own style and can be a file; else the page's style serves it.
    pub standalone: bool,
}

/// Which ears are in a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ears {
    /// Both, in one chart.
    #[default]
    Both,
    /// The left ear alone.
    Left,
    /// The right ear alone.
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Right,
    Left,
}

impl Side {
    fn class(self) -> &'static str {
        match self {
            Self::Right => "au-right",
            Self::Left => "au-left",
        }
    }

    /// Outwards on the chart: the right ear's arrows and bone symbols lie to the left.
    fn outwards(self) -> f64 {
        match self {
            Self::Right => -1.0,
            Self::Left => 1.0,
        }
    }
}

/// Thresholds that were measured, to be drawn over those that are stated: `(Hz, dB HL)`, ascending in frequency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measured<'a> {
    /// By the left ear.
    pub left: &'a [(f64, f64)],
    /// By the right ear.
    pub right: &'a [(f64, f64)],
}

impl Measured<'_> {
    fn of(&self, side: Side) -> &[(f64, f64)] {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }
}

/// An audiogram as an SVG element.
///
/// Its text alternative holds every threshold. It has no ids, so that a page can hold many.
pub fn audiogram_svg(left: &EarFindings, right: &EarFindings, options: &AudiogramOptions<'_>) -> String {
    measured_audiogram_svg(left, right, options, &Measured::default())
}

/// As [`audiogram_svg`], with thresholds that were measured as filled diamonds on a fine line.
pub fn measured_audiogram_svg(
    left: &EarFindings,
    right: &EarFindings,
    options: &AudiogramOptions<'_>,
    measured: &Measured<'_>,
) -> String {
    let ears: &[(Side, &EarFindings)] = match options.ears {
        Ears::Both => &[(Side::Right, right), (Side::Left, left)],
        Ears::Left => &[(Side::Left, left)],
        Ears::Right => &[(Side::Right, right)],
    };
    let extended = ears.iter().any(|(_, ear)| reaches_beyond_8_khz(ear));
    let axes = Axes { octaves: if extended { 7.0 } else { 6.0 } };
    let implanted = ears.iter().filter(|(_, ear)| ear.implant.is_some()).count();
    let (width, height) = (axes.right() + 16.0, axes.bottom() + 16.0 + IMPLANT_LINE * implanted as f64);
    let mut label = describe(options.title, ears);
    for (side, _) in ears {
        describe_measured(&mut label, *side, measured.of(*side));
    }
    let label = Html(&label).to_string();
    let mut out = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        out,
        "<svg class=\"audiogram\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{label}\"><title>{label}</title>"
    );
    if options.standalone {
        let _ = write!(out, "<style>{STYLE}</style>");
    }
    grid(&mut out, &axes);
    speech(&mut out, &axes);
    for (side, ear) in ears {
        for region in &ear.dead {
            dead_region(&mut out, &axes, *side, region.from_hz, region.to_hz);
        }
    }
    for (side, ear) in ears {
        draw_ear(&mut out, &axes, *side, ear, ears.len() == 1);
    }
    let with_implant = ears.iter().filter(|(_, ear)| ear.implant.is_some());
    for (line, (side, ear)) in with_implant.enumerate() {
        draw_implant(&mut out, &axes, *side, ear, (line, ears.len() == 1));
    }
    for (side, _) in ears {
        draw_measured(&mut out, &axes, *side, measured.of(*side));
    }
    out.push_str("</svg>");
    out
}

fn reaches_beyond_8_khz(ear: &EarFindings) -> bool {
    let beyond = |audiogram: &Audiogram| audiogram.points.iter().any(|(hz, _)| *hz > 9000.0);
    beyond(&ear.air) || ear.bone.as_ref().is_some_and(beyond)
}

struct Axes {
    octaves: f64,
}

impl Axes {
    /// Half an octave of room on either side of 125 Hz and the last octave.
    fn x(&self, hz: f64) -> f64 {
        LEFT + OCTAVE * ((hz / 125.0).log2() + 0.5).clamp(0.0, self.octaves + 1.0)
    }

    fn y(&self, db_hl: f64) -> f64 {
        TOP + OCTAVE / 20.0 * (db_hl.clamp(TOP_DB_HL, BOTTOM_DB_HL) - TOP_DB_HL)
    }

    fn right(&self) -> f64 {
        LEFT + OCTAVE * (self.octaves + 1.0)
    }

    fn bottom(&self) -> f64 {
        self.y(BOTTOM_DB_HL)
    }
}

fn grid(out: &mut String, axes: &Axes) {
    let (left, right, top, bottom) = (LEFT, axes.right(), TOP, axes.bottom());
    let _ = write!(
        out,
        "<rect class=\"au-paper\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\"/>",
        right - left,
        bottom - top
    );
    let mut lines = String::new();
    let mut labels = String::new();
    for step in 0..=13 {
        let db_hl = -10.0 + 10.0 * f64::from(step);
        let y = axes.y(db_hl);
        let class = if db_hl == 0.0 { "au-zero" } else { "au-grid" };
        let _ = write!(lines, "<line class=\"{class}\" x1=\"{left}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\"/>");
        if step % 2 == 1 {
            let _ = write!(
                labels,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                left - 8.0,
                y + 4.0,
                number(db_hl, 0)
            );
        }
    }
    for octave in 0..=(axes.octaves as u32) {
        let hz = 125.0 * 2.0_f64.powi(octave as i32);
        let x = axes.x(hz);
        let _ = write!(lines, "<line class=\"au-grid\" x1=\"{x}\" y1=\"{top}\" x2=\"{x}\" y2=\"{bottom}\"/>");
        let label = if hz >= 1000.0 { format!("{}k", hz / 1000.0) } else { format!("{hz}") };
        let _ = write!(labels, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", top - 8.0);
        // Between octaves: 750, 1500, 3000, 6000 Hz.
        if (2..6).contains(&octave) {
            let x = axes.x(hz * 1.5);
            let _ = write!(lines, "<line class=\"au-half\" x1=\"{x}\" y1=\"{top}\" x2=\"{x}\" y2=\"{bottom}\"/>");
        }
    }
    let _ = write!(
        out,
        "{lines}<g class=\"au-text\">{labels}<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">Frequency, Hz</text>\
         <text transform=\"translate(12 {}) rotate(-90)\" text-anchor=\"middle\">Hearing level, dB HL</text></g>",
        (left + right) / 2.0,
        top - 28.0,
        (top + bottom) / 2.0
    );
}

/// Speech at normal effort in third-octave bands, in dB HL of the free field: `(Hz, mean)`.
fn speech_db_hl() -> impl DoubleEndedIterator<Item = (f64, f64)> + Clone {
    SPEECH_DB_SPL.into_iter().map(|(hz, spectrum_level_db)| {
        // A third-octave band is 0.2316 times its centre frequency wide.
        let band_db_spl = spectrum_level_db + 10.0 * (0.2316 * hz).log10();
        (hz, band_db_spl - reference_threshold_db_spl(Field::Free, hz))
    })
}

fn speech(out: &mut String, axes: &Axes) {
    let point = |(hz, db_hl): (f64, f64), reach: f64| format!("{:.1},{:.1} ", axes.x(hz), axes.y(db_hl + reach));
    let upper: String = speech_db_hl().map(|at| point(at, -SPEECH_REACH_DB)).collect();
    let lower: String = speech_db_hl().rev().map(|at| point(at, SPEECH_REACH_DB)).collect();
    let _ = write!(out, "<polygon class=\"au-speech\" points=\"{}{}\"/>", upper, lower.trim_end());
    let middle = speech_db_hl().nth(2).map_or(40.0, |(_, db_hl)| db_hl);
    let _ = write!(
        out,
        "<text class=\"au-text au-quiet\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">speech</text>",
        axes.x(1000.0),
        axes.y(middle) + 4.0
    );
}

/// Slanting lines over the frequencies of a dead region; each ear slants its own way.
fn dead_region(out: &mut String, axes: &Axes, side: Side, from_hz: f64, to_hz: f64) {
    let (x0, x1, y0, y1) = (axes.x(from_hz), axes.x(to_hz), TOP, axes.bottom());
    let height = y1 - y0;
    let mut path = String::new();
    let mut start = x0 - height;
    while start < x1 {
        // From (start, y1) upwards to (start + height, y0), cut to the rectangle.
        let (a, b) = (start.max(x0), (start + height).min(x1));
        if a < b {
            let y = |x: f64| match side {
                Side::Right => y1 - (x - start),
                Side::Left => y0 + (x - start),
            };
            let _ = write!(path, "M{a:.1} {:.1}L{b:.1} {:.1}", y(a), y(b));
        }
        start += 8.0;
    }
    let class = side.class();
    let _ = write!(
        out,
        "<g class=\"{class} au-dead\"><path d=\"{path}\"/><path d=\"M{x0:.1} {y0}V{y1}M{x1:.1} {y0}V{y1}\"/></g>\
         <text class=\"au-text\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">dead</text>",
        (x0 + x1) / 2.0,
        y0 + 14.0
    );
}

fn draw_ear(out: &mut String, axes: &Axes, side: Side, ear: &EarFindings, alone: bool) {
    let _ = write!(out, "<g class=\"{}\">", side.class());
    // Nothing is heard at any level: an arrow at the bottom of each octave says so.
    let deaf = Audiogram {
        points: [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0]
            .map(|hz| (hz, Threshold::NoResponse { limit_db_hl: BOTTOM_DB_HL }))
            .to_vec(),
    };
    let healthy = Audiogram::from_db_hl(&[250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0].map(|hz| (hz, 0.0)));
    // Of an implanted ear nobody asks what it hears without: no arrows, a word instead.
    let unasked = Audiogram::default();
    let air = match (ear.deaf, ear.air.points.is_empty()) {
        (true, _) if ear.implant.is_some() => &unasked,
        (true, _) => &deaf,
        (false, true) => &healthy,
        (false, false) => &ear.air,
    };
    lines(out, axes, air);
    for (hz, threshold) in &air.points {
        let (x, y) = (axes.x(*hz), axes.y(threshold.stated_db_hl()));
        match side {
            Side::Right => {
                let _ = write!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{SYMBOL}\"/>");
            }
            Side::Left => {
                let s = SYMBOL - 1.0;
                let _ = write!(
                    out,
                    "<path d=\"M{:.1} {:.1}L{:.1} {:.1}M{:.1} {:.1}L{:.1} {:.1}\"/>",
                    x - s,
                    y - s,
                    x + s,
                    y + s,
                    x - s,
                    y + s,
                    x + s,
                    y - s
                );
            }
        }
        if matches!(threshold, Threshold::NoResponse { .. }) {
            arrow(out, x + side.outwards() * SYMBOL * 0.7, y + SYMBOL * 0.7, side);
        }
    }
    for (hz, threshold) in ear.bone.iter().filter(|_| !ear.deaf).flat_map(|bone| &bone.points) {
        let (x, y) = (axes.x(*hz) + side.outwards() * (SYMBOL + 5.0), axes.y(threshold.stated_db_hl()));
        // "<" for the right ear, ">" for the left: the point lies outwards.
        let (tip, open) = (x + side.outwards() * 3.0, x - side.outwards() * 3.0);
        let _ = write!(out, "<path d=\"M{open:.1} {:.1}L{tip:.1} {y:.1}L{open:.1} {:.1}\"/>", y - 6.0, y + 6.0);
        if matches!(threshold, Threshold::NoResponse { .. }) {
            arrow(out, x, y + 6.0, side);
        }
    }
    if let Some(tinnitus) = ear.tinnitus {
        let threshold = if ear.deaf { BOTTOM_DB_HL } else { ear.air.threshold_db_hl(tinnitus.frequency_hz) };
        let y = axes.y(threshold + tinnitus.level_db_sl);
        // In one chart the ears' marks stand side by side.
        let x = axes.x(tinnitus.frequency_hz) + if alone { 0.0 } else { side.outwards() * 11.0 };
        let half_octaves = match tinnitus.sound {
            TinnitusSound::Tone => 0.0,
            TinnitusSound::Band { bandwidth_octaves } => bandwidth_octaves / 2.0,
            TinnitusSound::Noise => 8.0,
        };
        let (from, to) = (
            axes.x(tinnitus.frequency_hz * 2.0_f64.powf(-half_octaves)),
            axes.x(tinnitus.frequency_hz * 2.0_f64.powf(half_octaves)),
        );
        let _ = write!(
            out,
            "<path d=\"M{from:.1} {y:.1}H{to:.1}\"/><rect class=\"au-tinnitus\" x=\"{:.1}\" y=\"{:.1}\" width=\"16\" height=\"16\" \
             rx=\"3\"/><text class=\"au-mark\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">T</text>",
            x - 8.0,
            y - 8.0,
            y + 4.5
        );
    }
    out.push_str("</g>");
}

/// That the ear has an implant, in words below the chart, and where tones are heard through it.
fn draw_implant(out: &mut String, axes: &Axes, side: Side, ear: &EarFindings, (line, alone): (usize, bool)) {
    let Some(implant) = &ear.implant else { return };
    let _ = write!(out, "<g class=\"{}\">", side.class());
    // In one chart the ears' marks stand side by side.
    let aside = if alone { 0.0 } else { side.outwards() * 5.0 };
    let mut course = String::new();
    for (hz, db_hl) in sound_field_db_hl(implant) {
        let (x, y) = (axes.x(hz) + aside, axes.y(db_hl));
        let _ = write!(course, "{}{x:.1} {y:.1}", if course.is_empty() { "M" } else { "L" });
        let _ =
            write!(out, "<text class=\"au-mark\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">C</text>", y + 4.5);
    }
    if !course.is_empty() {
        let _ = write!(out, "<path class=\"au-course\" stroke-dasharray=\"1 5\" d=\"{course}\"/>");
    }
    let name = if side == Side::Right { "Right" } else { "Left" };
    let state = match (implant.on, ear.deaf) {
        (true, _) => months(implant.months_since_activation),
        (false, true) => "processor off: silence".to_owned(),
        (false, false) => "processor off".to_owned(),
    };
    let _ = write!(
        out,
        "<text class=\"au-mark\" x=\"8\" y=\"{:.1}\">{name} ear: cochlear implant, {}</text></g>",
        // Clear of the arrows of another ear.
        axes.bottom() + 30.0 + IMPLANT_LINE * line as f64,
        Html(&state)
    );
}

/// Lines between neighbouring thresholds; none to or from a "no response".
fn lines(out: &mut String, axes: &Axes, audiogram: &Audiogram) {
    let mut path = String::new();
    for pair in audiogram.points.windows(2) {
        if let [(from_hz, Threshold::DbHl(from)), (to_hz, Threshold::DbHl(to))] = pair {
            let (x0, y0, x1, y1) = (axes.x(*from_hz), axes.y(*from), axes.x(*to_hz), axes.y(*to));
            let length = (x1 - x0).hypot(y1 - y0);
            // The line stops at the symbols' edges.
            if length > 2.0 * SYMBOL {
                let (dx, dy) = ((x1 - x0) / length * SYMBOL, (y1 - y0) / length * SYMBOL);
                let _ = write!(path, "M{:.1} {:.1}L{:.1} {:.1}", x0 + dx, y0 + dy, x1 - dx, y1 - dy);
            }
        }
    }
    if !path.is_empty() {
        let _ = write!(out, "<path d=\"{path}\"/>");
    }
}

fn draw_measured(out: &mut String, axes: &Axes, side: Side, measured: &[(f64, f64)]) {
    if measured.is_empty() {
        return;
    }
    let mut line = String::new();
    let mut marks = String::new();
    for (hz, db_hl) in measured {
        let (x, y) = (axes.x(*hz), axes.y(*db_hl));
        let _ = write!(line, "{}{x:.1} {y:.1}", if line.is_empty() { "M" } else { "L" });
        let _ = write!(marks, "M{x:.1} {:.1}l3.5 3.5l-3.5 3.5l-3.5 -3.5z", y - 3.5);
    }
    let _ = write!(
        out,
        "<g class=\"{}\"><path class=\"au-course\" d=\"{line}\"/><path class=\"au-measured\" d=\"{marks}\"/></g>",
        side.class()
    );
}

fn describe_measured(out: &mut String, side: Side, measured: &[(f64, f64)]) {
    if measured.is_empty() {
        return;
    }
    let points: Vec<String> =
        measured.iter().map(|(at, db_hl)| format!("{} at {}", number(*db_hl, 1), hz(*at))).collect();
    let name = if side == Side::Right { "right" } else { "left" };
    let _ = write!(out, " Measured through the simulation by the {name} ear, in dB HL: {}.", list(&points));
}

/// "No response": an arrow outwards and down.
fn arrow(out: &mut String, x: f64, y: f64, side: Side) {
    let out_by = side.outwards();
    let (tip_x, tip_y) = (x + out_by * 9.0, y + 9.0);
    let _ = write!(
        out,
        "<path d=\"M{x:.1} {y:.1}L{tip_x:.1} {tip_y:.1}M{:.1} {tip_y:.1}H{tip_x:.1}V{:.1}\"/>",
        tip_x - out_by * 5.0,
        tip_y - 5.0
    );
}

/// Every threshold in words.
fn describe(title: &str, ears: &[(Side, &EarFindings)]) -> String {
    let mut out = if title.is_empty() { "Audiogram.".to_owned() } else { format!("Audiogram of {title}.") };
    for (side, ear) in ears {
        let _ = match side {
            Side::Right => write!(out, " Right ear (red, O): "),
            Side::Left => write!(out, " Left ear (blue, X): "),
        };
        out.push_str(&in_words(ear));
        out.push('.');
    }
    out
}

/// The findings of one ear in words, plain text, without a full stop.
pub(super) fn in_words(ear: &EarFindings) -> String {
    let points = |audiogram: &Audiogram| {
        let each: Vec<String> = audiogram
            .points
            .iter()
            .map(|(at_hz, threshold)| match threshold {
                Threshold::DbHl(db_hl) => format!("{} at {}", trimmed(*db_hl), hz(*at_hz)),
                Threshold::NoResponse { limit_db_hl } => {
                    format!("no response up to {} at {}", trimmed(*limit_db_hl), hz(*at_hz))
                }
            })
            .collect();
        list(&each)
    };
    let mut parts = Vec::new();
    if let Some(implant) = &ear.implant {
        parts.push(implant_in_words(implant));
        let heard = sound_field_db_hl(implant);
        if !heard.is_empty() {
            let each: Vec<String> =
                heard.iter().map(|(at_hz, db_hl)| format!("{} at {}", number(*db_hl, 0), hz(*at_hz))).collect();
            parts.push(format!("sound-field thresholds (C) that its T levels imply, in dB HL {}", list(&each)));
        }
    }
    if ear.deaf && ear.implant.is_some() {
        parts.push("no acoustic hearing beside it".to_owned());
    } else if ear.deaf {
        parts.push("profoundly deaf, no response at any level up to 120 dB HL".to_owned());
    } else if ear.air.points.is_empty() {
        parts.push("air conduction 0 dB HL throughout".to_owned());
    } else {
        parts.push(format!("air conduction in dB HL {}", points(&ear.air)));
    }
    if let Some(bone) = ear.bone.as_ref().filter(|_| !ear.deaf) {
        let levels = if bone.points.is_empty() { "0 throughout".to_owned() } else { points(bone) };
        parts.push(format!("bone conduction in dB HL {levels}"));
    }
    for region in &ear.dead {
        parts.push(format!("dead region from {} to {}", hz(region.from_hz), hz(region.to_hz)));
    }
    if let Some(tinnitus) = ear.tinnitus {
        let sound = match tinnitus.sound {
            TinnitusSound::Tone => format!("a tone at {}", hz(tinnitus.frequency_hz)),
            TinnitusSound::Band { bandwidth_octaves } => {
                format!("a band of {} octaves about {}", trimmed(bandwidth_octaves), hz(tinnitus.frequency_hz))
            }
            TinnitusSound::Noise => "broadband noise".to_owned(),
        };
        parts.push(format!(
            "tinnitus (T), {sound}, {} dB SL, at most {} dB SPL",
            trimmed(tinnitus.level_db_sl),
            trimmed(tinnitus.cap_db_spl)
        ));
    }
    capitalised(&parts.join("; "))
}

/// At most one decimal, none where it is 0.
fn trimmed(value: f64) -> String {
    number(value, 1).trim_end_matches(".0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use auricle::listener::{DeadRegion, Tinnitus};

    #[test]
    fn an_octave_is_as_wide_as_20_db_are_high() {
        let axes = Axes { octaves: 6.0 };
        assert!((axes.x(2000.0) - axes.x(1000.0) - (axes.y(40.0) - axes.y(20.0))).abs() < 1e-9);
        assert!(axes.y(100.0) > axes.y(0.0), "worse hearing lies lower");
    }

    #[test]
    fn speech_lies_where_conversation_is() {
        for (hz, db_hl) in speech_db_hl() {
            assert!((15.0..60.0).contains(&db_hl), "{db_hl} dB HL at {hz} Hz");
        }
    }

    #[test]
    fn symbols_are_those_of_the_clinic() {
        let mut right =
            EarFindings { air: Audiogram::from_db_hl(&[(1000.0, 40.0), (2000.0, 50.0)]), ..EarFindings::default() };
        right.air.points.push((4000.0, Threshold::NoResponse { limit_db_hl: 110.0 }));
        right.bone = Some(Audiogram::from_db_hl(&[(1000.0, 10.0)]));
        right.dead = vec![DeadRegion { from_hz: 3000.0, to_hz: 9000.0 }];
        right.tinnitus =
            Some(Tinnitus { sound: TinnitusSound::Tone, frequency_hz: 6000.0, level_db_sl: 10.0, cap_db_spl: 80.0 });
        let left = EarFindings { deaf: true, ..EarFindings::default() };
        let options = AudiogramOptions { title: "<b>\"me\"</b>", ..AudiogramOptions::default() };
        let svg = audiogram_svg(&left, &right, &options);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("au-dead") && svg.contains("au-tinnitus"));
        assert!(svg.contains("no response up to 110 at 4 kHz") && svg.contains("Profoundly deaf"));
        assert!(svg.contains("&lt;b&gt;&quot;me&quot;") && !svg.contains("<b>"));
        // One line joins the two thresholds; none leads to the missing response.
        let right_alone = audiogram_svg(&left, &right, &AudiogramOptions { ears: Ears::Right, ..options });
        let lines = |svg: &str| svg.matches('L').count();
        right.air.points[2].1 = Threshold::DbHl(100.0);
        let heard = audiogram_svg(&left, &right, &AudiogramOptions { ears: Ears::Right, ..options });
        assert_eq!(lines(&heard), lines(&right_alone), "one line more, one arrow less");
    }
}
