//! What lies over every shot: whose ears we are in, the captions, and the film's sound as a strip.

use super::canvas::{AMBER, CREAM, Canvas, INK, Ink, TEAL};
use super::font::Face;
use crate::demo::plan::{self, FPS, HEIGHT, INSIDE, Inside, WIDTH};
use crate::demo::sound::dsp::{RATE_HZ, Stereo};

/// Height of the banner.
pub(crate) const BANNER: f32 = 76.0;
/// Top of the strip.
pub(crate) const STRIP: f32 = 634.0;

/// The sign of *outside*: an open ring from which sound goes out.
pub(crate) fn outside_sign(canvas: &mut Canvas, (x, y): (f32, f32), size: f32, ink: &Ink) {
    let line = size * 0.13;
    canvas.ring((x, y), (size * 0.22, size * 0.22), line, ink);
    for radius in [0.52, 0.82] {
        canvas.arc((x, y), size * radius, (-42.0, 42.0), line, ink);
        canvas.arc((x, y), size * radius, (138.0, 222.0), line, ink);
    }
}

/// The sign of *inside*: a head seen from above with its two ears, full.
pub(crate) fn inside_sign(canvas: &mut Canvas, (x, y): (f32, f32), size: f32, ink: &Ink, eye: &Ink) {
    canvas.oval((x, y), (size * 0.6, size * 0.66), ink);
    canvas.oval((x - size * 0.66, y), (size * 0.17, size * 0.26), ink);
    canvas.oval((x + size * 0.66, y), (size * 0.17, size * 0.26), ink);
    canvas.oval((x, y), (size * 0.2, size * 0.2), eye);
}

/// The banner, and around the picture the frame of *inside*.
pub(crate) fn banner(canvas: &mut Canvas, at_secs: f64, shot: &str) {
    let width = WIDTH as f32;
    let inside = plan::inside(at_secs);
    if let Some(cue) = inside {
        let since = (at_secs - cue.span_secs.0) as f32;
        closing_in(canvas, since, cue.state == "deaf");
    }
    let (ground, letters) = match inside {
        Some(_) => (Ink::of(TEAL), Ink::of(INK)),
        None => (Ink::of(INK), Ink::of(AMBER)),
    };
    canvas.rect((0.0, 0.0, width, BANNER), 0.0, &ground);
    let label = Face::label(27.0);
    let y = (BANNER - 27.0) / 2.0;
    match inside {
        Some(cue) => {
            inside_sign(canvas, (58.0, BANNER / 2.0), 30.0, &letters, &ground);
            label.write(canvas, "INSIDE: THE DRUMMER", (104.0, y), &letters);
            let x = 104.0 + label.width("INSIDE: THE DRUMMER") + 34.0;
            let pill = Face::label(21.0);
            let w = pill.width(cue.banner) + 44.0;
            canvas.rect((x, 15.0, w, BANNER - 30.0), 23.0, &letters);
            pill.write(canvas, cue.banner, (x + 22.0, (BANNER - 21.0) / 2.0), &ground);
        }
        None => {
            canvas.rect((0.0, BANNER - 4.0, width, 4.0), 0.0, &letters);
            outside_sign(canvas, (58.0, BANNER / 2.0 - 1.0), 30.0, &letters);
            label.write(canvas, "OUTSIDE", (104.0, y), &letters);
            let x = 104.0 + label.width("OUTSIDE") + 34.0;
            Face::text(21.0).write(canvas, "what everyone hears", (x, y + 3.0), &Ink::clear(CREAM, 0.85));
        }
    }
    Face::label(16.0).right(canvas, shot, (width - 40.0, (BANNER - 16.0) / 2.0), &letters);
}

