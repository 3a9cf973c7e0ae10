//! Where each electrode of an array lies, against the sound that it is given.
//!
//! A row an electrode, from the base (high) to the apex (low); along a logarithmic scale of frequency a ring at the centre
//! of the band that the electrode is given, a disc at the place that it excites, and a line between them: its length is the
//! mismatch.

use std::fmt::Write as _;

use auricle::implant::cochlea::Placement;
use auricle::implant::params::Implant;
use auricle::implant::processor::Processor;
use auricle::level::Calibration;
use auricle::listener::DeadRegion;

use super::text::{Html, capitalised, count, hz, number, signed};

/// Rules for the drawing's classes; the page's own colours.
pub(super) const STYLE: &str = include_str!("place_map.css");

/// Sample rate at which bands are asked for, Hz: above that of every device.
const ANY_RATE_HZ: u32 = 48_000;
/// Lowest and highest frequency of the scale, Hz.
const SCALE_HZ: (f64, f64) = (88.0, 20_000.0);
/// Frequencies with a line and a label, Hz.
const LINES_HZ: [(f64, &str); 8] = [
    (125.0, "125"),
    (250.0, "250"),
    (500.0, "500"),
    (1000.0, "1k"),
    (2000.0, "2k"),
    (4000.0, "4k"),
    (8000.0, "8k"),
    (16_000.0, "16k"),
];

// The drawing, in its own units.
const WIDTH: f64 = 400.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 60.0;
const TOP: f64 = 44.0;
const ROW: f64 = 15.0;

/// An array in a cochlea, and what each electrode is given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlaceMap {
    rows: Vec<Row>,
    dead: Vec<DeadRegion>,
    effective_channels: f64,
    spread_db_per_mm: f64,
}

/// One electrode.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    place_hz: f64,
    /// Where it is heard, if another place is the nearest that lives.
    heard_elsewhere_hz: Option<f64>,
    /// Centre of its band and mismatch in octaves; `None`: it has no band of its own.
    band: Option<(f64, f64)>,
    disabled: bool,
}

impl PlaceMap {
    /// Of an implant in a cochlea with `dead` regions; `None` for one that cannot be built.
    pub(super) fn of(implant: &Implant, dead: &[DeadRegion]) -> Option<Self> {
        let placement = Placement::new(&implant.array, implant.insertion_angle_deg, dead).ok()?;
        let processor = Processor::new(implant, ANY_RATE_HZ, Calibration::default()).ok()?;
        let band_hz: Vec<f64> = (1..=placement.place_hz.len())
            .map(|electrode| {
                let own = processor.bands().iter().find(|band| usize::from(band.electrode) == electrode);
                own.map_or(f64::NAN, |band| band.centre_hz)
            })
            .collect();
        let mismatch = placement.mismatch_octaves(&band_hz);
        let rows = (0..placement.place_hz.len())
            .map(|index| Row {
                place_hz: placement.place_hz[index],
                heard_elsewhere_hz: placement.heard_hz[index].filter(|hz| *hz != placement.place_hz[index]),
                band: Some((band_hz[index], mismatch[index])).filter(|(_, octaves)| octaves.is_finite()),
                disabled: implant.disabled.iter().any(|off| usize::from(*off) == index + 1),
            })
            .collect();
        Some(Self {
            rows,
            dead: dead.to_vec(),
            effective_channels: placement.effective_channels(implant.spread_db_per_mm, &implant.disabled),
            spread_db_per_mm: implant.spread_db_per_mm,
        })
    }

    /// Mean of the mismatches, octaves; `None` without any band.
    fn mean_octaves(&self) -> Option<f64> {
        let octaves: Vec<f64> = self.rows.iter().filter_map(|row| Some(row.band?.1)).collect();
        (!octaves.is_empty()).then(|| octaves.iter().sum::<f64>() / octaves.len() as f64)
    }

