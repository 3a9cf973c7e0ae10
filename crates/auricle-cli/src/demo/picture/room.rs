//! The quiet room: evening in the window, a clock, a refrigerator, and the specialist at the table.

use super::canvas::{AMBER, CREAM, Canvas, INK, Ink};
use super::font::Face;
use crate::demo::plan::{self, HEIGHT, WIDTH};

const WALL: u32 = 0x6C_7B88;
const WALL_DARK: u32 = 0x47_5361;
const TABLE: u32 = 0xA8_7350;
const TABLE_EDGE: u32 = 0x7C_5038;
const COAT: u32 = 0xE9_E4DA;
const COAT_SHADE: u32 = 0xC3_C2C4;
const HER_SKIN: u32 = 0x8E_5B42;
const HER_SHADE: u32 = 0x6B_4030;
const HER_HAIR: u32 = 0x25_1A1E;
const RED_O: u32 = 0xD2_4438;
const BLUE_X: u32 = 0x3A_66B8;

/// Wall, window, refrigerator, clock's face, the audiogram on the wall.
pub(crate) fn backdrop(canvas: &mut Canvas) {
    let (w, h) = (WIDTH as f32, HEIGHT as f32);
    canvas.rect((0.0, 0.0, w, h), 0.0, &Ink::fade((0.0, 0.0), (w, 0.0), (WALL, 1.0), (WALL_DARK, 1.0)));
    window(canvas, (96.0, 116.0, 270.0, 300.0));
    canvas.oval((230.0, 280.0), (460.0, 340.0), &Ink::glow((230.0, 270.0), 420.0, (AMBER, 0.22), (AMBER, 0.0)));
    // Refrigerator.
    canvas.rect(
        (1080.0, 176.0, 180.0, 440.0),
        16.0,
        &Ink::fade((1080.0, 0.0), (1260.0, 0.0), (0xD5_D8D6, 1.0), (0x8E_979C, 1.0)),
    );
    canvas.line(&[(1080.0, 320.0), (1260.0, 320.0)], 4.0, &Ink::clear(INK, 0.35));
    canvas.line(&[(1100.0, 262.0), (1100.0, 300.0)], 7.0, &Ink::of(0x5D_666C));
    canvas.line(&[(1100.0, 342.0), (1100.0, 410.0)], 7.0, &Ink::of(0x5D_666C));
    // Clock.
    canvas.oval((482.0, 186.0), (50.0, 50.0), &Ink::of(0x37_3F4B));
    canvas.oval((482.0, 186.0), (43.0, 43.0), &Ink::of(CREAM));
    for hour in 0..12 {
        let a = (hour as f32 * 30.0).to_radians();
        let at = |r: f32| (482.0 + r * a.sin(), 186.0 - r * a.cos());
        canvas.line(&[at(34.0), at(38.5)], if hour % 3 == 0 { 4.0 } else { 2.0 }, &Ink::of(INK));
    }
    canvas.line(&[(482.0, 186.0), (468.0, 166.0)], 5.0, &Ink::of(INK));
    canvas.line(&[(482.0, 186.0), (502.0, 160.0)], 3.5, &Ink::of(INK));
    audiogram(canvas, (860.0, 124.0), 1.0);
}

fn window(canvas: &mut Canvas, (x, y, w, h): (f32, f32, f32, f32)) {
    canvas.rect((x - 12.0, y - 12.0, w + 24.0, h + 24.0), 6.0, &Ink::of(0x3D_4652));
    canvas.rect((x, y, w, h), 0.0, &Ink::fade((0.0, y), (0.0, y + h), (0x6B_7FA6, 1.0), (0xF6_B77C, 1.0)));
    canvas.oval((x + 190.0, y + 226.0), (30.0, 30.0), &Ink::of(0xFF_E2B0));
    for (i, top) in [196.0, 170.0, 214.0, 186.0, 222.0, 178.0].iter().enumerate() {
        canvas.rect((x + i as f32 * 45.0, y + top, 45.5, h - top), 0.0, &Ink::clear(0x55_4A63, 0.9));
    }
    canvas.rect((x + w / 2.0 - 5.0, y, 10.0, h), 0.0, &Ink::of(0x3D_4652));
    canvas.rect((x, y + h * 0.42, w, 8.0), 0.0, &Ink::of(0x3D_4652));
    canvas.rect((x - 24.0, y + h + 10.0, w + 48.0, 16.0), 4.0, &Ink::of(0x32_3A46));
}

