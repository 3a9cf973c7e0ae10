//! Growth of tones as small charts: level out against level in, the law as a line, what was measured as dots.

use std::fmt::Write as _;

use auricle::measure::Growth;

use crate::report::text::{Html, hz, number};

/// Levels in, dB HL, from left to right, and out, from bottom to top.
const IN_DB_HL: (f64, f64) = (0.0, 130.0);
const OUT_DB_HL: (f64, f64) = (-30.0, 130.0);
/// Size of the plot, and room for labels.
const WIDTH: f64 = 156.0;
const HEIGHT: f64 = 156.0 * 16.0 / 13.0;
const LEFT: f64 = 34.0;
const TOP: f64 = 8.0;

/// One chart for each frequency, in a list.
pub(super) fn growth(growth: &[Growth]) -> String {
    let mut out = String::from("<div class=\"growths\">");
    for one in growth {
        chart(&mut out, one);
    }
    out.push_str("</div>");
    out
}

fn x(db_hl: f64) -> f64 {
    LEFT + WIDTH * (db_hl.clamp(IN_DB_HL.0, IN_DB_HL.1) - IN_DB_HL.0) / (IN_DB_HL.1 - IN_DB_HL.0)
}

fn y(db_hl: f64) -> f64 {
    TOP + HEIGHT * (OUT_DB_HL.1 - db_hl.clamp(OUT_DB_HL.0, OUT_DB_HL.1)) / (OUT_DB_HL.1 - OUT_DB_HL.0)
}

fn chart(out: &mut String, growth: &Growth) {
    let slope = growth.slope.map_or("no room to measure".to_owned(), |slope| number(slope, 2));
    let label = format!(
        "Growth at {}: measured {slope} dB per dB, claimed {}.",
        hz(growth.frequency_hz),
        number(growth.claimed_slope, 2)
    );
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        out,
        "<figure><svg class=\"growth\" viewBox=\"0 0 {} {:.0}\" role=\"img\" aria-label=\"{}\">",
        LEFT + WIDTH + 10.0,
        TOP + HEIGHT + 22.0,
        Html(&label)
    );
    for level in [0.0, 40.0, 80.0, 120.0] {
        let _ = write!(
            out,
            "<path class=\"g-grid\" d=\"M{:.1} {:.1}V{:.1}M{:.1} {:.1}H{:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{level}</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{level}</text>",
            x(level),
            y(OUT_DB_HL.1),
            y(OUT_DB_HL.0),
            x(IN_DB_HL.0),
            y(level),
            x(IN_DB_HL.1),
            x(level),
            y(OUT_DB_HL.0) + 14.0,
            LEFT - 5.0,
            y(level) + 4.0
        );
    }
    // What a healthy ear hears, and the law: from threshold at 0 dB HL to full recovery, and on as it is.
    let recovery = growth.recovery_db_hl;
    let full = recovery - growth.conductive_db;
    let threshold = recovery - full / growth.claimed_slope;
    let below = threshold - (0.0 - OUT_DB_HL.0) / growth.claimed_slope;
    let _ = write!(
        out,
        "<path class=\"g-healthy\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/><path class=\"g-law\" d=\"M{:.1} {:.1}L{:.1} {:.1}\
         L{:.1} {:.1}\"/>",
        x(0.0),
        y(0.0),
        x(130.0),
        y(130.0),
        x(below),
        y(OUT_DB_HL.0),
        x(recovery),
        y(full),
        x(IN_DB_HL.1),
        y(IN_DB_HL.1 - growth.conductive_db)
    );
    for [input, output] in growth.points.iter().filter(|point| point[0] <= IN_DB_HL.1 && point[1] >= OUT_DB_HL.0) {
        let _ = write!(out, "<circle class=\"g-point\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>", x(*input), y(*output));
    }
    let _ = write!(
        out,
        "</svg><figcaption>{}: {slope} dB per dB, claimed {}</figcaption></figure>",
        hz(growth.frequency_hz),
        number(growth.claimed_slope, 2)
    );
}
