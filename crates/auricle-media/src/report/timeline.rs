//! Level, cues and spectra on one time axis.
//!
//! Pictures stretch with the page and labels do not: pictures are images or drawings without text, and
//! labels are text placed over them by percentages.

use std::fmt::Write as _;

use auricle::cue::CueSpan;

use super::change;
use super::clock::Clock;
use super::colour;
use super::input::InputForReport;
use super::measurements::Peak;
use super::picture;
use super::strip;
use super::text::{Html, count, duration, hz, number, signed};

/// Level at the foot of the waveform, dB FS.
const WAVE_FLOOR_DB: f32 = -60.0;
/// Height of the waveform's drawing.
const WAVE_HEIGHT: f64 = 120.0;
/// Narrowest cue, percent of the film, so that a blink of an eye can be seen.
const NARROWEST_PERCENT: f64 = 0.3;
/// Rough width of a character of a label, percent of a wide page.
const CHAR_PERCENT: f64 = 0.75;
/// Frequencies on the axis, Hz.
const AXIS_HZ: [f64; 8] = [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0];

/// The whole figure.
pub(super) fn timeline(input: &InputForReport, clock: &Clock) -> String {
    let length = input.measurements.length_samples.max(1) as f64;
    let view = View { input, clock, length };
    let mut out = String::from("<div class=\"timeline\">");
    view.time_axis(&mut out);
    view.waveform(&mut out);
    view.lanes(&mut out);
    strip::strips(&view, &mut out);
    view.spectrograms(&mut out);
    view.time_axis(&mut out);
    out.push_str("</div>");
    out
}

pub(super) struct View<'a> {
    pub(super) input: &'a InputForReport,
    pub(super) clock: &'a Clock,
    /// Samples, above 0.
    pub(super) length: f64,
}

