//! The band seen from the hall: the drummer lit, the others as dark figures with a rim of light.

use super::canvas::{AMBER, CREAM, Canvas, INK, Ink, MAUVE, PLUM, RED};
use super::motion::{Motion, pulse};
use crate::demo::score::Drum;

/// The drummer's skin in light, and in shade.
pub(crate) const SKIN: u32 = 0xD6_9A73;
/// Shade of the same.
pub(crate) const SKIN_SHADE: u32 = 0xA2_6650;
const HAIR: u32 = 0x2B_1A22;
const BRASS: u32 = 0xE3_B259;
const SHELL: u32 = 0xB8_3A34;

type Point = (f32, f32);

/// An arm from shoulder to hand, bent outwards at the elbow, with a stick in the hand.
fn arm(canvas: &mut Canvas, shoulder: Point, hand: Point, tip: Point, out: f32) {
    let elbow = ((shoulder.0 + hand.0) / 2.0 + out, (shoulder.1 + hand.1) / 2.0 + 20.0);
    canvas.line(&[hand, tip], 4.0, &Ink::of(0xE9_D3A6));
    canvas.line(&[shoulder, elbow], 21.0, &Ink::of(CREAM));
    canvas.line(&[elbow, hand], 15.0, &Ink::of(SKIN));
    canvas.oval(hand, (9.5, 9.0), &Ink::of(SKIN));
}

fn cymbal(canvas: &mut Canvas, centre: Point, radius: f32, foot: Point, since: (f32, f32)) {
    canvas.line(&[centre, foot], 3.0, &Ink::of(0x5A_4B72));
    let swing = 13.0 * since.1 * (-since.0 * 2.2).exp() * (since.0 * 15.0).cos();
    canvas.with((0.0, 0.0), swing - 5.0, 1.0, centre, |c| {
        c.oval(centre, (radius, radius * 0.17), &Ink::of(BRASS));
        c.oval((centre.0, centre.1 - 2.0), (radius * 0.26, radius * 0.10), &Ink::of(0xF6_D48A));
        c.line(
            &[(centre.0 - radius * 0.9, centre.1), (centre.0 + radius * 0.9, centre.1)],
            1.2,
            &Ink::clear(INK, 0.25),
        );
    });
    let flash = since.1 * (-since.0 * 9.0).exp();
    if flash > 0.03 {
        canvas.oval(
            centre,
            (radius * 1.5, radius * 0.7),
            &Ink::glow(centre, radius * 1.4, (CREAM, flash * 0.5), (CREAM, 0.0)),
        );
    }
}

fn tom(canvas: &mut Canvas, (x, y): Point, (rx, depth): (f32, f32), since: (f32, f32)) {
    let dip = 3.0 * since.1 * (-since.0 * 14.0).exp();
    canvas.draw(
        &format!(
            "M{} {y}L{} {}V{x} {}H{} {}L{} {y}Z",
            x - rx,
            x - rx * 0.96,
            y + depth,
            y + depth + rx * 0.3,
            x + rx * 0.96,
            y + depth,
            x + rx
        ),
        &Ink::fade((x - rx, 0.0), (x + rx, 0.0), (SHELL, 1.0), (0x70_2330, 1.0)),
    );
    canvas.oval((x, y + dip), (rx, rx * 0.3), &Ink::of(0xE9_DFCF));
    canvas.ring((x, y), (rx, rx * 0.3), 2.5, &Ink::of(0x8F_85A0));
}