/// Inside, the world draws back: a frame of the inside's colour and dark edges.
fn closing_in(canvas: &mut Canvas, since_secs: f32, deaf: bool) {
    let (w, h) = (WIDTH as f32, STRIP - BANNER);
    let arrive = (since_secs / 0.25).min(1.0);
    let depth = if deaf { 210.0 } else { 130.0 } * arrive;
    let dark = if deaf { 0.8 } else { 0.62 };
    let (top, bottom) = (BANNER, STRIP);
    for (rect, from, to) in
        [((0.0, top, depth, h), (0.0, 0.0), (depth, 0.0)), ((w - depth, top, depth, h), (w, 0.0), (w - depth, 0.0))]
    {
        canvas.rect(rect, 0.0, &Ink::fade(from, to, (INK, dark), (INK, 0.0)));
    }
    let tall = depth * 0.5;
    for (rect, from, to) in [
        ((0.0, top, w, tall), (0.0, top), (0.0, top + tall)),
        ((0.0, bottom - tall, w, tall), (0.0, bottom), (0.0, bottom - tall)),
    ] {
        canvas.rect(rect, 0.0, &Ink::fade(from, to, (INK, dark), (INK, 0.0)));
    }
    canvas.frame((5.0, top + 5.0, w - 10.0, h - 10.0), 22.0, 10.0, &Ink::of(TEAL));
}

/// A spoken line as the one whose ears we are in has it, and whether it is the listener's caption.
fn spoken(text: &str, inside: Option<&Inside>) -> (String, bool) {
    match inside.map(|c| c.state) {
        Some("deaf") => ("[her lips move]".to_owned(), true),
        Some("ringing") => ("[a voice, too dull to make out]".to_owned(), true),
        _ => (format!("\"{text}\""), false),
    }
}

/// What the burnt-in caption says now, and whether it is the listener's own.
pub(crate) fn words(at_secs: f64) -> Option<(String, bool)> {
    let inside = plan::inside(at_secs);
    let line = plan::LINES
        .iter()
        .find(|(at, line)| at_secs >= *at && at_secs < at + line.secs().max(1.0) + 0.25)
        .map(|(_, line)| spoken(line.text(), inside));
    let cup = plan::CUPS_SECS.iter().any(|&c| at_secs >= c && at_secs < c + 1.0);
    let entered = inside.filter(|c| at_secs - c.span_secs.0 < 2.2);
    let back = INSIDE.iter().any(|c| at_secs >= c.span_secs.1 && at_secs - c.span_secs.1 < 1.6 && at_secs > 15.0);
    if line.is_some() {
        line
    } else if let Some(cue) = entered {
        Some((format!("[{}]", cue.caption), true))
    } else if cup && inside.is_none() {
        Some(("[a cup is set down]".to_owned(), false))
    } else if back && inside.is_none() && at_secs < 31.0 {
        Some(("[full sound returns]".to_owned(), false))
    } else {
        None
    }
}

/// Draws the burnt-in caption.
pub(crate) fn caption(canvas: &mut Canvas, at_secs: f64) {
    let Some((text, ours)) = words(at_secs) else { return };
    let face = Face { size: 25.0, weight: 2.0, spacing: 4.0 };
    let w = face.width(&text) + 52.0;
    let x = (WIDTH as f32 - w) / 2.0;
    let y = STRIP - 76.0;
    canvas.rect((x, y, w, 52.0), 12.0, &Ink::clear(INK, 0.82));
    let ink = Ink::of(if ours { TEAL } else { CREAM });
    face.write(canvas, &text, (x + 26.0, y + 13.0), &ink);
}

/// The film's sound, and what is heard of it inside, as bars of 1/48 s.
pub(crate) struct Strip {
    film: Vec<f32>,
    heard: Vec<f32>,
}

const BARS_PER_SEC: f64 = 48.0;
const SHOWN_SECS: f64 = 8.0;

/// RMS by bars, on a scale of roots that ends at -7.5 dB FS.
fn bars(sound: &Stereo) -> Vec<f32> {
    let step = (RATE_HZ / BARS_PER_SEC) as usize;
    let sides = sound.left.chunks(step).zip(sound.right.chunks(step));
    sides
        .map(|(l, r)| {
            let square: f32 = l.iter().chain(r).map(|x| x * x).sum();
            let rms = (square / (2 * l.len().max(1)) as f32).sqrt();
            // A root keeps the beat of the gig and still shows a clock's tick.
            (rms / 0.42).powf(0.42).min(1.0)
        })
        .collect()
}