impl View<'_> {
    fn percent(&self, samples: u64) -> f64 {
        (samples as f64 / self.length * 100.0).clamp(0.0, 100.0)
    }

    fn time_axis(&self, out: &mut String) {
        out.push_str("<div class=\"row axis\" aria-hidden=\"true\"><div class=\"gutter\"></div><div class=\"plot\">");
        let length_secs = self.clock.secs(self.input.measurements.length_samples);
        let mut free_from = 0.0;
        for (index, tick) in self.clock.ticks(length_secs).iter().enumerate() {
            let left = tick.secs / length_secs.max(1e-9) * 100.0;
            // A character takes about 0.8 % of the axis where the page is narrowest for this many labels.
            let width = 0.8 * tick.label.chars().count() as f64 + 0.5;
            // Near the end a label stands before its mark, so that it stays on the page, if there is room.
            let (end, begins) = if left + width > 100.0 { (" end", left - width) } else { ("", left) };
            let label = if begins >= free_from { tick.label.as_str() } else { "" };
            free_from = if label.is_empty() { free_from } else { begins + width };
            let wide = if index % 3 == 0 && end.is_empty() { "" } else { " wide" };
            let _ = write!(out, "<span class=\"tick{wide}{end}\" style=\"left:{left:.3}%\">{}</span>", Html(label));
        }
        out.push_str("</div></div>");
    }

    fn waveform(&self, out: &mut String) {
        let waveform = &self.input.measurements.waveform;
        let columns = waveform.before.len().max(1);
        let sides = [&self.input.measurements.before, &self.input.measurements.after];
        let [before, after] = sides.map(|side| {
            side.whole.sample_peak_db_fs.map_or_else(|| "silent".to_owned(), |db| format!("{} dB FS", number(db, 1)))
        });
        let label = format!(
            "Level over {}, on a scale of 60 dB. Highest sample of the source {before}, of the render {after}.",
            duration(self.clock.secs(self.input.measurements.length_samples))
        );
        out.push_str(
            "<figure><figcaption><h3>Level</h3><p>Grey: the source. Colour over it: the render, \
             <span class=\"out\">outside</span> and <span class=\"in\">inside</span>. Grey that shows is sound that is taken away.\
             </p></figcaption><div class=\"row\"><div class=\"gutter scale\" aria-hidden=\"true\">",
        );
        for (db, top) in [("0", 0.0), ("\u{2212}30", 25.0), ("\u{2212}60", 50.0), ("\u{2212}30", 75.0), ("0 dB", 100.0)]
        {
            let _ = write!(out, "<span style=\"top:{top}%\">{db}</span>");
        }
        let _ = write!(
            out,
            "</div><div class=\"plot wave\"><svg viewBox=\"0 0 {columns} {WAVE_HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
             aria-label=\"{0}\"><title>{0}</title>",
            Html(&label)
        );
        let peak = |peak: &Peak| peak.max.max(-peak.min);
        let _ = write!(out, "<path class=\"w-before\" d=\"{}\"/>", area(&waveform.before, 0, peak));
        // Runs of columns that are inside or not.
        let inside: Vec<bool> = (0..waveform.after.len())
            .map(|column| {
                let middle = column as u64 * waveform.column_samples + waveform.column_samples / 2;
                let within = |span: &CueSpan| (span.enter_begins_samples..span.leave_ends_samples).contains(&middle);
                self.input.spans.iter().any(within)
            })
            .collect();
        let mut from = 0;
        for run in inside.chunk_by(|a, b| a == b) {
            let part = &waveform.after[from..from + run.len()];
            let class = if run[0] { "w-in" } else { "w-out" };
            let _ = write!(
                out,
                "<path class=\"{class} w-peak\" d=\"{}\"/><path class=\"{class}\" d=\"{}\"/>",
                area(part, from, peak),
                area(part, from, |peak| peak.rms)
            );
            from += run.len();
        }
        out.push_str("</svg>");
        self.edges(out);
        out.push_str("</div></div></figure>");
    }

    /// A lane for each listener, a block for each cue.
    fn lanes(&self, out: &mut String) {
        if self.input.spans.is_empty() {
            return;
        }
        let mut names: Vec<&str> = Vec::new();
        for span in &self.input.spans {
            if !names.contains(&span.listener.as_str()) {
                names.push(&span.listener);
            }
        }
        out.push_str(
            "<figure><figcaption><h3>Cues</h3><p>Whose ears we are in. Slopes show how a cue enters and leaves, to scale; \
             the numbers are those of the table below.</p></figcaption>",
        );
        for name in names {
            let spans: Vec<(usize, &CueSpan)> =
                self.input.spans.iter().enumerate().filter(|(_, span)| span.listener == name).collect();
            let said: Vec<String> = spans
                .iter()
                .map(|(number, span)| {
                    format!(
                        "cue {}, {}, from {} to {}",
                        number + 1,
                        span.state,
                        self.clock.at(span.enter_begins_samples),
                        self.clock.at(span.leave_ends_samples)
                    )
                })
                .collect();
            let _ = write!(
                out,
                "<p class=\"lane-name\"><span class=\"in\">inside</span> <bdi>{0}</bdi></p><div class=\"row\"><div class=\"gutter\">\
                 </div><div class=\"plot lane\" role=\"img\" aria-label=\"Inside {0}: {1}\">",
                Html(name),
                Html(&said.join("; "))
            );
            for (at, (number, span)) in spans.iter().enumerate() {
                let next = spans.get(at + 1).map_or(100.0, |(_, next)| self.percent(next.enter_begins_samples));
                self.block(out, *number, span, next);
            }
            out.push_str("</div></div>");
        }
        out.push_str("</figure>");
    }

    fn block(&self, out: &mut String, number: usize, span: &CueSpan, next_percent: f64) {
        let moments =
            [span.enter_begins_samples, span.enter_ends_samples, span.leave_begins_samples, span.leave_ends_samples]
                .map(|samples| self.percent(samples));
        let [begins, enter_ends, leave_begins, ends] = moments;
        let width = (ends - begins).max(NARROWEST_PERCENT);
        // Within the block: percent of its own width. One too narrow to be seen is drawn as a bar.
        let [_, b, c, d] = if ends - begins < width {
            [0.0, 0.0, 100.0, 100.0]
        } else {
            moments.map(|at| (at - begins) / width * 100.0)
        };
        let _ = write!(
            out,
            "<div class=\"cue\" style=\"left:{begins:.3}%;width:{width:.3}%\"><svg viewBox=\"0 0 100 40\" \
             preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\"M0 40L{b:.2} 0H{c:.2}L{d:.2} 40Z\"/></svg></div>"
        );
        // The name stands on what is wholly inside, or else beside the block.
        let needed = (number + 1).to_string().len() + 1 + span.state.chars().count();
        let needed = needed as f64 * CHAR_PERCENT + 1.5;
        let (after, held) = (begins + width, leave_begins - enter_ends);
        let (class, left, room) = if held >= needed || (held > 4.0 && next_percent - after < needed) {
            ("cue-name", enter_ends, held)
        } else {
            ("cue-name beside", after, (next_percent - after).max(0.0))
        };
        let _ = write!(
            out,
            "<span class=\"{class}\" aria-hidden=\"true\" style=\"left:{left:.3}%;width:{room:.3}%\"><b>{}</b> <bdi>{}</bdi></span>",
            number + 1,
            Html(&span.state)
        );
    }

    /// The edges of all cues as lines over a picture.
    pub(super) fn edges(&self, out: &mut String) {
        for span in &self.input.spans {
            let begins = self.percent(span.enter_begins_samples);
            let width = (self.percent(span.leave_ends_samples) - begins).max(NARROWEST_PERCENT);
            let _ = write!(out, "<i class=\"edge\" style=\"left:{begins:.3}%;width:{width:.3}%\"></i>");
        }
    }

    fn spectrograms(&self, out: &mut String) {
        let spectrogram = &self.input.measurements.spectrogram;
        let before = picture::both_ears(&spectrogram.before_db_fs);
        let after = picture::both_ears(&spectrogram.after_db_fs);
        let top = picture::top_db_fs(&[&before, &after]);
        let means = change::mean_levels(&self.input.measurements, &self.input.spans);
        let mean_words = |side: usize| {
            let section = |name: &str, levels: Option<[[f32; 3]; 2]>| {
                levels.map(|levels| {
                    let each: Vec<String> = change::REGIONS
                        .iter()
                        .zip(levels[side])
                        .map(|((region, _), db)| format!("{region} {}", level_words(db)))
                        .collect();
                    format!(" Mean level {name}: {}.", each.join(", "))
                })
            };
            [section("outside", means[0]), section("inside", means[1])].into_iter().flatten().collect::<String>()
        };
        let what = format!(
            " over {}, from {} to {}, colours from {} to {} dB FS.",
            duration(self.clock.secs(self.input.measurements.length_samples)),
            hz(spectrogram.centres_hz.first().copied().map_or(0.0, f64::from)),
            hz(spectrogram.centres_hz.last().copied().map_or(0.0, f64::from)),
            number(f64::from(top - picture::RANGE_DB), 0),
            number(f64::from(top), 0)
        );
        let map = level_legend(top);
        let panels = [
            (
                "Before",
                "The source, as the room hears it.",
                picture::levels_uri(&before, top),
                format!("Spectrogram of the source{what}{}", mean_words(0)),
            ),
            (
                "After",
                "The render, as the listener hears it inside.",
                picture::levels_uri(&after, top),
                format!("Spectrogram of the render{what}{}", mean_words(1)),
            ),
        ];
        for (title, about, uri, alt) in panels {
            self.panel(out, title, about, &uri, &alt, &map);
        }
        let differences = |name: &str, before: &picture::Levels, after: &picture::Levels| {
            let (least, most) = picture::difference_range_db(before, after, top);
            let range =
                format!(" It reaches from {} to {} dB.", signed(f64::from(least), 0), signed(f64::from(most), 0));
            let [_, inside] = &means;
            let words = inside.map_or_else(String::new, |[before, after]| {
                let each: Vec<String> = change::REGIONS
                    .iter()
                    .zip(before.iter().zip(after))
                    .map(|((region, _), (before, after))| {
                        format!("{region} {} dB", signed(f64::from(after - before), 0))
                    })
                    .collect();
                format!(" Mean difference inside, both ears: {}.", each.join(", "))
            });
            format!("Difference between render and source{name}.{range}{words}")
        };
        let legend = difference_legend();
        let apart = self
            .input
            .measurements
            .spans
            .iter()
            .any(|span| change::changes(span, &self.input.sheet.calibration).len() > 1);
        if apart {
            for (ear, name) in ["left", "right"].into_iter().enumerate() {
                let uri = picture::difference_uri(&spectrogram.before_db_fs[ear], &spectrogram.after_db_fs[ear], top);
                let title = format!("Difference, {name} ear");
                let about = "After less before: what hearing this way takes away, and what it adds.";
                self.panel(
                    out,
                    &title,
                    about,
                    &uri,
                    &differences(
                        &format!(" at the {name} ear"),
                        &spectrogram.before_db_fs[ear],
                        &spectrogram.after_db_fs[ear],
                    ),
                    &legend,
                );
            }
        } else {
            let uri = picture::difference_uri(&before, &after, top);
            let about = "After less before: what hearing this way takes away, and what it adds.";
            self.panel(out, "Difference", about, &uri, &differences("", &before, &after), &legend);
        }
    }

    fn panel(&self, out: &mut String, title: &str, about: &str, uri: &str, alt: &str, legend: &str) {
        let centres = &self.input.measurements.spectrogram.centres_hz;
        let _ = write!(
            out,
            "<figure><figcaption><h3>{title}</h3><p>{about}</p>{legend}</figcaption><div class=\"row\">\
             <div class=\"gutter scale\" aria-hidden=\"true\">"
        );
        let lines: Vec<(f64, f64)> =
            AXIS_HZ.into_iter().filter_map(|at_hz| Some((at_hz, height_percent(centres, at_hz)?))).collect();
        for (at_hz, top) in &lines {
            let _ = write!(out, "<span style=\"top:{top:.2}%\">{}</span>", hz(*at_hz));
        }
        let _ = write!(out, "</div><div class=\"plot spectrum\"><img src=\"{uri}\" alt=\"{}\">", Html(alt));
        for (_, top) in &lines {
            let _ = write!(out, "<i class=\"grid\" style=\"top:{top:.2}%\"></i>");
        }
        self.edges(out);
        out.push_str("</div></div></figure>");
    }
}

