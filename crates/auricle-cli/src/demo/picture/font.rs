//! An alphabet of strokes: the film carries no font of anyone else's.
//!
//! Each glyph is its advance without spacing and a path on a grid in which capitals stand from 0 to
//! 14, small letters from 4 to 14, and tails hang to 18.5; lines have round ends.

use tiny_skia::Transform;

use super::canvas::{Canvas, Ink, shape};

const CAPITAL: f32 = 14.0;

/// Width and path of a character; `None`: not in this alphabet.
pub(crate) fn glyph(c: char) -> Option<(f32, &'static str)> {
    Some(match c {
        ' ' => (4.0, ""),
        'A' => (10.0, "M0 14L5 0L10 14M1.8 9L8.2 9"),
        'B' => (9.0, "M0 0L0 14L5 14H9 10.3V5 6.6L0 6.6M5 6.6H8.2 3.3V5 0L0 0"),
        'C' => (9.8, "M9.7 2.9Q8.3 0 5.3 0H0 7V5.3 14Q8.3 14 9.7 11.1"),
        'D' => (10.0, "M0 0L0 14L4 14H10 7V4 0L0 0"),
        'E' => (7.8, "M7.8 0L0 0L0 14L7.8 14M0 6.7L6.8 6.7"),
        'F' => (7.6, "M7.6 0L0 0L0 14M0 6.8L6.6 6.8"),
        'G' => (10.3, "M9.7 2.9Q8.3 0 5.3 0H0 7V5.3 14H10.2 8.9L10.2 7.7L6.2 7.7"),
        'H' => (9.4, "M0 0L0 14M9.4 0L9.4 14M0 6.8L9.4 6.8"),
        'I' => (0.0, "M0 0L0 14"),
        'J' => (6.0, "M6 0L6 10V3 14H0 11"),
        'K' => (8.8, "M0 0L0 14M8.4 0L0 8.6M3.1 5.5L8.8 14"),
        'L' => (7.2, "M0 0L0 14L7.2 14"),
        'M' => (11.6, "M0 14L0 0L5.8 9L11.6 0L11.6 14"),
        'N' => (9.4, "M0 14L0 0L9.4 14L9.4 0"),
        'O' => (11.0, "M5.5 0H11 7V5.5 14H0 7V5.5 0"),
        'P' => (8.6, "M0 14L0 0L4.7 0H8.6 3.9V4.7 7.8L0 7.8"),
        'Q' => (11.0, "M5.5 0H11 7V5.5 14H0 7V5.5 0M7 10.4L10.8 14.6"),
        'R' => (8.8, "M0 14L0 0L4.7 0H8.5 3.8V4.7 7.6L0 7.6M4.5 7.6L8.8 14"),
        'S' => (8.8, "M8.3 2.5Q7.1 0 4.4 0H0.5 3.5C0.5 8.4 8.8 5.6 8.8 10.3V4.5 14Q1.4 14 0 11.2"),
        'T' => (9.0, "M0 0L9 0M4.5 0L4.5 14"),
        'U' => (9.4, "M0 0L0 9.2V4.7 14H9.4 9.2L9.4 0"),
        'V' => (9.8, "M0 0L4.9 14L9.8 0"),
        'W' => (14.0, "M0 0L3.5 14L7 2L10.5 14L14 0"),
        'X' => (9.0, "M0 0L9 14M9 0L0 14"),
        'Y' => (9.0, "M0 0L4.5 7L9 0M4.5 7L4.5 14"),
        'Z' => (8.8, "M0 0L8.8 0L0 14L8.8 14"),
        'a' => (7.5, "M7.5 4L7.5 14M7.5 9V3.75 4H0 9V3.75 14H7.5 9"),
        'b' => (7.5, "M0 0L0 14M0 9V3.75 4H7.5 9V3.75 14H0 9"),
        'c' => (6.8, "M6.8 5.9Q5.7 4 3.7 4H0 9V3.7 14Q5.7 14 6.8 12.1"),
        'd' => (7.5, "M7.5 0L7.5 14M7.5 9V3.75 4H0 9V3.75 14H7.5 9"),
        'e' => (7.5, "M0.1 8.8L7.5 8.8V3.75 4H0 9V3.75 14Q5.9 14 7.1 12.1"),
        'f' => (4.8, "M5 0.2Q2 -0.6 2 3L2 14M0 4.5L4.6 4.5"),
        'g' => (7.5, "M7.5 4L7.5 14.4V3.75 18.4Q1.6 18.4 0.6 17M7.5 9V3.75 4H0 9V3.75 14H7.5 9"),
        'h' => (7.0, "M0 0L0 14M0 8V3.6 4H7 8L7 14"),
        'i' => (0.0, "M0 4L0 14M0 0.3L0 0.4"),
        'j' => (2.0, "M2 4L2 15.5V0 18.3M2 0.3L2 0.4"),
        'k' => (6.5, "M0 0L0 14M6.1 4L0 10M2.4 7.7L6.5 14"),
        'l' => (0.0, "M0 0L0 14"),
        'm' => (11.0, "M0 4L0 14M0 7.5V2.9 4H5.5 7.5L5.5 14M5.5 7.5V8.4 4H11 7.5L11 14"),
        'n' => (7.0, "M0 4L0 14M0 8V3.6 4H7 8L7 14"),
        'o' => (7.7, "M3.85 4H7.7 9V3.85 14H0 9V3.85 4"),
        'p' => (7.5, "M0 4L0 18.5M0 9V3.75 4H7.5 9V3.75 14H0 9"),
        'q' => (7.5, "M7.5 4L7.5 18.5M7.5 9V3.75 4H0 9V3.75 14H7.5 9"),
        'r' => (4.4, "M0 4L0 14M0 8.2V4.5 4.1"),
        's' => (6.5, "M6.1 5.7Q5.3 4 3.3 4H0.4 6.5C0.4 9.8 6.6 8 6.6 11.4V3.4 14Q1 14 0 12.1"),
        't' => (4.8, "M2 1L2 11.2Q2 14 4.8 13.8M0 4.4L4.6 4.4"),
        'u' => (7.0, "M0 4L0 10V3.4 14H7 10M7 4L7 14"),
        'v' => (7.4, "M0 4L3.7 14L7.4 4"),
        'w' => (11.0, "M0 4L2.75 14L5.5 5L8.25 14L11 4"),
        'x' => (6.8, "M0 4L6.8 14M6.8 4L0 14"),
        'y' => (7.4, "M0 4L3.7 14M7.4 4L3 15.8Q2 18.5 0 18.2"),
        'z' => (6.6, "M0 4L6.6 4L0 14L6.6 14"),
        '0' => (8.0, "M4 0H8 7V4 14H0 7V4 0"),
        '1' => (4.0, "M0.4 3L4 0L4 14"),
        '2' => (8.0, "M0.3 3.6V4 0H7.8 3.8Q7.8 6.4 5.2 8.9L0 14L8 14"),
        '3' => (8.0, "M0.4 2.1Q1.6 0 3.9 0H7.6 3.4V3.9 6.7H8 10.3V3.9 14Q1.3 14 0 11.8"),
        '4' => (8.0, "M6 14L6 0L0 9.8L8 9.8"),
        '5' => (8.0, "M7.3 0L1 0L0.5 6.3Q2 5.1 4 5.1H8 9.5V3.9 14Q1.4 14 0 12"),
        '6' => (8.0, "M6.6 0Q0 3 0 9.4V4 14H8 9.6V4 5.3H0 9.4"),
        '7' => (8.0, "M0 0L8 0L2.8 14"),
        '8' => (8.0, "M4 0H7.5 3.3V4 6.6H0.5 3.3V4 0M4 6.6H8 10.3V4 14H0 10.3V4 6.6"),
        '9' => (8.0, "M1.4 14Q8 11 8 4.6V4 0H0 4.4V4 8.7H8 4.6"),
        '.' => (0.0, "M0 13.8L0 14"),
        ',' => (0.8, "M0.8 13.6L0 16.2"),
        ':' => (0.0, "M0 5.8L0 6M0 13.8L0 14"),
        ';' => (0.8, "M0.8 5.8L0.8 6M0.8 13.6L0 16.2"),
        '!' => (0.0, "M0 0L0 9.6M0 13.8L0 14"),
        '?' => (7.2, "M0 3.2V3.6 0H7.2 3.5Q7.2 5.5 5.2 6.9Q3.6 8 3.6 10M3.6 13.8L3.6 14"),
        '\'' => (0.0, "M0 0L0 3.2"),
        '"' => (3.0, "M0 0L0 3.2M3 0L3 3.2"),
        '-' => (5.0, "M0 8.6L5 8.6"),
        '\u{2013}' => (9.0, "M0 8.6L9 8.6"),
        '+' => (7.0, "M0 8.6L7 8.6M3.5 5.1L3.5 12.1"),
        '=' => (7.0, "M0 6.8L7 6.8M0 10.6L7 10.6"),
        '/' => (5.6, "M0 15.4L5.6 -1"),
        '_' => (8.0, "M0 16L8 16"),
        '$' => (8.8, "M8.3 3.3Q7.1 1.2 4.4 1.2H0.5 4.2C0.5 8.4 8.8 6 8.8 10.1V4.5 13Q1.4 13 0 10.6M4.4 -1L4.4 15.4"),
        '%' => (10.0, "M2 0H4 2.6V2 5.2H0 2.6V2 0M9.4 0L0.6 14M8 8.8H10 11.4V8 14H6 11.4V8 8.8"),
        '(' => (3.2, "M3.2 -1.2Q0 2.5 0 7Q0 11.5 3.2 15.2"),
        ')' => (3.2, "M0 -1.2Q3.2 2.5 3.2 7Q3.2 11.5 0 15.2"),
        '[' => (3.0, "M3 -1L0 -1L0 15L3 15"),
        ']' => (3.0, "M0 -1L3 -1L3 15L0 15"),
        '\u{266a}' => (7.0, "M3 11.6H5 12.8V3 14H1 12.8V3 11.6M5 12.8L5 0Q6 3 9 4.4"),
        '\u{b7}' => (0.0, "M0 8L0 8.1"),
        _ => return None,
    })
}

