//! Currents by time and electrode as a picture holds them, and their colours.
//!
//! Of each column the highest current of each electrode is kept; the report's strip and the picture of an electrodogram
//! are both drawn from such columns.

use crate::report::colour::{self, NOTHING, Rgb};
use crate::report::columns::Merge;
use crate::report::picture;

/// Most columns of a picture.
pub(crate) const MOST_COLUMNS: usize = 1200;
/// Rows of pixels of an electrode.
pub(crate) const ROW_PIXELS: usize = 6;
/// Steps of the colours of currents.
pub(crate) const STEPS: usize = 60;
/// Where on the map of levels the colours of currents begin: what is below is for no pulse at all.
const FIRST_SHARE: f64 = 0.3;

/// Highest current of each electrode in one column, microamperes, `[electrode]` from the base; 0 where none fired.
///
/// Empty where nothing was taken at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Currents(pub(crate) Vec<f32>);

impl Currents {
    /// Takes a pulse of `electrode`, 1 to `electrodes`.
    pub(crate) fn take(&mut self, electrodes: usize, electrode: u8, ua: f32) {
        self.0.resize(electrodes, 0.0);
        if let Some(place) = usize::from(electrode).checked_sub(1).and_then(|index| self.0.get_mut(index)) {
            *place = place.max(ua);
        }
    }
}

impl Merge for Currents {
    fn merge(&mut self, next: &Self) {
        if self.0.len() < next.0.len() {
            self.0.resize(next.0.len(), 0.0);
        }
        for (mine, other) in self.0.iter_mut().zip(&next.0) {
            *mine = mine.max(*other);
        }
    }
}

/// Lowest and highest current that flows, microamperes; `None` before the first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct CurrentRange(pub(crate) Option<(f32, f32)>);

impl CurrentRange {
    /// Takes a current above 0.
    pub(crate) fn take(&mut self, ua: f32) {
        let (low, high) = self.0.unwrap_or((ua, ua));
        self.0 = Some((low.min(ua), high.max(ua)));
    }

    /// Where a current lies in the range, 0 to 1, on a logarithmic scale.
    fn share(self, ua: f32) -> f64 {
        let (low, high) = self.0.unwrap_or((1.0, 1.0));
        let span = f64::from(high / low).ln();
        if span > 1e-6 { f64::from(ua / low).ln() / span } else { 1.0 }
    }
}

/// `entries` as a picture of so many columns, the base at the top; what is beyond the entries is as what is empty.
pub(crate) fn png_uri(entries: &[Currents], columns: usize, electrodes: usize, range: CurrentRange) -> String {
    uri(entries, columns, electrodes, range, 0)
}

/// As [`png_uri`]; through columns in which nothing was taken one sees what is behind the picture.
pub(crate) fn png_uri_with_gaps(
    entries: &[Currents],
    columns: usize,
    electrodes: usize,
    range: CurrentRange,
) -> String {
    uri(entries, columns, electrodes, range, STEPS as u8 + 1)
}

fn uri(entries: &[Currents], columns: usize, electrodes: usize, range: CurrentRange, empty: u8) -> String {
    let mut palette: Vec<Rgb> = vec![colour::level(0.0)];
    palette.extend((0..STEPS).map(step_colour));
    if usize::from(empty) == palette.len() {
        // It is clear; which colour it has does not matter.
        palette.push(NOTHING);
    }
    // Several rows of pixels each: what shows a picture smoothed does not smear electrodes into each other.
    let mut pixels = vec![empty; columns.max(1) * electrodes.max(1) * ROW_PIXELS];
    for (at, column) in entries.iter().enumerate().take(columns) {
        for (electrode, ua) in column.0.iter().enumerate().take(electrodes) {
            // Below 255: one of the palette.
            let index = if *ua > 0.0 { 1 + (range.share(*ua) * (STEPS - 1) as f64).round() as u8 } else { 0 };
            for row in electrode * ROW_PIXELS..(electrode + 1) * ROW_PIXELS {
                pixels[row * columns + at] = index;
            }
        }
    }
    picture::png_uri_with_gaps(&pixels, (columns.max(1), electrodes.max(1) * ROW_PIXELS), &palette, STEPS + 1)
}

/// The colour of a step of the currents.
pub(crate) fn step_colour(step: usize) -> Rgb {
    colour::level(FIRST_SHARE + (1.0 - FIRST_SHARE) * step as f64 / (STEPS - 1) as f64)
}
