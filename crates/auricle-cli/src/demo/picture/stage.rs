//! The stage, whole: light, haze, the band as figures, the crowd before it.

use super::canvas::{AMBER, CREAM, Canvas, INK, Ink, MAUVE, PLUM, RED, VIOLET};
use super::motion::{Motion, pulse};
use super::players;
use crate::demo::plan::{HEIGHT, WIDTH};
use crate::demo::rng::Rng;
use crate::demo::score::SONG_BEGINS_SECS;

/// What does not move: wall, truss, floor, riser, amplifiers.
pub(crate) fn backdrop(canvas: &mut Canvas) {
    let (w, h) = (WIDTH as f32, HEIGHT as f32);
    canvas.rect((0.0, 0.0, w, h), 0.0, &Ink::fade((0.0, 60.0), (0.0, 520.0), (INK, 1.0), (VIOLET, 1.0)));
    // A curtain: long soft folds.
    for fold in 0..16 {
        let x = fold as f32 * 84.0 - 20.0;
        canvas.rect((x, 76.0, 42.0, 440.0), 0.0, &Ink::fade((x, 0.0), (x + 42.0, 0.0), (INK, 0.0), (INK, 0.30)));
    }
    canvas.oval((640.0, 330.0), (430.0, 260.0), &Ink::glow((640.0, 330.0), 420.0, (MAUVE, 0.75), (MAUVE, 0.0)));
    // The banner of the band behind the kit: the ear.
    for (radius, alpha) in [(150.0, 0.30), (112.0, 0.24), (74.0, 0.20)] {
        canvas.arc((640.0, 262.0), radius, (150.0, 390.0), 13.0, &Ink::clear(INK, alpha));
    }
    // Floor in perspective.
    canvas.poly(
        &[(0.0, 520.0), (w, 520.0), (w, h), (0.0, h)],
        &Ink::fade((0.0, 515.0), (0.0, 640.0), (0x2A_1F42, 1.0), (INK, 1.0)),
    );
    for i in -9..=9 {
        let x = 640.0 + i as f32 * 62.0;
        let far = 640.0 + i as f32 * 150.0;
        canvas.line(&[(x, 522.0), (far, 700.0)], 1.5, &Ink::clear(MAUVE, 0.10));
    }
    // The riser.
    canvas.poly(&[(428.0, 492.0), (852.0, 492.0), (884.0, 512.0), (396.0, 512.0)], &Ink::of(0x35_2752));
    canvas.rect((396.0, 512.0, 488.0, 34.0), 2.0, &Ink::of(PLUM));
    canvas.rect((396.0, 512.0, 488.0, 3.0), 0.0, &Ink::clear(AMBER, 0.8));
    for (x, y, s) in [(84.0, 392.0, 1.0), (196.0, 428.0, 0.76), (1082.0, 392.0, 1.0), (984.0, 428.0, 0.76)] {
        amplifier(canvas, (x, y), s);
    }
    // Truss.
    canvas.rect((0.0, 96.0, w, 5.0), 0.0, &Ink::of(INK));
    canvas.rect((0.0, 122.0, w, 5.0), 0.0, &Ink::of(INK));
    for i in 0..33 {
        let x = i as f32 * 40.0;
        canvas.line(&[(x, 98.0), (x + 20.0, 124.0), (x + 40.0, 98.0)], 3.0, &Ink::of(INK));
    }
}

fn amplifier(canvas: &mut Canvas, (x, y): (f32, f32), scale: f32) {
    let (w, h) = (116.0 * scale, 152.0 * scale);
    canvas.rect((x, y, w, h), 6.0, &Ink::of(0x1B_1529));
    canvas.frame((x, y, w, h), 6.0, 2.0, &Ink::clear(MAUVE, 0.35));
    canvas.rect((x + 6.0, y + 5.0, w - 12.0, 20.0 * scale), 3.0, &Ink::of(PLUM));
    for k in 0..5 {
        canvas.oval(
            (x + (16.0 + 15.0 * k as f32) * scale, y + 15.0 * scale),
            (3.2 * scale, 3.2 * scale),
            &Ink::of(CREAM),
        );
    }
    canvas.oval((x + w - 16.0 * scale, y + 15.0 * scale), (3.6 * scale, 3.6 * scale), &Ink::of(RED));
    for (cx, cy) in [(0.27, 0.38), (0.73, 0.38), (0.27, 0.78), (0.73, 0.78)] {
        let c = (x + w * cx, y + h * cy);
        canvas.oval(c, (w * 0.2, w * 0.2), &Ink::of(0x14_0F20));
        canvas.ring(c, (w * 0.2, w * 0.2), 1.5, &Ink::clear(MAUVE, 0.3));
        canvas.oval(c, (w * 0.07, w * 0.07), &Ink::of(PLUM));
    }
}

/// One frame of the stage.
pub(crate) fn draw(canvas: &mut Canvas, at_secs: f64, motion: &Motion, crowd: &Crowd) {
    let beat = pulse(at_secs);
    let playing = at_secs >= SONG_BEGINS_SECS - 0.02;
    beams(canvas, at_secs, beat, playing);
    // A slow push towards the drummer gives each shot a direction.
    players::drummer_and_kit(canvas, at_secs, motion);
    players::guitarist(canvas, at_secs, motion, false);
    players::guitarist(canvas, at_secs, motion, true);
    players::singer(canvas, at_secs, motion);
    haze(canvas, at_secs);
    crowd.draw(canvas, at_secs);
}

