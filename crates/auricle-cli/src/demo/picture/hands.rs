//! The drummer's hands on the snare, as he sees them.

use super::canvas::{AMBER, CREAM, Canvas, INK, Ink, MAUVE, RED};
use super::motion::{Motion, pulse};
use super::players::{SKIN, SKIN_SHADE};
use crate::demo::plan::{self, HEIGHT, WIDTH};
use crate::demo::score::Drum;

const WOOD: u32 = 0xEB_CF9C;

/// Floor, stands and the snare's shell.
pub(crate) fn backdrop(canvas: &mut Canvas) {
    let (w, h) = (WIDTH as f32, HEIGHT as f32);
    canvas.rect((0.0, 0.0, w, h), 0.0, &Ink::fade((0.0, 60.0), (0.0, h), (0x2E_2148, 1.0), (INK, 1.0)));
    canvas.oval((640.0, 300.0), (620.0, 300.0), &Ink::glow((640.0, 300.0), 560.0, (MAUVE, 0.5), (MAUVE, 0.0)));
    // The bass drum's hoop behind, toms at the upper edge.
    for x in [430.0, 800.0] {
        canvas.draw(
            &format!("M{} 96L{} 190V{x} 236H{} 190L{} 96Z", x - 150.0, x - 144.0, x + 144.0, x + 150.0),
            &Ink::fade((x - 150.0, 0.0), (x + 150.0, 0.0), (0x9C_3030, 1.0), (0x4F_1B2B, 1.0)),
        );
        canvas.oval((x, 98.0), (150.0, 40.0), &Ink::of(0xD8_CBBE));
        canvas.ring((x, 98.0), (150.0, 40.0), 6.0, &Ink::of(0x8C_829E));
    }
    // Shell of the snare.
    canvas.draw(
        "M300 430L306 560V640 690H974 560L980 430Z",
        &Ink::fade((300.0, 0.0), (980.0, 0.0), (0xD0_4238, 1.0), (0x6A_2030, 1.0)),
    );
    for i in 0..7 {
        let x = 350.0 + i as f32 * 97.0;
        let drop = 120.0 - ((i as f32 - 3.0) * 22.0).abs() * 0.8;
        canvas.rect((x - 9.0, 512.0 + drop * 0.1, 18.0, 82.0), 7.0, &Ink::of(0xB9_B2C4));
    }
}

/// One frame of the hands.
pub(crate) fn draw(canvas: &mut Canvas, at_secs: f64, motion: &Motion) {
    let snare = motion.since(at_secs, |d| d == Drum::Snare);
    let toms = motion.since(at_secs, |d| matches!(d, Drum::TomHigh | Drum::TomMid | Drum::TomFloor));
    let cymbal = motion.since(at_secs, |d| matches!(d, Drum::ClosedHat | Drum::OpenHat | Drum::Ride | Drum::Crash));
    let beat = pulse(at_secs);
    let shake = 3.0 * snare.1 * (-snare.0 * 20.0).exp();
    canvas.with((0.0, shake), 0.0, 1.0, (640.0, 430.0), |c| skin(c, snare));
    bronze(canvas, cymbal);
    let (l, r) = (motion.left_stick(at_secs), motion.right_stick(at_secs));
    let on_toms = toms.0 < 0.2;
    let left_tip = if on_toms { (450.0, 130.0) } else { (590.0, 432.0) };
    let right_tip = if on_toms {
        (800.0, 130.0)
    } else if cymbal.0 < snare.0 + 0.3 {
        (1046.0, 262.0)
    } else {
        (700.0, 440.0)
    };
    // In the collapse his hands forget themselves for a moment: they tremble.
    let lost = plan::inside(at_secs).is_some_and(|c| c.state == "collapse");
    let tremble = if lost { 3.5 * ((at_secs as f32) * 43.0).sin() } else { 0.0 };
    hand(canvas, (330.0 + tremble, 600.0), left_tip, l, -1.0);
    hand(canvas, (985.0 - tremble, 600.0), right_tip, r, 1.0);
    let strength = 0.06 + 0.12 * beat;
    canvas.oval(
        (640.0, 200.0),
        (700.0, 300.0),
        &Ink::glow((640.0, 160.0), 620.0, (AMBER, strength), (AMBER, 0.0)).light(),
    );
}

fn skin(c: &mut Canvas, (since, hard): (f32, f32)) {
    c.oval((640.0, 436.0), (346.0, 122.0), &Ink::of(0x9A_93A8));
    c.oval((640.0, 430.0), (334.0, 113.0), &Ink::fade((330.0, 0.0), (950.0, 0.0), (0xF6_EDDE, 1.0), (0xBF_AEB6, 1.0)));
    c.oval((640.0, 434.0), (120.0, 40.0), &Ink::clear(0xA8_98A0, 0.35));
    let life = (-since * 5.0).exp() * hard;
    if life > 0.04 {
        for k in 0..3 {
            let p = since * 2.6 + k as f32 * 0.16;
            c.ring(
                (630.0, 432.0),
                (60.0 + 300.0 * p, 20.0 + 102.0 * p),
                5.0,
                &Ink::clear(RED, (life * (1.0 - p)).max(0.0)),
            );
        }
    }
    c.ring((640.0, 430.0), (340.0, 117.0), 9.0, &Ink::of(0xD9_D3E2));
}