/// The drummer behind his kit.
pub(crate) fn drummer_and_kit(canvas: &mut Canvas, at_secs: f64, motion: &Motion) {
    let is = |drum: Drum| motion.since(at_secs, move |d| d == drum);
    let beat = pulse(at_secs);
    let (l, r) = (motion.left_stick(at_secs), motion.right_stick(at_secs));
    let bob = 5.0 * beat;
    let hat = motion.since(at_secs, |d| matches!(d, Drum::ClosedHat | Drum::OpenHat));
    let crash = is(Drum::Crash);
    cymbal(canvas, (498.0, 262.0), 66.0, (520.0, 500.0), crash);
    cymbal(canvas, (786.0, 258.0), 70.0, (766.0, 500.0), crash);
    // Body.
    let neck = (640.0, 316.0 + bob * 0.5);
    canvas.draw(
        &format!(
            "M582 {}Q586 {} 626 {}L654 {}Q694 {} 698 {}L688 470L592 470Z",
            372.0 + bob * 0.4,
            330.0 + bob,
            322.0 + bob,
            322.0 + bob,
            330.0 + bob,
            372.0 + bob * 0.4
        ),
        &Ink::fade((580.0, 0.0), (700.0, 0.0), (CREAM, 1.0), (0xC9_B8B4, 1.0)),
    );
    canvas.line(&[(640.0, 300.0 + bob), neck], 20.0, &Ink::of(SKIN_SHADE));
    let tilt = 4.0 * ((at_secs as f32) * std::f32::consts::TAU).sin() * if beat > 0.0 { 1.0 } else { 0.2 };
    canvas.with((0.0, bob), tilt, 1.0, (640.0, 300.0), |c| {
        c.oval((640.0, 262.0), (37.0, 42.0), &Ink::of(HAIR));
        c.oval((640.0, 271.0), (29.0, 36.0), &Ink::of(SKIN));
        c.draw("M609 262Q612 236 640 234Q668 236 671 262Q640 248 609 262Z", &Ink::of(HAIR));
        c.line(&[(611.0, 258.0), (640.0, 251.0), (669.0, 258.0)], 8.0, &Ink::of(RED));
        c.oval((610.0, 275.0), (5.0, 9.0), &Ink::of(SKIN_SHADE));
        c.oval((670.0, 275.0), (5.0, 9.0), &Ink::of(SKIN_SHADE));
        c.line(&[(626.0, 273.0), (632.0, 273.0)], 3.5, &Ink::of(HAIR));
        c.line(&[(648.0, 273.0), (654.0, 273.0)], 3.5, &Ink::of(HAIR));
        c.line(&[(632.0, 293.0), (648.0, 293.0)], 3.0, &Ink::of(SKIN_SHADE));
    });
    // The kit before him.
    tom(canvas, (560.0, 420.0), (42.0, 24.0), is(Drum::Snare));
    canvas.line(&[(560.0, 450.0), (548.0, 500.0)], 4.0, &Ink::of(0x5A_4B72));
    tom(canvas, (744.0, 410.0), (46.0, 66.0), is(Drum::TomFloor));
    cymbal(canvas, (512.0, 372.0), 44.0, (512.0, 500.0), hat);
    cymbal(canvas, (790.0, 342.0), 60.0, (800.0, 500.0), is(Drum::Ride));
    let kick = is(Drum::Kick);
    let push = 1.0 + 0.025 * kick.1 * (-kick.0 * 14.0).exp();
    canvas.with((0.0, 0.0), 0.0, push, (640.0, 438.0), |c| {
        c.oval((640.0, 438.0), (76.0, 76.0), &Ink::of(SHELL));
        c.oval((640.0, 438.0), (66.0, 66.0), &Ink::of(0xEF_E4D3));
        for (radius, alpha) in [(44.0, 0.9), (30.0, 0.9), (16.0, 0.9)] {
            c.arc((640.0, 438.0), radius, (150.0, 390.0), 6.5, &Ink::clear(PLUM, alpha));
        }
    });
    tom(canvas, (602.0, 352.0), (36.0, 32.0), is(Drum::TomHigh));
    tom(canvas, (680.0, 352.0), (36.0, 32.0), is(Drum::TomMid));
    // Arms over the kit.
    let crashing = crash.0 < 0.16;
    let riding = is(Drum::Ride).0 < 0.5;
    let (target, side) = if crashing {
        ((770.0, 256.0), 30.0)
    } else if riding {
        ((772.0, 336.0), 30.0)
    } else if motion.since(at_secs, |d| matches!(d, Drum::TomHigh | Drum::TomMid | Drum::TomFloor)).0 < 0.14 {
        ((690.0, 350.0), 26.0)
    } else {
        ((740.0, 398.0), 30.0)
    };
    let raise = r * 66.0;
    let tip = (target.0, target.1 - raise);
    arm(canvas, (690.0, 348.0 + bob), (target.0 - 46.0, target.1 + 14.0 - raise * 0.55), tip, side);
    let tip = (566.0, 414.0 - l * 78.0);
    arm(canvas, (590.0, 348.0 + bob), (592.0, 402.0 - l * 42.0), tip, -32.0);
}