fn beams(canvas: &mut Canvas, at_secs: f64, beat: f32, playing: bool) {
    const LAMPS: [(f32, u32, f32); 7] = [
        (110.0, AMBER, 0.0),
        (285.0, MAUVE, 1.3),
        (460.0, RED, 2.1),
        (640.0, CREAM, 0.6),
        (820.0, RED, 3.4),
        (995.0, MAUVE, 4.4),
        (1170.0, AMBER, 5.2),
    ];
    for (i, &(x, rgb, phase)) in LAMPS.iter().enumerate() {
        let sway = ((at_secs as f32) * 0.8 + phase).sin();
        let centre = i == 3;
        let (angle, spread) = if centre { (0.0, 118.0) } else { (sway * 0.42 + (640.0 - x) / 1900.0, 82.0) };
        let foot = (x + 430.0 * angle.tan(), 560.0);
        let strength = if !playing {
            if centre { 0.16 } else { 0.05 }
        } else if centre {
            0.20 + 0.10 * beat
        } else {
            0.12 + 0.16 * beat * if (i + (at_secs * 2.0) as usize).is_multiple_of(2) { 1.0 } else { 0.35 }
        };
        let ink = Ink::fade((x, 130.0), foot, (rgb, strength * 1.7), (rgb, 0.0)).light();
        canvas.poly(&[(x - 9.0, 132.0), (x + 9.0, 132.0), (foot.0 + spread, foot.1), (foot.0 - spread, foot.1)], &ink);
        canvas.oval((foot.0, 556.0), (spread * 1.25, 17.0), &Ink::clear(rgb, strength * 0.5).light());
        canvas.rect((x - 15.0, 108.0, 30.0, 26.0), 6.0, &Ink::of(INK));
        canvas.oval((x, 135.0), (11.0, 6.0), &Ink::clear(rgb, (0.5 + strength * 2.0).min(1.0)));
    }
}

fn haze(canvas: &mut Canvas, at_secs: f64) {
    let t = at_secs as f32;
    for i in 0..3 {
        let x = (i as f32 * 520.0 + t * (9.0 + 5.0 * i as f32)) % 1700.0 - 200.0;
        let c = (x, 500.0 + 22.0 * (t * 0.3 + i as f32).sin());
        canvas.oval(c, (330.0, 52.0), &Ink::glow(c, 300.0, (MAUVE, 0.20), (MAUVE, 0.0)));
    }
}

/// Heads and hands between us and the stage.
pub(crate) struct Crowd {
    /// `(x, y, head radius, phase, raises a hand)`, back row first.
    heads: Vec<(f32, f32, f32, f32, bool)>,
}

impl Crowd {
    /// The same people in each frame.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed, 80);
        let mut heads = Vec::new();
        for (row, y, count, size) in [(0, 588.0, 24, 21.0), (1, 622.0, 17, 30.0)] {
            for i in 0..count {
                let step = WIDTH as f64 / f64::from(count);
                let x = (f64::from(i) + 0.5 + 0.5 * f64::from(row)) * step + rng.spread(step * 0.16);
                let lift = rng.spread(7.0);
                let r = size * rng.range(0.86, 1.1);
                heads.push((x as f32, y + lift as f32, r as f32, rng.unit() as f32 * 6.3, rng.unit() < 0.3));
            }
        }
        Self { heads }
    }

    fn draw(&self, canvas: &mut Canvas, at_secs: f64) {
        let beat = pulse(at_secs);
        let cheer = if at_secs > 29.2 { 1.0 } else { 0.0 };
        for (i, &(x, y, r, phase, raises)) in self.heads.iter().enumerate() {
            let keen = 0.5 + 0.5 * phase.sin();
            let sway = ((at_secs as f32) * 2.1 + phase).sin() * 2.5;
            let y = y - 9.0 * beat * keen + sway * 0.6 - cheer * 6.0 * ((at_secs as f32) * 9.0 + phase).sin().abs();
            let near = i >= 24;
            let body = Ink::of(if near { 0x0D_0A15 } else { 0x19_1326 });
            let rim = Ink::clear(if i % 3 == 0 { AMBER } else { MAUVE }, if near { 0.28 } else { 0.45 });
            canvas.draw(
                &format!(
                    "M{} 720V{} {}L{} {}V{} 720Z",
                    x - r * 2.1,
                    x - r * 0.4,
                    y + r * 0.9,
                    x + r * 0.4,
                    y + r * 0.9,
                    x + r * 2.1
                ),
                &body,
            );
            canvas.oval((x, y), (r * 0.86, r), &body);
            canvas.arc((x, y), r * 0.92, (215.0, 325.0), 2.2, &rim);
            if raises || (cheer > 0.0 && i % 2 == 0) {
                let lift = 26.0 + 16.0 * beat + 18.0 * cheer;
                let side = if phase > 3.1 { 1.0 } else { -1.0 };
                let hand = (x + side * r * 1.9, y - r * 0.9 - lift);
                canvas.line(
                    &[(x + side * r * 1.3, y + r * 1.6), (x + side * r * 1.9, y + r * 0.3), hand],
                    r * 0.42,
                    &body,
                );
                canvas.oval(hand, (r * 0.34, r * 0.38), &body);
                for f in [-0.22f32, 0.0, 0.22] {
                    canvas.line(&[hand, (hand.0 + f * r * 1.6, hand.1 - r * 0.68)], r * 0.15, &body);
                }
            }
        }
    }
}