/// A sheet on the wall: his audiogram, right ear red circles, left ear blue crosses.
fn audiogram(canvas: &mut Canvas, (x, y): (f32, f32), scale: f32) {
    canvas.with((x, y), 0.0, scale, (0.0, 0.0), |c| {
        c.rect((0.0, 0.0, 180.0, 150.0), 4.0, &Ink::of(CREAM));
        Face::label(9.0).write(c, "AUDIOGRAM", (14.0, 10.0), &Ink::of(INK));
        for i in 0..7 {
            let gx = 16.0 + i as f32 * 25.0;
            c.line(&[(gx, 28.0), (gx, 140.0)], 1.0, &Ink::clear(INK, 0.25));
            let gy = 28.0 + i as f32 * 18.7;
            c.line(&[(16.0, gy), (166.0, gy)], 1.0, &Ink::clear(INK, 0.25));
        }
        let right = [60.0, 66.0, 78.0, 92.0, 108.0, 118.0, 126.0];
        let left = [68.0, 74.0, 84.0, 102.0, 114.0, 128.0, 134.0];
        let at = |ys: &[f32; 7]| -> Vec<(f32, f32)> {
            ys.iter().enumerate().map(|(i, &y)| (16.0 + i as f32 * 25.0, y)).collect()
        };
        let (right, left) = (at(&right), at(&left));
        c.line(&right, 1.6, &Ink::of(RED_O));
        c.line(&left, 1.6, &Ink::of(BLUE_X));
        for &p in &right {
            c.oval(p, (5.0, 5.0), &Ink::of(CREAM));
            c.ring(p, (5.0, 5.0), 2.2, &Ink::of(RED_O));
        }
        for &(px, py) in &left {
            c.line(&[(px - 4.5, py - 4.5), (px + 4.5, py + 4.5)], 2.2, &Ink::of(BLUE_X));
            c.line(&[(px - 4.5, py + 4.5), (px + 4.5, py - 4.5)], 2.2, &Ink::of(BLUE_X));
        }
    });
}

/// How far the specialist's mouth is open now.
fn mouth(at_secs: f64) -> f32 {
    plan::LINES
        .iter()
        .find(|(at, line)| at_secs >= *at && at_secs < at + line.secs())
        .map_or(0.0, |(at, line)| line.mouth(at_secs - at) as f32)
}

/// One frame of the whole room.
pub(crate) fn draw(canvas: &mut Canvas, at_secs: f64) {
    let t = at_secs as f32;
    second_hand(canvas, at_secs);
    let nod = 2.0 * (t * 1.6).sin() + 6.0 * mouth(at_secs);
    canvas.with((0.0, -74.0), 0.0, 0.62, (712.0, 560.0), |c| specialist(c, at_secs, nod));
    table(canvas, at_secs);
    he(canvas, t);
    lamp(canvas, t);
}

fn second_hand(canvas: &mut Canvas, at_secs: f64) {
    // It jumps with each tick and trembles a little after.
    let ticks = ((at_secs - 31.25) * 2.0).floor();
    let since = (at_secs - 31.25) * 2.0 - ticks;
    let over = 0.5 * (-since * 14.0).exp() * (since * 40.0).cos();
    let a = (((ticks + over) * 3.0) as f32).to_radians();
    let at = |r: f32| (482.0 + r * a.sin(), 186.0 - r * a.cos());
    canvas.line(&[at(-9.0), at(36.0)], 2.5, &Ink::of(RED_O));
    canvas.oval((482.0, 186.0), (4.0, 4.0), &Ink::of(RED_O));
}

