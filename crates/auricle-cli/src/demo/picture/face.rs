//! The drummer's face, close: under stage light, or listening in the quiet room.

use super::canvas::{AMBER, CREAM, Canvas, INK, Ink, MAUVE, RED, TEAL};
use super::motion::pulse;
use super::players::{SKIN, SKIN_SHADE};
use crate::demo::plan::{self, HEIGHT, WIDTH};
use crate::demo::sound::dsp::curve;

const HAIR: u32 = 0x2B_1A22;
const DEEP: u32 = 0x7E_4A40;

/// How strongly he flinches, by the seconds for which his hearing has been gone.
const FLINCH: [(f64, f64); 5] = [(0.0, 0.0), (0.08, 1.0), (0.5, 1.0), (1.3, 0.25), (2.5, 0.1)];

/// The background of the stage close-up: lamps out of focus.
pub(crate) fn stage_backdrop(canvas: &mut Canvas) {
    let (w, h) = (WIDTH as f32, HEIGHT as f32);
    canvas.rect((0.0, 0.0, w, h), 0.0, &Ink::fade((0.0, 0.0), (w, h), (0x2C_1F47, 1.0), (INK, 1.0)));
    canvas.oval((300.0, 260.0), (520.0, 420.0), &Ink::glow((300.0, 260.0), 460.0, (MAUVE, 0.5), (MAUVE, 0.0)));
}

/// The background of the room close-up: a wall, a soft window.
pub(crate) fn room_backdrop(canvas: &mut Canvas) {
    let (w, h) = (WIDTH as f32, HEIGHT as f32);
    canvas.rect((0.0, 0.0, w, h), 0.0, &Ink::fade((0.0, 0.0), (w, 0.0), (0x5C_6A78, 1.0), (0x38_414F, 1.0)));
    canvas.rect(
        (90.0, 60.0, 250.0, 430.0),
        14.0,
        &Ink::fade((0.0, 60.0), (0.0, 490.0), (0xF3_C98F, 0.75), (0xD8_8F78, 0.75)),
    );
    canvas.rect((208.0, 60.0, 14.0, 430.0), 0.0, &Ink::clear(0x46_4F5E, 0.9));
    canvas.oval((210.0, 270.0), (420.0, 380.0), &Ink::glow((210.0, 270.0), 400.0, (AMBER, 0.22), (AMBER, 0.0)));
}

/// Where the light comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Light {
    /// Coloured, on the beat.
    Stage,
    /// A window.
    Room,
}

/// One frame of the face; `lost_for_secs`: for how long his hearing has been gone, if it is.
pub(crate) fn draw(canvas: &mut Canvas, at_secs: f64, light: Light, lost_for_secs: Option<f64>) {
    let t = at_secs as f32;
    let stage = light == Light::Stage;
    let beat = if stage { pulse(at_secs) } else { 0.0 };
    if stage {
        bokeh(canvas, t, beat);
    }
    let flinch = lost_for_secs.filter(|_| stage).map_or(0.0, |secs| curve(&FLINCH, secs) as f32);
    let inside = plan::inside(at_secs);
    let lost = inside.is_some_and(|c| c.state != "dropouts");
    let bob = if stage { 10.0 * beat * (1.0 - flinch) } else { 2.0 * (t * 1.3).sin() };
    let tilt = if stage { 2.2 * (t * std::f32::consts::PI).sin() - 5.0 * flinch } else { -2.5 + 1.0 * (t * 0.7).sin() };
    let breath = 3.0 * (t * 2.0).sin();
    body(canvas, stage, breath);
    canvas.with((0.0, bob), tilt, 1.06, (640.0, 520.0), |c| head(c, at_secs, stage, flinch, lost));
    if stage {
        // Coloured light from both sides, on the beat.
        let strength = 0.10 + 0.16 * beat;
        canvas.oval(
            (330.0, 360.0),
            (360.0, 420.0),
            &Ink::glow((300.0, 360.0), 380.0, (AMBER, strength), (AMBER, 0.0)).light(),
        );
        canvas.oval(
            (980.0, 360.0),
            (360.0, 420.0),
            &Ink::glow((1000.0, 360.0), 380.0, (MAUVE, strength), (MAUVE, 0.0)).light(),
        );
    }
    if let Some(cue) = inside {
        rings(canvas, at_secs, bob, tilt, cue.state == "deaf", flinch);
    }
}

