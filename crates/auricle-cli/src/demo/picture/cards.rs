//! The title and the end: what this is, in words that need no sound.

use super::canvas::{AMBER, CREAM, Canvas, INK, Ink, TEAL, VIOLET};
use super::font::Face;
use super::overlay::{inside_sign, outside_sign};
use crate::demo::plan::{END_CARD_SECS, HEIGHT, WIDTH};

/// Everything the cards say.
pub(crate) const WORDS: [&str; 10] = [
    "Auricle",
    "inside the drummer's ears",
    "OUTSIDE",
    "what everyone hears",
    "INSIDE",
    "what the drummer hears",
    "a listener, a cue sheet, a film",
    "out comes the film through that listener's ears",
    "auricle render film.mp4 --listener drummer.toml --cues gig.cues.toml -o heard.mp4",
    "Every sound and every picture here was made by the program. Nobody's exact hearing.",
];

/// The ground of both cards.
pub(crate) fn backdrop(canvas: &mut Canvas) {
    let (w, h) = (WIDTH as f32, HEIGHT as f32);
    canvas.rect((0.0, 0.0, w, h), 0.0, &Ink::of(INK));
    canvas.oval((640.0, 300.0), (700.0, 420.0), &Ink::glow((640.0, 300.0), 560.0, (VIOLET, 0.9), (VIOLET, 0.0)));
}

/// An ear of three strokes, the middle one in both colours.
fn ear(canvas: &mut Canvas, (x, y): (f32, f32), size: f32, grown: f32) {
    let turn = 240.0 * grown;
    let w = size * 0.13;
    canvas.arc((x, y), size, (150.0, 150.0 + turn), w, &Ink::of(AMBER));
    canvas.arc((x, y), size * 0.66, (150.0, 150.0 + turn), w, &Ink::of(CREAM));
    canvas.arc((x, y), size * 0.32, (150.0, 150.0 + turn), w, &Ink::of(TEAL));
    if grown > 0.98 {
        canvas.trace(
            &format!(
                "M{} {}Q{} {} {} {}",
                x + size * 0.86,
                y + size * 0.5,
                x + size * 0.5,
                y + size * 1.2,
                x + size * 0.1,
                y + size * 1.22
            ),
            w,
            &Ink::of(AMBER),
        );
    }
}

fn ease(at: f32, from: f32, secs: f32) -> f32 {
    let x = ((at - from) / secs).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// The two signs with their words.
fn legend(canvas: &mut Canvas, y: f32, alpha: (f32, f32)) {
    let label = Face::label(25.0);
    let text = Face::text(21.0);
    if alpha.0 > 0.0 {
        let ink = Ink::clear(AMBER, alpha.0);
        outside_sign(canvas, (190.0, y + 26.0), 46.0, &ink);
        label.write(canvas, WORDS[2], (262.0, y), &ink);
        text.write(canvas, WORDS[3], (262.0, y + 40.0), &Ink::clear(CREAM, alpha.0));
    }
    if alpha.1 > 0.0 {
        let ink = Ink::clear(TEAL, alpha.1);
        inside_sign(canvas, (736.0, y + 26.0), 46.0, &ink, &Ink::of(INK));
        label.write(canvas, WORDS[4], (808.0, y), &ink);
        text.write(canvas, WORDS[5], (808.0, y + 40.0), &Ink::clear(CREAM, alpha.1));
    }
}

/// The title card.
pub(crate) fn title(canvas: &mut Canvas, at_secs: f64) {
    let t = at_secs as f32;
    ear(canvas, (640.0, 196.0), 92.0, ease(t, 0.0, 0.7));
    let name = Face { size: 66.0, weight: 1.7, spacing: 4.6 };
    name.centre(canvas, WORDS[0], (640.0, 344.0), &Ink::clear(CREAM, ease(t, 0.2, 0.5)));
    Face::text(30.0).centre(canvas, WORDS[1], (640.0, 452.0), &Ink::clear(CREAM, ease(t, 0.5, 0.5)));
    legend(canvas, 574.0, (ease(t, 0.8, 0.4), ease(t, 1.1, 0.4)));
}

/// The end card.
pub(crate) fn end(canvas: &mut Canvas, at_secs: f64) {
    let t = (at_secs - END_CARD_SECS) as f32;
    ear(canvas, (640.0, 176.0), 78.0, 1.0);
    let name = Face { size: 54.0, weight: 1.7, spacing: 4.6 };
    name.centre(canvas, WORDS[0], (640.0, 300.0), &Ink::of(CREAM));
    let line = Face::text(27.0);
    line.centre(canvas, WORDS[6], (640.0, 404.0), &Ink::clear(AMBER, ease(t, 0.1, 0.4)));
    line.centre(canvas, WORDS[7], (640.0, 452.0), &Ink::clear(TEAL, ease(t, 0.4, 0.4)));
    let small = Face::text(17.0);
    let ink = Ink::clear(CREAM, 0.75 * ease(t, 0.7, 0.4));
    small.centre(canvas, WORDS[8], (640.0, 560.0), &ink);
    small.centre(canvas, WORDS[9], (640.0, 606.0), &ink);
}
