//! An electrodogram drawn: time across, electrodes up with the apex at the bottom, colour by current, the sound above.
//!
//! A picture holds at most 1,200 columns, in each of them the mean current of each electrode's pulses, so that it stays
//! as small for a film as for a word; within a second or so single pulses can be seen. The SVG needs nothing from outside.

use std::fmt::Write as _;

use auricle::implant::pulse::{Pulse, TICKS_PER_SEC};

use super::currents::{self, CurrentRange, Currents, STEPS, step_colour};
use crate::report::colour;
use crate::report::columns::{Columns, Merge};
use crate::report::text::{Html, duration, number};

/// Most columns.
const COLUMNS: usize = currents::MOST_COLUMNS;
/// Narrowest column, ticks: 0.1 ms.
const LEAST_COLUMN_TICKS: u64 = 1000;

// The drawing, in its own units.
const WIDTH: f64 = 1280.0;
const LEFT: f64 = 128.0;
const RIGHT: f64 = 128.0;
const TOP: f64 = 72.0;
const WAVE_HEIGHT: f64 = 72.0;
const WAVE_GAP: f64 = 14.0;
const BOTTOM: f64 = 58.0;

/// What is written on a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PictureText {
    /// What it is of: "speech.wav".
    pub title: String,
    /// A line on the device.
    pub about: String,
}

/// Lowest and highest sample.
#[derive(Default)]
struct Span(f32, f32);

impl Merge for Span {
    fn merge(&mut self, next: &Self) {
        *self = Self(self.0.min(next.0), self.1.max(next.1));
    }
}

/// Gathers what a picture shows, in memory that does not grow.
pub struct ElectrodogramPicture {
    electrodes: usize,
    currents: Columns<Currents>,
    wave: Columns<Span>,
    /// Samples of the sound so far, and its rate in Hz.
    sound: (u64, u32),
    pulses: u64,
    /// Of all currents that flow.
    range: CurrentRange,
}

impl ElectrodogramPicture {
    /// Of an array of so many electrodes; a `length_ticks` that is known makes the best of the picture's width.
    pub fn new(electrodes: u8, length_ticks: Option<u64>) -> Self {
        let column_ticks = length_ticks.unwrap_or(0).div_ceil(COLUMNS as u64).max(LEAST_COLUMN_TICKS);
        Self {
            electrodes: usize::from(electrodes),
            currents: Columns::new(COLUMNS, column_ticks),
            wave: Columns::new(COLUMNS, column_ticks),
            sound: (0, 0),
            pulses: 0,
            range: CurrentRange::default(),
        }
    }

    /// Takes a pulse.
    pub fn pulse(&mut self, pulse: &Pulse) {
        let ua = pulse.current_ua;
        // Columns come as pulses do: one from a file that has not been checked could ask for all of time.
        if ua > 0.0 && (1..=self.electrodes).contains(&usize::from(pulse.electrode)) {
            self.pulses += 1;
            let (column, _) = self.currents.at(pulse.onset_ticks);
            column.take(self.electrodes, pulse.electrode, ua);
            self.range.take(ua);
        }
    }

    /// Takes the next samples of the sound of which the pulses were made.
    pub fn sound(&mut self, sample_rate_hz: u32, samples: &[f32]) {
        let rate = u64::from(sample_rate_hz.max(1));
        self.sound.1 = sample_rate_hz;
        let mut from = 0;
        while from < samples.len() {
            let at_ticks = u128::from(self.sound.0) * u128::from(TICKS_PER_SEC) / u128::from(rate);
            let (column, left) = self.wave.at(at_ticks as u64);
            // At least one sample, and as many as begin in this column.
            let most = (u128::from(left) * u128::from(rate)).div_ceil(u128::from(TICKS_PER_SEC));
            let count = usize::try_from(most).unwrap_or(usize::MAX).clamp(1, samples.len() - from);
            let part = &samples[from..from + count];
            *column = part.iter().fold(Span(column.0, column.1), |span, x| Span(span.0.min(*x), span.1.max(*x)));
            self.sound.0 += count as u64;
            from += count;
        }
    }