impl Strip {
    /// Measures both.
    pub(crate) fn new(film: &Stereo, heard: &Stereo) -> Self {
        Self { film: bars(film), heard: bars(heard) }
    }

    /// For how many seconds what is heard has now been far below the film's sound; `None`: it is not.
    pub(crate) fn lost_for_secs(&self, at_secs: f64) -> Option<f64> {
        let now = (at_secs * BARS_PER_SEC) as usize;
        let lost = |i: &usize| {
            let (film, heard) = (self.film.get(*i).copied().unwrap_or(0.0), self.heard.get(*i).copied().unwrap_or(0.0));
            film > 0.1 && heard < 0.6 * film
        };
        let run = (0..=now).rev().take_while(lost).count();
        (run > 0).then(|| run as f64 / BARS_PER_SEC)
    }

    /// Draws eight seconds around now: the cues, the film's sound, and over it what is heard inside.
    pub(crate) fn draw(&self, canvas: &mut Canvas, at_secs: f64) {
        let (w, h) = (WIDTH as f32, HEIGHT as f32 - STRIP);
        canvas.rect((0.0, STRIP, w, h), 0.0, &Ink::of(INK));
        let now = w * 0.4;
        let x_of = |secs: f64| now + ((secs - at_secs) / SHOWN_SECS) as f32 * w;
        for cue in &INSIDE {
            let (a, b) = (x_of(cue.span_secs.0).max(-20.0), x_of(cue.span_secs.1).min(w + 20.0));
            if b > a {
                canvas.rect((a, STRIP + 3.0, b - a, h - 3.0), 6.0, &Ink::clear(TEAL, 0.16));
                canvas.rect((a, STRIP + 3.0, b - a, 5.0), 0.0, &Ink::of(TEAL));
            }
        }
        let width = w / (SHOWN_SECS * BARS_PER_SEC) as f32 * 0.62;
        let mut bar = |secs: f64, level: f32, rgb, alpha| {
            let (middle, half) = (STRIP + 50.0, 1.0 + level * 27.0);
            canvas.rect((x_of(secs), middle - half, width, half * 2.0), 0.0, &Ink::clear(rgb, alpha));
        };
        let first = ((at_secs - SHOWN_SECS * 0.4) * BARS_PER_SEC).floor() as i64;
        let shown = first.max(0)..first + (SHOWN_SECS * BARS_PER_SEC) as i64 + 2;
        for index in shown {
            let Some((&film, &heard)) = self.film.get(index as usize).zip(self.heard.get(index as usize)) else {
                break;
            };
            let secs = index as f64 / BARS_PER_SEC;
            let played = if secs <= at_secs { 1.0 } else { 0.4 };
            if plan::inside(secs).is_some() {
                bar(secs, film, AMBER, 0.34 * played);
                bar(secs, heard, TEAL, played);
            } else {
                bar(secs, film, AMBER, played);
            }
        }
        canvas.line(&[(now, STRIP + 4.0), (now, HEIGHT as f32)], 3.0, &Ink::of(CREAM));
        let tag = Face::label(11.0);
        let (film, heard) = ("THE FILM", "WHAT HE HEARS");
        let middle = 14.0 + tag.width(film) + 22.0;
        canvas.rect((0.0, STRIP + 8.0, middle + tag.width(heard) + 16.0, 22.0), 0.0, &Ink::clear(INK, 0.8));
        tag.write(canvas, film, (14.0, STRIP + 13.0), &Ink::of(AMBER));
        tag.write(canvas, heard, (middle, STRIP + 13.0), &Ink::of(TEAL));
        let frame = plan::frame_at(at_secs);
        let clock = format!("00:00:{:02}:{:02}", frame / FPS, frame % FPS);
        tag.right(canvas, &clock, (w - 14.0, STRIP + 13.0), &Ink::clear(CREAM, 0.8));
    }
}