/// "−32 dB FS", or that there is none.
fn level_words(db_fs: f32) -> String {
    if db_fs <= -120.0 { "silent".to_owned() } else { format!("{} dB FS", number(f64::from(db_fs), 0)) }
}

/// Where a frequency lies on a picture, percent from the top; `None` where it is off the picture.
fn height_percent(centres_hz: &[f32], at_hz: f64) -> Option<f64> {
    let above = centres_hz.partition_point(|centre| f64::from(*centre) <= at_hz * 1.0001);
    let below = above.checked_sub(1)?;
    let position = match centres_hz.get(above) {
        Some(next) => {
            let (low, high) = (f64::from(centres_hz[below]), f64::from(*next));
            below as f64 + (at_hz / low).ln() / (high / low).ln()
        }
        // The last band's own centre is still on the picture.
        None if at_hz <= f64::from(centres_hz[below]) * 1.001 => below as f64,
        None => return None,
    };
    Some((1.0 - (position + 0.5) / centres_hz.len() as f64) * 100.0)
}

fn level_legend(top_db_fs: f32) -> String {
    let stops: Vec<String> = (0..=20).map(|n| colour::hex(colour::level(f64::from(n) / 20.0))).collect();
    let low = top_db_fs - picture::RANGE_DB;
    format!(
        "<p class=\"legend\"><span>{} dB FS or less</span><span class=\"ramp\" style=\"background:linear-gradient(90deg,{})\"></span>\
         <span>{} dB FS</span></p>",
        number(f64::from(low), 0),
        stops.join(","),
        number(f64::from(top_db_fs), 0)
    )
}