fn table(canvas: &mut Canvas, at_secs: f64) {
    canvas.poly(
        &[(180.0, 720.0), (430.0, 506.0), (1010.0, 506.0), (1270.0, 720.0)],
        &Ink::fade((0.0, 506.0), (0.0, 660.0), (TABLE, 1.0), (TABLE_EDGE, 1.0)),
    );
    canvas.line(&[(430.0, 507.0), (1010.0, 507.0)], 4.0, &Ink::clear(CREAM, 0.35));
    // Papers.
    canvas.poly(&[(590.0, 522.0), (698.0, 519.0), (706.0, 550.0), (580.0, 553.0)], &Ink::of(CREAM));
    for k in 0..3 {
        canvas.line(&[(602.0, 529.0 + k as f32 * 7.0), (686.0, 526.0 + k as f32 * 7.0)], 2.0, &Ink::clear(INK, 0.3));
    }
    let cup = plan::CUPS_SECS
        .iter()
        .map(|c| at_secs - c)
        .filter(|d| (-1.2..30.0).contains(d))
        .fold(None, |best: Option<f64>, d| Some(best.map_or(d, |b| if d.abs() < b.abs() { d } else { b })));
    // In the air before its moment, on the table from then on.
    let lift = cup.map_or(0.0, |d| (-d / 0.9).clamp(0.0, 1.0) as f32);
    let lift = lift * lift * 70.0;
    let (x, y) = (872.0 - lift * 0.3, 522.0 - lift);
    canvas.oval((872.0, 544.0), (46.0, 10.0), &Ink::clear(INK, 0.25));
    let holds = cup.is_some_and(|d| d < 0.5);
    if holds {
        canvas.line(&[(812.0, 470.0), (884.0, 500.0 - lift * 0.4), (x + 14.0, y - 2.0)], 36.0, &Ink::of(COAT_SHADE));
        canvas.oval((x + 8.0, y - 2.0), (22.0, 18.0), &Ink::of(HER_SKIN));
    }
    canvas.ring((x + 36.0, y), (15.0, 15.0), 7.0, &Ink::of(0xD8_7B52));
    canvas.draw(
        &format!(
            "M{} {}L{} {}V{x} {}H{} {}L{} {}Z",
            x - 34.0,
            y - 30.0,
            x - 28.0,
            y + 14.0,
            y + 26.0,
            x + 28.0,
            y + 14.0,
            x + 34.0,
            y - 30.0
        ),
        &Ink::of(0xE0_8A5C),
    );
    canvas.oval((x, y - 30.0), (34.0, 9.0), &Ink::of(0xF1_B58E));
    canvas.oval((x, y - 29.0), (28.0, 6.0), &Ink::of(0x4A_2C22));
    if let Some(d) = cup.filter(|d| (0.0..0.45).contains(d)) {
        let p = d as f32 / 0.45;
        canvas.ring((872.0, 542.0), (50.0 + 60.0 * p, 12.0 + 14.0 * p), 4.0, &Ink::clear(CREAM, 0.8 * (1.0 - p)));
    }
}

/// The drummer from behind, at the left edge.
fn he(canvas: &mut Canvas, t: f32) {
    let breath = 2.0 * (t * 1.7).sin();
    canvas.draw(
        &format!(
            "M130 740Q150 {} 270 {}Q330 520 340 520Q352 520 410 {}Q520 {} 540 740Z",
            600.0 + breath,
            562.0 + breath,
            562.0 + breath,
            600.0 + breath
        ),
        &Ink::fade((130.0, 0.0), (540.0, 0.0), (0x3F_5B6B, 1.0), (0x26_3743, 1.0)),
    );
    canvas.line(&[(338.0, 470.0), (338.0, 552.0)], 62.0, &Ink::of(0x93_5A4A));
    canvas.oval((338.0, 420.0), (78.0, 92.0), &Ink::of(0x2B_1A22));
    canvas.oval((260.0, 436.0), (14.0, 25.0), &Ink::of(0xD6_9A73));
    canvas.oval((416.0, 436.0), (14.0, 25.0), &Ink::of(0xA2_6650));
    canvas.arc((338.0, 420.0), 84.0, (170.0, 250.0), 4.0, &Ink::clear(0xFF_D9A0, 0.6));
}