    /// The picture of all that was taken, `length_ticks` of it.
    pub fn svg(&self, text: &PictureText, length_ticks: u64) -> String {
        let length = length_ticks.max(1) as f64;
        let row = (352.0 / self.electrodes.max(1) as f64).clamp(5.0, 24.0);
        let height = row * self.electrodes as f64;
        let wave = if self.sound.1 > 0 { WAVE_HEIGHT + WAVE_GAP } else { 0.0 };
        let foot = TOP + wave + height;
        let mut svg = String::new();
        let said = self.in_words(text, length_ticks);
        let whole = foot + BOTTOM;
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {whole:.0}\" role=\"img\" aria-label=\"{0}\" \
             font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\" font-size=\"14\"><title>{0}</title>\
             <rect width=\"{WIDTH}\" height=\"{whole:.0}\" fill=\"#fff\"/>",
            Html(&said)
        );
        let _ = write!(
            svg,
            "<text x=\"{LEFT}\" y=\"28\" font-size=\"20\" font-weight=\"600\">{}</text><text x=\"{LEFT}\" y=\"52\" fill=\"#333\">{}</text>",
            Html(&text.title),
            Html(&text.about)
        );
        if wave > 0.0 {
            self.draw_wave(&mut svg, length);
        }
        self.draw_pulses(&mut svg, (TOP + wave, row), length);
        draw_time(&mut svg, foot, TOP, length_ticks);
        self.draw_legend(&mut svg, TOP + wave, height);
        svg.push_str("</svg>\n");
        svg
    }

    fn in_words(&self, text: &PictureText, length_ticks: u64) -> String {
        let range = self.range.0.map_or_else(String::new, |(low, high)| {
            format!(" of {} to {} microamperes", number(low.into(), 0), number(high.into(), 0))
        });
        format!(
            "Electrodogram of {}: {} pulses{range} on an array of {} electrodes in {}. {}",
            text.title,
            self.pulses,
            self.electrodes,
            duration(length_ticks as f64 / TICKS_PER_SEC as f64),
            text.about
        )
    }

    /// Width of `columns` of `ticks` each in a picture of `length` ticks.
    fn width(columns: usize, ticks: u64, length: f64) -> f64 {
        columns as f64 * ticks as f64 / length * (WIDTH - LEFT - RIGHT)
    }

    fn draw_wave(&self, svg: &mut String, length: f64) {
        let peak = self.wave.entries.iter().fold(1e-9_f32, |peak, span| peak.max(span.1).max(-span.0));
        let middle = TOP + WAVE_HEIGHT / 2.0;
        let y = |sample: f32| middle - f64::from(sample / peak) * WAVE_HEIGHT / 2.0;
        let x = |column: usize| LEFT + Self::width(column, self.wave.column_samples, length).min(WIDTH - LEFT - RIGHT);
        let mut path = String::new();
        for (at, span) in self.wave.entries.iter().enumerate() {
            let _ = write!(path, "{}{:.1} {:.1}V{:.1}", if at == 0 { 'M' } else { 'L' }, x(at), y(span.1), y(span.0));
        }
        let db = 20.0 * f64::from(peak).log10();
        let highest = if peak > 1e-8 { format!("peak {} dB FS", number(db, 1)) } else { "silent".to_owned() };
        let (top, bottom) = (TOP + 14.0, TOP + 32.0);
        let _ = write!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"#334\" stroke-width=\"1\"/><text x=\"{0}\" y=\"{top}\" text-anchor=\"end\">sound</text>\
             <text x=\"{0}\" y=\"{bottom}\" text-anchor=\"end\" font-size=\"12\" fill=\"#333\">{highest}</text>",
            LEFT - 8.0
        );
    }

    fn draw_pulses(&self, svg: &mut String, (top, row): (f64, f64), length: f64) {
        let columns = self.currents.entries.len().max(1);
        let means: Vec<Vec<f32>> = self.currents.entries.iter().map(Currents::means_ua).collect();
        let uri = currents::png_uri(&means, columns, self.electrodes, self.range);
        let (height, width) = (row * self.electrodes as f64, WIDTH - LEFT - RIGHT);
        let drawn = Self::width(columns, self.currents.column_samples, length);
        let background = colour::hex(colour::level(0.0));
        let _ = write!(
            svg,
            "<svg x=\"{LEFT}\" y=\"{top}\" width=\"{width}\" height=\"{height:.2}\"><rect width=\"100%\" height=\"100%\" \
             fill=\"{background}\"/><image width=\"{drawn:.3}\" height=\"{height:.2}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:pixelated\" href=\"{}\"/></svg>",
            uri
        );
        // As spectrograms have it: what sounds high is above. Electrodes count from the base.
        let every = (11.0 / row).ceil().max(1.0) as usize;
        for electrode in 1..=self.electrodes {
            let ends = [1, self.electrodes].contains(&electrode);
            if ends || (electrode % every == 0 && electrode + every <= self.electrodes) {
                let words = match electrode {
                    1 => "base, high  1".to_owned(),
                    last if last == self.electrodes => format!("apex, low  {last}"),
                    other => other.to_string(),
                };
                let y = top + (electrode as f64 - 0.5) * row + 4.5;
                let _ = write!(
                    svg,
                    "<text x=\"{}\" y=\"{y:.1}\" text-anchor=\"end\" font-size=\"13\">{words}</text>",
                    LEFT - 8.0
                );
            }
        }
        let middle = top + height / 2.0;
        let _ = write!(
            svg,
            "<text transform=\"translate(24 {middle:.0}) rotate(-90)\" text-anchor=\"middle\">electrode</text>"
        );
    }

    fn draw_legend(&self, svg: &mut String, top: f64, height: f64) {
        let (x, bar) = (WIDTH - RIGHT + 20.0, (height - 60.0).max(40.0));
        let _ = write!(svg, "<text x=\"{x}\" y=\"{:.0}\">current</text>", top + 12.0);
        let top = top + 22.0;
        if let Some((low, high)) = self.range.0 {
            let step = bar / STEPS as f64;
            for n in 0..STEPS {
                let y = top + bar - (n + 1) as f64 * step;
                let colour = colour::hex(step_colour(n));
                let _ = write!(
                    svg,
                    "<rect x=\"{x}\" y=\"{y:.2}\" width=\"18\" height=\"{:.2}\" fill=\"{colour}\"/>",
                    step + 0.3
                );
            }
            let middle = (f64::from(low) * f64::from(high)).sqrt();
            for (ua, y) in [(f64::from(high), top + 12.0), (middle, top + bar / 2.0 + 5.0), (f64::from(low), top + bar)]
            {
                let _ = write!(
                    svg,
                    "<text x=\"{}\" y=\"{y:.1}\" font-size=\"13\">{} \u{b5}A</text>",
                    x + 24.0,
                    number(ua, 0)
                );
            }
        }
        let y = top + bar + 12.0;
        let nothing = colour::hex(colour::level(0.0));
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y:.1}\" width=\"18\" height=\"14\" fill=\"{nothing}\"/><text x=\"{}\" y=\"{:.1}\" font-size=\"13\">no pulse</text>",
            x + 24.0,
            y + 12.0
        );
    }
}