fn bokeh(canvas: &mut Canvas, t: f32, beat: f32) {
    const LAMPS: [(f32, f32, f32, u32); 9] = [
        (120.0, 190.0, 58.0, AMBER),
        (250.0, 330.0, 40.0, RED),
        (90.0, 460.0, 70.0, MAUVE),
        (330.0, 160.0, 34.0, CREAM),
        (960.0, 170.0, 46.0, AMBER),
        (1120.0, 260.0, 66.0, MAUVE),
        (1010.0, 400.0, 38.0, RED),
        (1190.0, 480.0, 52.0, AMBER),
        (880.0, 560.0, 30.0, MAUVE),
    ];
    for (i, &(x, y, r, rgb)) in LAMPS.iter().enumerate() {
        let drift = (t * 0.5 + i as f32).sin() * 16.0;
        let lit = if i % 2 == (t * 2.0) as usize % 2 { beat } else { 0.2 };
        canvas.oval((x + drift, y), (r, r), &Ink::clear(rgb, 0.16 + 0.26 * lit));
        canvas.ring((x + drift, y), (r, r), 2.0, &Ink::clear(rgb, 0.25));
    }
}

fn body(canvas: &mut Canvas, stage: bool, breath: f32) {
    let shirt = if stage { (CREAM, 0xB9_A7B4) } else { (0x3F_5B6B, 0x2C_3F4D) };
    canvas.draw(
        "M572 520L572 640L708 640L708 520Z",
        &Ink::fade((0.0, 540.0), (0.0, 630.0), (DEEP, 1.0), (SKIN_SHADE, 1.0)),
    );
    canvas.draw(
        &format!(
            "M250 740Q276 {} 470 {}Q560 {} 582 590Q640 650 698 590Q720 {} 810 {}Q1004 {} 1030 740Z",
            640.0 + breath,
            604.0 + breath,
            590.0 + breath,
            590.0 + breath,
            604.0 + breath,
            640.0 + breath
        ),
        &Ink::fade((300.0, 0.0), (980.0, 0.0), (shirt.0, 1.0), (shirt.1, 1.0)),
    );
}