/// The guitarist on the left; the bassist, mirrored, on the right.
pub(crate) fn guitarist(canvas: &mut Canvas, at_secs: f64, motion: &Motion, bass: bool) {
    let (x, lean) = if bass { (1000.0, -1.0) } else { (300.0, 1.0) };
    let t = at_secs as f32;
    let sway = lean * (4.0 * (t * std::f32::consts::PI + if bass { 1.0 } else { 0.0 }).sin());
    let nod = 7.0 * pulse(at_secs);
    let dark = Ink::of(0x1A_1328);
    let rim = Ink::clear(if bass { MAUVE } else { AMBER }, 0.85);
    let strum = motion.strum(at_secs) * if bass { 5.0 } else { 13.0 };
    canvas.with((0.0, 0.0), sway, 1.0, (x, 580.0), |c| {
        let p = |dx: f32, y: f32| (x + lean * dx, y);
        c.line(&[p(-20.0, 450.0), p(-34.0, 590.0)], 30.0, &dark);
        c.line(&[p(18.0, 450.0), p(40.0, 590.0)], 30.0, &dark);
        c.poly(&[p(-44.0, 330.0), p(36.0, 322.0), p(34.0, 470.0), p(-36.0, 470.0)], &dark);
        c.line(&[p(-44.0, 338.0), p(30.0, 332.0)], 26.0, &dark);
        c.with((lean * nod * 0.6, nod), lean * nod, 1.0, p(0.0, 320.0), |c| {
            c.oval(p(4.0, 280.0), (26.0, 31.0), &dark);
            // Hair that follows the nod.
            c.poly(&[p(-26.0, 268.0), p(-34.0, 334.0), p(-8.0, 318.0), p(10.0, 330.0), p(20.0, 262.0)], &dark);
            c.arc(p(4.0, 280.0), 30.0, if bass { (190.0, 290.0) } else { (250.0, 350.0) }, 3.0, &rim);
        });
        // The instrument: body, neck, head.
        let hip = p(-14.0, 430.0);
        let nut = if bass { p(168.0, 352.0) } else { p(140.0, 350.0) };
        let wood = if bass { 0x2E_5A78 } else { RED };
        c.line(&[hip, nut], 9.0, &Ink::of(0x7A_5238));
        c.line(&[(nut.0 - lean * 4.0, nut.1 + 2.0), (nut.0 + lean * 18.0, nut.1 - 9.0)], 15.0, &Ink::of(INK));
        c.oval((hip.0 - lean * 14.0, hip.1 + 6.0), (44.0, 36.0), &Ink::of(wood));
        c.oval((hip.0 + lean * 22.0, hip.1 - 8.0), (30.0, 27.0), &Ink::of(wood));
        c.line(&[(hip.0 - lean * 24.0, hip.1 + 6.0), nut], 1.6, &Ink::clear(CREAM, 0.8));
        c.oval((hip.0 - lean * 2.0, hip.1), (9.0, 14.0), &Ink::of(INK));
        // Arms.
        let fret = (hip.0 + (nut.0 - hip.0) * 0.72, hip.1 + (nut.1 - hip.1) * 0.72 + 6.0);
        c.line(&[p(34.0, 338.0), p(92.0, 420.0), fret], 19.0, &dark);
        c.oval(fret, (10.0, 11.0), &Ink::of(SKIN_SHADE));
        let pick = (hip.0 + lean * 2.0, hip.1 - 2.0 + strum);
        c.line(&[p(-42.0, 340.0), p(-80.0, 412.0), pick], 19.0, &dark);
        c.oval(pick, (11.0, 10.0), &Ink::of(SKIN_SHADE));
        c.line(&[p(36.0, 330.0), p(35.0, 400.0)], 3.0, &rim);
    });
}

/// The singer at the front, left of the kit.
pub(crate) fn singer(canvas: &mut Canvas, at_secs: f64, motion: &Motion) {
    let t = at_secs as f32;
    let sings = motion.singing(at_secs);
    let dark = Ink::of(0x17_1123);
    let rim = Ink::clear(CREAM, 0.75);
    let x = 430.0;
    let lean = 3.0 * (t * 1.57).sin() + 5.0 * sings;
    canvas.line(&[(478.0, 330.0), (486.0, 606.0)], 4.5, &Ink::of(INK));
    canvas.line(&[(456.0, 606.0), (516.0, 606.0)], 7.0, &Ink::of(INK));
    canvas.with((0.0, 0.0), lean, 1.0, (x, 600.0), |c| {
        c.line(&[(x - 16.0, 470.0), (x - 24.0, 606.0)], 30.0, &dark);
        c.line(&[(x + 16.0, 470.0), (x + 26.0, 606.0)], 30.0, &dark);
        c.draw(
            &format!(
                "M{} 350Q{} 332 {} 332Q{} 332 {} 352L{} 486L{} 486Z",
                x - 46.0,
                x - 30.0,
                x,
                x + 34.0,
                x + 44.0,
                x + 34.0,
                x - 36.0
            ),
            &dark,
        );
        c.oval((x + 4.0, 292.0), (28.0, 34.0), &dark);
        c.draw(
            &format!(
                "M{} 292Q{} 250 {} 254Q{} 262 {} 300Q{} 280 {} 288Q{} 330 {} 346Z",
                x - 30.0,
                x - 26.0,
                x + 6.0,
                x + 34.0,
                x + 30.0,
                x + 14.0,
                x - 4.0,
                x - 18.0,
                x - 40.0
            ),
            &dark,
        );
        c.arc((x + 4.0, 292.0), 33.0, (265.0, 370.0), 3.0, &rim);
        // Mouth, open to the microphone.
        if sings > 0.0 {
            c.oval((x + 27.0, 306.0), (5.0, 7.0), &Ink::of(RED));
        }
        c.line(&[(x + 40.0, 356.0), (x + 74.0, 412.0), (x + 50.0, 338.0)], 19.0, &dark);
        let wave = if sings > 0.0 { 30.0 * (t * 1.9).sin() } else { -60.0 };
        c.line(&[(x - 42.0, 356.0), (x - 86.0, 400.0), (x - 120.0, 350.0 - wave * 0.6)], 18.0, &dark);
        c.oval((x - 120.0, 348.0 - wave * 0.6), (11.0, 12.0), &Ink::of(SKIN_SHADE));
        c.line(&[(x + 46.0, 350.0), (x + 40.0, 470.0)], 2.5, &rim);
    });
    canvas.line(&[(478.0, 338.0), (464.0, 316.0)], 13.0, &Ink::of(0x4B_4458));
    canvas.oval((462.0, 312.0), (10.0, 10.0), &Ink::of(0x6D_6680));
}