/// The axis of time below `foot`, and its lines from `top` on.
fn draw_time(svg: &mut String, foot: f64, top: f64, length_ticks: u64) {
    let secs = length_ticks.max(1) as f64 / TICKS_PER_SEC as f64;
    let step = [1.0, 2.0, 5.0].map(|first| (-4..5).map(move |power| first * 10_f64.powi(power)));
    let clock = [60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0];
    let mut steps: Vec<f64> = step.into_iter().flatten().filter(|step| *step < 60.0).chain(clock).collect();
    steps.sort_by(f64::total_cmp);
    let step = steps.iter().copied().find(|step| secs / step <= 12.0).unwrap_or(secs / 4.0);
    let clock = step >= 60.0;
    let mut at = 0.0;
    let mut count = 0.0;
    while at <= secs * (1.0 + 1e-9) {
        let x = LEFT + at / secs * (WIDTH - LEFT - RIGHT);
        let label = if clock {
            let minutes = (at / 60.0).round() as u64;
            format!("{}:{:02}", minutes / 60, minutes % 60)
        } else {
            let decimals = (-step.log10()).ceil().max(0.0) as usize;
            format!("{at:.decimals$}")
        };
        let _ = write!(
            svg,
            "<path d=\"M{x:.1} {top:.0}V{:.1}\" stroke=\"#888\" stroke-opacity=\".35\"/><text x=\"{x:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\" font-size=\"13\">{label}</text>",
            foot + 5.0,
            foot + 20.0
        );
        count += 1.0;
        at = count * step;
    }
    let unit = if clock { "time, hours:minutes" } else { "time, seconds" };
    let _ = write!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{unit}</text>",
        LEFT + (WIDTH - LEFT - RIGHT) / 2.0,
        foot + 44.0
    );
}