/// How a line of text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face {
    /// Height of a capital, pixels.
    pub(crate) size: f32,
    /// Thickness of the strokes on the glyphs' grid (14 to a capital).
    pub(crate) weight: f32,
    /// Space between letters on the same grid.
    pub(crate) spacing: f32,
}

impl Face {
    /// Running text.
    pub(crate) const fn text(size: f32) -> Self {
        Self { size, weight: 1.75, spacing: 4.0 }
    }

    /// Labels in capitals.
    pub(crate) const fn label(size: f32) -> Self {
        Self { size, weight: 2.4, spacing: 5.2 }
    }

    /// Width of a line in pixels.
    pub(crate) fn width(&self, text: &str) -> f32 {
        let units: f32 = text.chars().filter_map(glyph).map(|g| g.0 + self.spacing).sum();
        (units - self.spacing).max(0.0) * self.size / CAPITAL
    }

    /// Writes a line whose capitals stand from `y` down to `y + size`, beginning at `x`.
    pub(crate) fn write(&self, canvas: &mut Canvas, text: &str, (x, y): (f32, f32), ink: &Ink) {
        let scale = self.size / CAPITAL;
        let before = canvas.at;
        let mut pen = x;
        for c in text.chars() {
            let Some((advance, words)) = glyph(c) else { continue };
            if let Some(path) = shape(words) {
                canvas.at = before.pre_concat(Transform::from_row(scale, 0.0, 0.0, scale, pen, y));
                canvas.stroke(&path, self.weight, ink);
            }
            pen += (advance + self.spacing) * scale;
        }
        canvas.at = before;
    }

    /// Writes a line centred on `x`.
    pub(crate) fn centre(&self, canvas: &mut Canvas, text: &str, (x, y): (f32, f32), ink: &Ink) {
        self.write(canvas, text, (x - self.width(text) / 2.0, y), ink);
    }

    /// Writes a line that ends at `x`.
    pub(crate) fn right(&self, canvas: &mut Canvas, text: &str, (x, y): (f32, f32), ink: &Ink) {
        self.write(canvas, text, (x - self.width(text), y), ink);
    }
}