fn lamp(canvas: &mut Canvas, t: f32) {
    let x = 690.0 + 1.5 * (t * 0.6).sin();
    canvas.line(&[(690.0, 76.0), (x, 122.0)], 3.0, &Ink::of(INK));
    canvas.draw(
        &format!("M{} 168Q{} 120 {x} 118Q{} 120 {} 168Z", x - 62.0, x - 44.0, x + 44.0, x + 62.0),
        &Ink::of(0x2F_5A58),
    );
    canvas.oval((x, 168.0), (62.0, 9.0), &Ink::of(0xFF_E9C0));
    canvas.poly(
        &[(x - 60.0, 170.0), (x + 60.0, 170.0), (x + 330.0, 620.0), (x - 330.0, 620.0)],
        &Ink::fade((x, 170.0), (x, 620.0), (0xFF_E0A8, 0.20), (0xFF_E0A8, 0.0)).light(),
    );
}

/// The background of her close-up: the same wall, nearer and softer.
pub(crate) fn near_backdrop(canvas: &mut Canvas) {
    let (w, h) = (WIDTH as f32, HEIGHT as f32);
    canvas.rect((0.0, 0.0, w, h), 0.0, &Ink::fade((0.0, 0.0), (w, 0.0), (WALL, 1.0), (WALL_DARK, 1.0)));
    canvas.rect(
        (-40.0, 80.0, 230.0, 420.0),
        0.0,
        &Ink::fade((0.0, 80.0), (0.0, 500.0), (0x8D_93A8, 1.0), (0xE8_B58C, 1.0)),
    );
    canvas.rect((184.0, 70.0, 16.0, 440.0), 0.0, &Ink::of(0x3D_4652));
    canvas.rect(
        (1096.0, 110.0, 220.0, 640.0),
        20.0,
        &Ink::fade((1096.0, 0.0), (1280.0, 0.0), (0xC6_CAC9, 1.0), (0x8E_979C, 1.0)),
    );
    audiogram(canvas, (896.0, 120.0), 0.92);
    canvas.oval((640.0, 200.0), (520.0, 380.0), &Ink::glow((640.0, 150.0), 480.0, (0xFF_E0A8, 0.28), (0xFF_E0A8, 0.0)));
}

/// One frame of her close-up.
pub(crate) fn draw_near(canvas: &mut Canvas, at_secs: f64) {
    let nod = 3.0 * ((at_secs as f32) * 1.6).sin() + 5.0 * mouth(at_secs);
    specialist(canvas, at_secs, nod);
    canvas.poly(
        &[(0.0, 720.0), (0.0, 612.0), (1280.0, 612.0), (1280.0, 720.0)],
        &Ink::fade((0.0, 612.0), (0.0, 650.0), (TABLE, 1.0), (TABLE_EDGE, 1.0)),
    );
}