fn bronze(canvas: &mut Canvas, (since, hard): (f32, f32)) {
    let centre = (1120.0, 270.0);
    let swing = 7.0 * hard * (-since * 2.5).exp() * (since * 17.0).cos();
    canvas.line(&[centre, (1150.0, 720.0)], 9.0, &Ink::of(0x4D_4066));
    canvas.with((0.0, 0.0), -9.0 + swing, 1.0, centre, |c| {
        c.oval(centre, (236.0, 58.0), &Ink::fade((880.0, 0.0), (1350.0, 0.0), (0xF2_C66C, 1.0), (0xA4_7434, 1.0)));
        for k in 1..5 {
            let f = 1.0 - k as f32 * 0.17;
            c.ring(centre, (236.0 * f, 58.0 * f), 1.6, &Ink::clear(0x7A_5426, 0.5));
        }
        c.oval((centre.0, centre.1 - 6.0), (58.0, 22.0), &Ink::of(0xF9_DC98));
    });
    let flash = hard * (-since * 10.0).exp();
    if flash > 0.04 {
        canvas.oval(centre, (300.0, 110.0), &Ink::glow(centre, 260.0, (CREAM, flash * 0.35), (CREAM, 0.0)));
    }
}

/// A hand from the lower edge with its stick; `side` is -1 for the left, `raise` 0 on the skin.
fn hand(canvas: &mut Canvas, rest: (f32, f32), target: (f32, f32), raise: f32, side: f32) {
    let tip = (target.0 + side * 26.0 * raise, target.1 - 170.0 * raise);
    let reach = ((target.0 - 640.0) * 0.28, (target.1 - 430.0) * 0.34);
    let grip = (rest.0 + reach.0 - side * 30.0, rest.1 + reach.1 - 44.0 * raise - 20.0);
    let wrist = (rest.0 + reach.0 + side * 44.0, rest.1 + reach.1 + 74.0 - 16.0 * raise);
    let elbow = (rest.0 + side * 160.0, 800.0);
    let (skin, shade) = if side < 0.0 { (SKIN, SKIN_SHADE) } else { (0xC6_8A68, 0x93_5A4A) };
    // Shadow of the stick on the skin.
    if raise < 0.9 {
        canvas.oval((target.0, target.1 + 4.0), (36.0 - 20.0 * raise, 8.0), &Ink::clear(INK, 0.30 * (1.0 - raise)));
    }
    // Stick: from behind the hand through the fist to the tip.
    let along = (tip.0 - grip.0, tip.1 - grip.1);
    let length = along.0.hypot(along.1).max(1.0);
    let unit = (along.0 / length, along.1 / length);
    let butt = (grip.0 - unit.0 * 92.0, grip.1 - unit.1 * 92.0);
    canvas.line(&[butt, tip], 15.0, &Ink::of(WOOD));
    canvas.line(&[(butt.0 + 2.0, butt.1 + 4.0), (tip.0 + 1.0, tip.1 + 4.0)], 4.0, &Ink::clear(0xA8_8450, 0.7));
    canvas.oval(tip, (12.0, 10.0), &Ink::of(0xF8_E8C8));
    // Forearm and fist.
    canvas.line(&[elbow, wrist], 104.0, &Ink::of(shade));
    canvas.line(&[(elbow.0 - side * 12.0, elbow.1), (wrist.0 - side * 8.0, wrist.1 - 4.0)], 78.0, &Ink::of(skin));
    canvas.line(&[(wrist.0 - 34.0, wrist.1 + 22.0), (wrist.0 + 34.0, wrist.1 + 22.0)], 20.0, &Ink::of(INK));
    canvas.line(&[wrist, grip], 84.0, &Ink::of(skin));
    let across = (-unit.1, unit.0);
    for finger in 0..4 {
        let f = finger as f32 - 1.5;
        let knuckle =
            (grip.0 - unit.0 * f * 25.0 + across.0 * 24.0 * side, grip.1 - unit.1 * f * 25.0 + across.1 * 24.0 * side);
        let fold = (knuckle.0 - across.0 * 52.0 * side, knuckle.1 - across.1 * 52.0 * side);
        canvas.line(&[knuckle, fold], 27.0, &Ink::of(shade));
        canvas.line(&[knuckle, fold], 21.0, &Ink::of(skin));
    }
    let thumb = (grip.0 + unit.0 * 58.0, grip.1 + unit.1 * 58.0);
    canvas.line(&[(grip.0 - across.0 * 26.0 * side, grip.1 - across.1 * 26.0 * side), thumb], 27.0, &Ink::of(shade));
    canvas.line(&[(grip.0 - across.0 * 24.0 * side, grip.1 - across.1 * 24.0 * side), thumb], 22.0, &Ink::of(skin));
    canvas.oval(thumb, (8.0, 7.0), &Ink::clear(CREAM, 0.55));
}