    /// What the map comes to, plain text.
    pub(super) fn summary(&self) -> String {
        let mean = self.mean_octaves().map_or_else(String::new, |mean| {
            let way = if mean >= 0.0 { "above" } else { "below" };
            format!(
                "On average the electrodes lie {} octaves {way} the places where their sound belongs. ",
                number(mean.abs(), 1)
            )
        });
        format!(
            "{mean}Current spreads ({} dB/mm), so that {} amount to about {} channels.",
            number(self.spread_db_per_mm, 1),
            count(self.rows.len() as u64, "electrode"),
            number(self.effective_channels, 1)
        )
    }

    /// The map as an SVG element; its text alternative holds every electrode.
    pub(super) fn svg(&self, title: &str) -> String {
        let foot = TOP + ROW * self.rows.len() as f64;
        let height = foot + 36.0;
        let label = self.in_words(title);
        let label = Html(&label);
        let mut out = String::new();
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            out,
            "<svg class=\"places\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\" aria-label=\"{label}\"><title>{label}</title>"
        );
        self.frame(&mut out, foot);
        for (index, row) in self.rows.iter().enumerate() {
            draw_row(&mut out, index + 1, row);
        }
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">Frequency, Hz</text></svg>",
            (LEFT + WIDTH - RIGHT) / 2.0,
            foot + 30.0
        );
        out
    }

    fn frame(&self, out: &mut String, foot: f64) {
        let (right, height) = (WIDTH - RIGHT, foot - TOP);
        let _ = write!(
            out,
            "<g class=\"pm-quiet\"><text x=\"0\" y=\"14\">electrode</text><text x=\"{WIDTH}\" y=\"14\" text-anchor=\"end\">octaves</text>\
             <text x=\"{LEFT}\" y=\"{}\">low</text><text x=\"{right}\" y=\"{}\" text-anchor=\"end\">high</text></g>",
            TOP - 8.0,
            TOP - 8.0
        );
        // The key, above the plot.
        let _ = write!(
            out,
            "<circle class=\"pm-band\" cx=\"{}\" cy=\"10\" r=\"4\"/><text x=\"{}\" y=\"14\">its sound</text>\
             <circle class=\"pm-place\" cx=\"{}\" cy=\"10\" r=\"4\"/><text x=\"{}\" y=\"14\">its place</text>",
            LEFT + 50.0,
            LEFT + 60.0,
            LEFT + 140.0,
            LEFT + 150.0
        );
        let _ = write!(
            out,
            "<rect class=\"pm-paper\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{height}\"/>",
            right - LEFT
        );
        for region in &self.dead {
            let (from, to) = (x(region.from_hz), x(region.to_hz));
            let _ = write!(
                out,
                "<rect class=\"pm-dead\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{height}\"/><text class=\"pm-quiet\" \
                 x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">dead</text>",
                to - from,
                (from + to) / 2.0,
                foot - 4.0
            );
        }
        for (at_hz, label) in LINES_HZ {
            let x = x(at_hz);
            let _ = write!(
                out,
                "<path class=\"pm-grid\" d=\"M{x:.1} {TOP}V{foot}\"/><text class=\"pm-quiet\" x=\"{x:.1}\" y=\"{}\" \
                 text-anchor=\"middle\">{label}</text>",
                foot + 14.0
            );
        }
    }

    fn in_words(&self, title: &str) -> String {
        let each: Vec<String> = self
            .rows
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let mut words = format!("electrode {} at {}", index + 1, hz(row.place_hz));
                let _ = match (row.disabled, row.band) {
                    (true, _) => write!(words, ", switched off"),
                    (_, Some((band_hz, octaves))) => {
                        write!(words, ", is given {}, mismatch {} octaves", hz(band_hz), signed(octaves, 2))
                    }
                    (_, None) => write!(words, ", without a band of its own"),
                };
                if let Some(heard_hz) = row.heard_elsewhere_hz {
                    let _ = write!(words, ", heard at {} beside a dead region", hz(heard_hz));
                }
                words
            })
            .collect();
        format!("Place map of {title}, from base to apex. {}. {}", capitalised(&each.join("; ")), self.summary())
    }
}

