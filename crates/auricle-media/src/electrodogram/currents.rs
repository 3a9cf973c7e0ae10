//! Currents by time and electrode as a picture holds them, and their colours.
//!
//! Of each column the mean current of each electrode's pulses is kept; the report's strip and the picture of an electrodogram
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

/// The pulses of each electrode in one column that have a current, `[electrode]` from the base: their sum, microamperes,
/// and how many they are.
///
/// Empty where nothing was taken at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Currents(Vec<(f64, u32)>);

impl Currents {
    /// Makes it a column of so many electrodes, of which none need fire.
    pub(crate) fn begin(&mut self, electrodes: usize) {
        self.0.resize(electrodes, (0.0, 0));
    }

    /// Takes a pulse of `electrode`, 1 to `electrodes`.
    pub(crate) fn take(&mut self, electrodes: usize, electrode: u8, ua: f32) {
        self.begin(electrodes);
        if let Some(place) = usize::from(electrode).checked_sub(1).and_then(|index| self.0.get_mut(index)) {
            *place = (place.0 + f64::from(ua), place.1.saturating_add(1));
        }
    }

    /// Mean current of each electrode's pulses, microamperes; 0 where none fired.
    pub(crate) fn means_ua(&self) -> Vec<f32> {
        let mean = |(sum_ua, count): &(f64, u32)| if *count > 0 { (sum_ua / f64::from(*count)) as f32 } else { 0.0 };
        self.0.iter().map(mean).collect()
    }
}

impl Merge for Currents {
    fn merge(&mut self, next: &Self) {
        if self.0.len() < next.0.len() {
            self.begin(next.0.len());
        }
        for (mine, other) in self.0.iter_mut().zip(&next.0) {
            *mine = (mine.0 + other.0, mine.1.saturating_add(other.1));
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
        if span > 1e-6 { (f64::from(ua / low).ln() / span).clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// `entries`, mean currents by column and electrode, as a picture of so many columns, the base at the top; what is beyond the entries is as what is empty.
pub(crate) fn png_uri(entries: &[Vec<f32>], columns: usize, electrodes: usize, range: CurrentRange) -> String {
    uri(entries, columns, electrodes, range, 0)
}

/// As [`png_uri`]; through columns in which nothing was taken one sees what is behind the picture.
pub(crate) fn png_uri_with_gaps(
    entries: &[Vec<f32>],
    columns: usize,
    electrodes: usize,
    range: CurrentRange,
) -> String {
    uri(entries, columns, electrodes, range, STEPS as u8 + 1)
}

fn uri(entries: &[Vec<f32>], columns: usize, electrodes: usize, range: CurrentRange, empty: u8) -> String {
    let mut palette: Vec<Rgb> = vec![colour::level(0.0)];
    palette.extend((0..STEPS).map(step_colour));
    if usize::from(empty) == palette.len() {
        // It is clear; which colour it has does not matter.
        palette.push(NOTHING);
    }
    // Several rows of pixels each: what shows a picture smoothed does not smear electrodes into each other.
    let mut pixels = vec![empty; columns.max(1) * electrodes.max(1) * ROW_PIXELS];
    for (at, column) in entries.iter().enumerate().take(columns) {
        for (electrode, ua) in column.iter().enumerate().take(electrodes) {
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