fn difference_legend() -> String {
    let (loss, gain) = (f64::from(picture::MOST_LOSS_DB), f64::from(picture::MOST_GAIN_DB));
    let stops: Vec<String> = (0..=30)
        .map(|n| {
            let db = -loss + (loss + gain) * f64::from(n) / 30.0;
            colour::hex(colour::difference(picture::difference_share(db as f32)))
        })
        .collect();
    format!(
        "<p class=\"legend\"><span>{} dB or less</span><span class=\"ramp zero\" style=\"background:linear-gradient(90deg,{})\">\
         <i style=\"left:{:.2}%\"></i></span><span>{} dB</span><span>(mark: 0, as it was)</span><span class=\"key\">\
         <i class=\"nothing\" style=\"background:{}\"></i>no sound in either</span></p>",
        number(-loss, 0),
        stops.join(","),
        loss / (loss + gain) * 100.0,
        signed(gain, 0),
        colour::hex(colour::NOTHING)
    )
}

/// A mirrored area of columns from `first` on, on a dB scale.
fn area(columns: &[Peak], first: usize, value: impl Fn(&Peak) -> f32) -> String {
    let half = WAVE_HEIGHT / 2.0;
    let heights: Vec<f64> = columns
        .iter()
        .map(|peak| {
            let db = 20.0 * value(peak).max(1e-9).log10();
            f64::from((1.0 - db / WAVE_FLOOR_DB).clamp(0.0, 1.0)) * half
        })
        .collect();
    let mut path = String::new();
    let _ = write!(path, "M{first} {half}");
    for (at, height) in heights.iter().enumerate() {
        let _ = write!(path, "V{:.1}H{}", half - height, first + at + 1);
    }
    for (at, height) in heights.iter().enumerate().rev() {
        let _ = write!(path, "V{:.1}H{}", half + height, first + at);
    }
    path.push('Z');
    path
}

/// A sentence on how much of the film is inside.
pub(super) fn summary(input: &InputForReport, clock: &Clock) -> String {
    let inside = input.measurements.after.inside.length_samples;
    let length = input.measurements.length_samples;
    format!(
        "{}, inside for {} of {}",
        count(input.spans.len() as u64, "cue"),
        duration(clock.secs(inside)),
        duration(clock.secs(length))
    )
}