fn head(c: &mut Canvas, at_secs: f64, stage: bool, flinch: f32, lost: bool) {
    let t = at_secs as f32;
    // Ears first: they are what this is about.
    for side in [-1.0f32, 1.0] {
        let x = 640.0 + side * 150.0;
        c.oval((x, 372.0), (25.0, 48.0), &Ink::of(if side < 0.0 { SKIN } else { SKIN_SHADE }));
        c.trace(
            &format!(
                "M{} 340Q{} 336 {} 366Q{} 388 {} 402",
                x + side * 4.0,
                x + side * 17.0,
                x + side * 12.0,
                x + side * 6.0,
                x - side * 4.0
            ),
            4.5,
            &Ink::of(DEEP),
        );
    }
    // Hair behind.
    c.draw("M482 350Q470 176 640 166Q810 176 798 350Q800 300 770 262L510 262Q480 300 482 350Z", &Ink::of(HAIR));
    // Skull and jaw; the shaded half is one clean shape.
    let skull =
        "M500 330Q500 216 640 212Q780 216 780 330Q780 430 752 486Q716 552 640 560Q564 552 528 486Q500 430 500 330Z";
    c.draw(skull, &Ink::of(SKIN));
    c.draw("M640 212Q780 216 780 330Q780 430 752 486Q716 552 640 560Q668 500 664 436Q690 420 668 384Q654 330 668 290Q672 244 640 212Z", &Ink::clear(SKIN_SHADE, 0.85));
    // Beard's shadow.
    c.draw(
        "M524 440Q534 500 580 532Q640 566 700 532Q746 500 756 440Q736 476 690 478Q640 466 590 478Q544 476 524 440Z",
        &Ink::clear(HAIR, 0.34),
    );
    c.draw("M494 336Q486 214 640 206Q794 214 786 336Q772 286 752 268Q640 240 528 268Q508 286 494 336Z", &Ink::of(HAIR));
    if stage {
        c.draw("M497 300Q560 262 640 260Q720 262 783 300L782 330Q720 294 640 292Q560 294 498 330Z", &Ink::of(RED));
        c.line(&[(782.0, 314.0), (822.0, 340.0), (834.0, 376.0)], 13.0, &Ink::of(RED));
    } else {
        c.draw("M508 300Q560 232 690 246Q760 256 772 312Q720 268 640 284Q560 286 508 300Z", &Ink::of(HAIR));
    }
    eyes(c, t, stage, flinch, lost);
    // Nose.
    c.trace("M648 362Q660 410 664 424Q660 440 634 438", 5.5, &Ink::of(DEEP));
    mouth(c, stage, flinch, lost);
    if stage {
        sweat(c, t);
    }
    c.arc((640.0, 372.0), 158.0, (188.0, 232.0), 5.0, &Ink::clear(if stage { AMBER } else { 0xFF_E0B5 }, 0.7));
}

fn eyes(c: &mut Canvas, t: f32, stage: bool, flinch: f32, lost: bool) {
    let blink_phase = (t * 0.37).fract();
    let blink = if blink_phase < 0.035 { 1.0 } else { 0.0 };
    let shut = (flinch * 1.15).max(blink).min(1.0);
    let wide = if lost { 1.22 } else { 1.0 };
    // He looks about when sound is gone; at her lips in the room; at the kit otherwise.
    let look = if stage && lost {
        (7.0 * ((t * 1.7).sin() + 0.5 * (t * 4.1).sin()), 0.0)
    } else if stage {
        (2.0 * (t * 0.9).sin(), 5.0)
    } else {
        (6.0, 1.0)
    };
    for side in [-1.0f32, 1.0] {
        let (x, y) = (640.0 + side * 62.0, 366.0);
        c.oval((x, y), (40.0, 26.0), &Ink::clear(DEEP, 0.32));
        let open = 15.0 * wide * (1.0 - shut);
        if open > 2.5 {
            c.oval((x, y), (29.0, open), &Ink::of(CREAM));
            let iris = open.min(13.0);
            c.oval((x + look.0, y + look.1 * (open / 15.0)), (12.0, iris), &Ink::of(0x4A_3328));
            c.oval((x + look.0, y + look.1 * (open / 15.0)), (6.0, iris.min(6.0)), &Ink::of(INK));
            c.oval((x + look.0 - 4.0, y - 5.0 + look.1 * 0.5), (3.4, 3.4), &Ink::of(CREAM));
            c.trace(&format!("M{} {y}Q{x} {} {} {y}", x - 31.0, y - open * 2.0 - 3.0, x + 31.0), 6.0, &Ink::of(HAIR));
        } else {
            c.trace(
                &format!("M{} {}Q{x} {} {} {}", x - 30.0, y + 2.0, y + 10.0, x + 30.0, y + 2.0),
                6.5,
                &Ink::of(HAIR),
            );
            for k in [-1.0f32, 1.0] {
                c.line(
                    &[(x + side * 34.0, y + 2.0), (x + side * 46.0, y + 2.0 + k * 8.0)],
                    3.5,
                    &Ink::clear(DEEP, 0.9),
                );
            }
        }
        let worry = flinch * 9.0 + if lost { 7.0 } else { 0.0 };
        let lift = if lost { -9.0 } else { 5.0 * flinch };
        c.trace(
            &format!(
                "M{} {}Q{} {} {} {}",
                x - side * 30.0,
                330.0 + lift - worry * 0.9,
                x,
                320.0 + lift,
                x + side * 34.0,
                333.0 + lift + worry * 0.5
            ),
            10.0,
            &Ink::of(HAIR),
        );
        if flinch > 0.35 {
            c.line(&[(640.0 - side * 9.0, 322.0), (640.0 - side * 7.0, 344.0)], 4.0, &Ink::clear(DEEP, flinch));
        }
    }
}