#[cfg(test)]
mod tests {
    use auricle::implant::pulse::Mode;
    use base64::Engine as _;

    use super::*;
    use crate::electrodogram::currents::ROW_PIXELS;
    use crate::report::colour::Rgb;

    fn pulse(onset_ticks: u64, electrode: u8, current_ua: f32) -> Pulse {
        Pulse {
            onset_ticks,
            electrode,
            mode: Mode::Mp1And2,
            current_level: 1,
            current_ua,
            phase_ticks: 250,
            gap_ticks: 70,
        }
    }

    /// The picture's pixels: columns, rows, colours from the top left.
    fn pixels(svg: &str) -> (usize, usize, Vec<Rgb>) {
        let base64 = svg.split("data:image/png;base64,").nth(1).expect("a picture").split('"').next().expect("its end");
        let file = base64::engine::general_purpose::STANDARD.decode(base64).expect("base64");
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("its size")];
        let info = reader.next_frame(&mut bytes).expect("its pixels");
        let colours = bytes.chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect();
        (info.width as usize, info.height as usize, colours)
    }

    #[test]
    fn pulses_stand_where_they_are_and_colours_say_how_much() {
        let mut picture = ElectrodogramPicture::new(4, Some(4000));
        picture.pulse(&pulse(0, 1, 100.0));
        picture.pulse(&pulse(1000, 4, 900.0));
        picture.pulse(&pulse(1500, 4, 300.0));
        picture.pulse(&pulse(3999, 2, 300.0));
        picture.pulse(&pulse(3999, 3, 0.0));
        let svg = picture.svg(&PictureText::default(), 4000);
        let (width, height, colours) = pixels(&svg);
        assert_eq!((width, height), (4, 4 * ROW_PIXELS));
        let at = |column: usize, electrode: usize| colours[(electrode - 1) * ROW_PIXELS * width + column];
        // The mean of 900 and 300 lies at ln 6 / ln 9 of the scale.
        assert_eq!((at(0, 1), at(1, 4), at(3, 2)), (step_colour(0), step_colour(48), step_colour(30)));
        let nothing = colours.iter().filter(|colour| **colour == colour::level(0.0)).count();
        assert_eq!(nothing, (16 - 3) * ROW_PIXELS);
        assert!(svg.contains("4 pulses of 100 to 900 microamperes") && !svg.contains(">sound<"));
    }

    #[test]
    fn a_day_takes_no_more_than_a_minute_does() {
        let mut sizes = Vec::new();
        for (secs, known) in [(60_u64, true), (86_400, false)] {
            let length_ticks = secs * TICKS_PER_SEC;
            let mut picture = ElectrodogramPicture::new(22, known.then_some(length_ticks));
            for n in 0..200_000 {
                let electrode = 1 + (n * 7 % 22) as u8;
                picture.pulse(&pulse(n * (length_ticks / 200_000), electrode, 100.0 + (n * 31 % 500) as f32));
            }
            picture.sound(16, &vec![0.5; (secs * 16) as usize]);
            assert!(picture.currents.entries.len() <= COLUMNS && picture.wave.entries.len() <= COLUMNS);
            let svg = picture.svg(&PictureText { title: "<a & b>".to_owned(), about: String::new() }, length_ticks);
            assert!(svg.contains("&lt;a &amp; b&gt;") && svg.contains("sound"));
            sizes.push(svg.len());
        }
        assert!(sizes.iter().all(|bytes| *bytes < 120_000), "{sizes:?}");
    }

    #[test]
    fn nothing_at_all_has_a_picture() {
        let svg = ElectrodogramPicture::new(16, None).svg(&PictureText::default(), 0);
        assert!(svg.contains("no pulse") && svg.ends_with("</svg>\n"));
    }
}