fn x(at_hz: f64) -> f64 {
    let (low, high) = SCALE_HZ;
    LEFT + (at_hz.clamp(low, high) / low).ln() / (high / low).ln() * (WIDTH - LEFT - RIGHT)
}

fn draw_row(out: &mut String, electrode: usize, row: &Row) {
    let y = TOP + ROW * (electrode as f64 - 0.5);
    let place = x(row.place_hz);
    let class = if row.disabled { " class=\"pm-off\"" } else { "" };
    let _ =
        write!(out, "<g{class}><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{electrode}</text>", LEFT - 8.0, y + 4.0);
    if let Some(heard_hz) = row.heard_elsewhere_hz {
        let _ = write!(out, "<path class=\"pm-heard\" d=\"M{place:.1} {y}H{:.1}m0 -4v8\"/>", x(heard_hz));
    }
    let words = match (row.disabled, row.band) {
        (true, _) => "off".to_owned(),
        (_, None) => "\u{2013}".to_owned(),
        (_, Some((band_hz, octaves))) => {
            let band = x(band_hz);
            let _ = write!(
                out,
                "<path class=\"pm-shift\" d=\"M{band:.1} {y}H{place:.1}\"/><circle class=\"pm-band\" cx=\"{band:.1}\" cy=\"{y}\" r=\"4\"/>"
            );
            signed(octaves, 1)
        }
    };
    let _ = write!(
        out,
        "<circle class=\"pm-place\" cx=\"{place:.1}\" cy=\"{y}\" r=\"4\"/><text x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{words}</text></g>",
        y + 4.0
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use auricle::presets;

    fn implant(preset: &str, state: &str) -> Implant {
        let listener = presets::get(preset).expect("a preset");
        let state = listener.state(state).expect("a state");
        let ears = [&state.left, &state.right];
        ears.into_iter().find_map(|ear| ear.implant.clone()).expect("an implant")
    }

    #[test]
    fn rows_tell_place_band_and_the_octaves_between() {
        let mut implant = implant("drummer", "one year");
        let map = PlaceMap::of(&implant, &[]).expect("a map");
        assert_eq!(map.rows.len(), 22);
        for row in &map.rows {
            let (band_hz, octaves) = row.band.expect("a band");
            assert!((octaves - (row.place_hz / band_hz).log2()).abs() < 1e-9);
        }
        assert!(map.rows.windows(2).all(|pair| pair[0].place_hz > pair[1].place_hz && pair[0].band > pair[1].band));
        let svg = map.svg("<the drummer>");
        assert_eq!(svg.matches("pm-shift").count(), 22);
        assert!(svg.contains("&lt;the drummer&gt;") && svg.contains("electrode 22 at") && svg.contains("channels"));
        // A shallower insertion lies higher.
        implant.insertion_angle_deg = Some(250.0);
        let shallow = PlaceMap::of(&implant, &[]).expect("a map");
        assert!(shallow.mean_octaves() > map.mean_octaves().map(|mean| mean + 0.3));
    }

    #[test]
    fn electrodes_that_are_off_or_beside_dead_regions_say_so() {
        let mut implant = implant("drummer", "one year");
        implant.disabled = vec![3];
        let dead = [DeadRegion { from_hz: 3000.0, to_hz: 6000.0 }];
        let map = PlaceMap::of(&implant, &dead).expect("a map");
        let words = map.in_words("her");
        assert!(words.contains("electrode 3 at") && words.contains(", switched off"), "{words}");
        assert!(words.contains("beside a dead region"), "{words}");
        let svg = map.svg("her");
        assert_eq!(svg.matches("pm-shift").count(), 21);
        assert!(svg.contains("pm-dead") && svg.contains("pm-heard") && svg.contains(">off<"));
        let all = PlaceMap::of(&implant, &[]).expect("a map");
        assert!(map.effective_channels < all.effective_channels);
    }
}