fn specialist(c: &mut Canvas, at_secs: f64, nod: f32) {
    let t = at_secs as f32;
    let breath = 2.0 * (t * 1.9).sin();
    c.line(&[(640.0, 440.0), (640.0, 560.0)], 96.0, &Ink::of(HER_SHADE));
    c.draw(
        &format!(
            "M330 760Q350 {} 520 {}L592 516L640 600L688 516L760 {}Q930 {} 950 760Z",
            580.0 + breath,
            546.0 + breath,
            546.0 + breath,
            580.0 + breath
        ),
        &Ink::fade((330.0, 0.0), (950.0, 0.0), (COAT, 1.0), (COAT_SHADE, 1.0)),
    );
    c.draw("M592 516L640 640L688 516L640 560Z", &Ink::of(0x3E_6E78));
    c.line(&[(592.0, 516.0), (626.0, 640.0)], 5.0, &Ink::clear(0x8E_8C92, 0.8));
    c.line(&[(688.0, 516.0), (654.0, 640.0)], 5.0, &Ink::clear(0x8E_8C92, 0.8));
    c.with((0.0, nod), 1.2 * (t * 0.8).sin(), 1.0, (640.0, 480.0), |c| {
        c.oval((640.0, 176.0), (58.0, 50.0), &Ink::of(HER_HAIR));
        c.draw("M508 330Q500 186 640 180Q780 186 772 330Q772 380 752 400L528 400Q508 380 508 330Z", &Ink::of(HER_HAIR));
        for side in [-1.0f32, 1.0] {
            c.oval((640.0 + side * 124.0, 348.0), (17.0, 32.0), &Ink::of(HER_SHADE));
            c.oval((640.0 + side * 126.0, 384.0), (5.0, 5.0), &Ink::of(AMBER));
        }
        c.draw("M522 316Q524 214 640 212Q756 214 758 316Q758 400 734 446Q700 494 640 498Q580 494 546 446Q522 400 522 316Z", &Ink::of(HER_SKIN));
        c.draw("M640 212Q756 214 758 316Q758 400 734 446Q700 494 640 498Q664 450 662 410Q684 396 664 366Q652 320 664 284Q668 240 640 212Z", &Ink::clear(HER_SHADE, 0.7));
        c.draw("M518 320Q520 204 640 204Q760 204 762 320Q744 256 668 250Q560 250 518 320Z", &Ink::of(HER_HAIR));
        let blink = if (t * 0.29 + 0.4).fract() < 0.03 { 1.0 } else { 0.0 };
        for side in [-1.0f32, 1.0] {
            let (x, y) = (640.0 + side * 52.0, 336.0);
            if blink > 0.0 {
                c.line(&[(x - 20.0, y), (x + 20.0, y)], 5.0, &Ink::of(HER_HAIR));
            } else {
                c.oval((x, y), (21.0, 12.0), &Ink::of(CREAM));
                c.oval((x - 3.0, y + 1.0), (9.0, 10.5), &Ink::of(0x2A_1A16));
                c.oval((x - 6.0, y - 3.0), (2.6, 2.6), &Ink::of(CREAM));
                c.trace(&format!("M{} {}Q{x} {} {} {}", x - 24.0, y - 1.0, y - 23.0, x + 24.0, y - 1.0), 4.5, &Ink::of(HER_HAIR));
            }
            c.ring((x, y + 2.0), (36.0, 30.0), 4.0, &Ink::of(0x3A_3036));
            c.trace(&format!("M{} 297Q{x} 286 {} 298", x - 26.0, x + 26.0), 6.0, &Ink::of(HER_HAIR));
        }
        c.line(&[(628.0, 334.0), (652.0, 334.0)], 4.0, &Ink::of(0x3A_3036));
        c.trace("M648 350Q656 384 658 390Q654 402 634 400", 4.5, &Ink::of(0x54_3126));
        let open = mouth(at_secs);
        if open > 0.06 {
            c.oval((640.0, 442.0), (30.0 - 5.0 * open, 5.0 + 17.0 * open), &Ink::of(0x3B_1618));
            c.rect((620.0, 436.0 - 13.0 * open, 40.0, 7.0), 3.0, &Ink::of(CREAM));
            c.ring((640.0, 442.0), (31.0 - 5.0 * open, 6.0 + 17.0 * open), 6.0, &Ink::of(0xA2_4A48));
        } else {
            c.trace("M610 440Q640 450 670 440", 8.0, &Ink::of(0xA2_4A48));
        }
    });
}