fn mouth(c: &mut Canvas, stage: bool, flinch: f32, lost: bool) {
    if flinch > 0.5 {
        // Teeth together.
        c.rect((598.0, 480.0, 84.0, 22.0), 11.0, &Ink::of(HAIR));
        c.rect((604.0, 484.0, 72.0, 13.0), 6.0, &Ink::of(CREAM));
        c.line(&[(606.0, 490.5), (674.0, 490.5)], 2.0, &Ink::clear(HAIR, 0.6));
    } else if lost && stage {
        c.oval((640.0, 492.0), (24.0, 17.0), &Ink::of(HAIR));
        c.oval((640.0, 500.0), (15.0, 7.0), &Ink::of(0x9C_3F3F));
    } else {
        let corner = if stage { 488.0 } else { 494.0 };
        c.trace(&format!("M602 {corner}Q640 496 678 {corner}"), 7.0, &Ink::of(DEEP));
        c.trace("M622 514Q640 519 658 514", 4.0, &Ink::clear(DEEP, 0.6));
    }
}

fn sweat(c: &mut Canvas, t: f32) {
    const DROPS: [(f32, f32, f32); 7] = [
        (528.0, 340.0, 0.0),
        (560.0, 300.0, 0.35),
        (742.0, 330.0, 0.6),
        (716.0, 300.0, 0.15),
        (520.0, 420.0, 0.8),
        (764.0, 420.0, 0.45),
        (600.0, 296.0, 0.9),
    ];
    for (x, y, phase) in DROPS {
        let p = (t * 0.42 + phase).fract();
        let y = y + 86.0 * p * p;
        let alpha = 0.75 * (1.0 - p);
        c.draw(
            &format!(
                "M{x} {}Q{} {} {x} {}Q{} {} {x} {}Z",
                y - 13.0,
                x + 8.0,
                y + 4.0,
                y + 6.0,
                x - 8.0,
                y + 4.0,
                y - 13.0
            ),
            &Ink::clear(CREAM, alpha),
        );
    }
}

/// Rings of the inside's colour close in on each ear; when deaf, they stand still and are struck out.
fn rings(canvas: &mut Canvas, at_secs: f64, bob: f32, tilt: f32, deaf: bool, flinch: f32) {
    let t = at_secs as f32;
    canvas.with((0.0, bob), tilt, 1.06, (640.0, 520.0), |c| {
        for side in [-1.0f32, 1.0] {
            let x = 640.0 + side * 164.0;
            let span = if side > 0.0 { (-52.0, 52.0) } else { (128.0, 232.0) };
            for k in 0..4 {
                let p = if deaf { k as f32 / 4.0 } else { 1.0 - (t * 0.5 + k as f32 / 4.0).fract() };
                let radius = 46.0 + 120.0 * p;
                let alpha = if deaf { 0.25 } else { (1.0 - p) * (0.85 - 0.4 * flinch) };
                c.arc((x, 372.0), radius, span, 7.0, &Ink::clear(TEAL, alpha));
            }
            if deaf {
                let a = (x + side * 40.0, 300.0);
                let b = (x + side * 130.0, 444.0);
                c.line(&[a, b], 9.0, &Ink::of(TEAL));
            }
        }
    });
}
