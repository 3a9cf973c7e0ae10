//! Colour maps for levels and for differences, computed in OKLab so that equal steps look equal.
//!
//! Lightness runs straight from end to end, so that the maps read the same to colour-blind eyes and in
//! print. OKLab: Ottosson (2020), "A perceptual color space for image processing".

/// Steps of the level map.
pub(crate) const LEVEL_STEPS: usize = 80;
/// Steps of the difference map on either side of 0.
pub(crate) const DIFFERENCE_STEPS: usize = 60;

/// sRGB, 8 bits each.
pub(crate) type Rgb = [u8; 3];

/// Where there is no sound in either of two pictures.
pub(crate) const NOTHING: Rgb = [214, 214, 214];

/// The colour of a level, `share` from 0 (softest) to 1: from near black over violet to pale yellow.
pub(crate) fn level(share: f64) -> Rgb {
    let share = share.clamp(0.0, 1.0);
    let chroma = 0.04 + 0.12 * (std::f64::consts::PI * (0.15 + 0.75 * share)).sin();
    oklch(0.14 + 0.82 * share, chroma, 285.0 + 170.0 * share)
}

/// The colour of a difference, `share` from -1 (all gone) over 0 (as it was) to 1 (much louder): dark
/// blue, near white, dark orange.
pub(crate) fn difference(share: f64) -> Rgb {
    let share = share.clamp(-1.0, 1.0);
    let size = share.abs();
    let (hue, darkest) = if share < 0.0 { (255.0, 0.28) } else { (55.0, 0.42) };
    oklch(0.985 - (0.985 - darkest) * size, 0.16 * (std::f64::consts::PI * 0.62 * size).sin(), hue)
}

/// Text colour that can be read on `background`: black or white, whichever contrasts more.
pub(crate) fn ink_on(background: Rgb) -> &'static str {
    let luminance = relative_luminance(background);
    if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) { "#000" } else { "#fff" }
}

/// Relative luminance (WCAG 2.2).
pub(crate) fn relative_luminance(colour: Rgb) -> f64 {
    let [r, g, b] = colour.map(|value| to_linear(f64::from(value) / 255.0));
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// "#rrggbb".
pub(crate) fn hex(colour: Rgb) -> String {
    let [r, g, b] = colour;
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Lightness, chroma and hue in degrees to sRGB; chroma is lowered until the colour exists.
fn oklch(lightness: f64, chroma: f64, hue_degrees: f64) -> Rgb {
    let (sin, cos) = hue_degrees.to_radians().sin_cos();
    let mut chroma = chroma;
    loop {
        let rgb = oklab_to_linear(lightness, chroma * cos, chroma * sin);
        if chroma < 1e-3 || rgb.iter().all(|value| (-1e-4..=1.0001).contains(value)) {
            return rgb.map(|value| (from_linear(value.clamp(0.0, 1.0)) * 255.0).round() as u8);
        }
        chroma *= 0.97;
    }
}

fn oklab_to_linear(lightness: f64, a: f64, b: f64) -> [f64; 3] {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
}

/// The sRGB transfer function (IEC 61966-2-1).
fn from_linear(value: f64) -> f64 {
    if value <= 0.003_130_8 { 12.92 * value } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 }
}

fn to_linear(value: f64) -> f64 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_space_is_ottossons() {
        // Published check: white has lightness 1 and no chroma; red is L 0.62796, C 0.25768, h 29.234.
        assert_eq!(oklch(1.0, 0.0, 0.0), [255, 255, 255]);
        assert_eq!(oklch(0.627_96, 0.257_68, 29.234), [255, 0, 0]);
    }

    #[test]
    fn lightness_says_it_all() {
        let steps = |map: fn(f64) -> Rgb, from: f64, to: f64| -> Vec<f64> {
            (0..=40)
                .map(|n| relative_luminance(map(from + (to - from) * f64::from(n) / 40.0)).powf(1.0 / 3.0))
                .collect()
        };
        for (map, from, to) in [(level as fn(f64) -> Rgb, 0.0, 1.0), (difference, -1.0, 0.0), (difference, 1.0, 0.0)] {
            let lightness = steps(map, from, to);
            assert!(lightness.windows(2).all(|pair| pair[1] > pair[0]), "{lightness:?}");
            let each: Vec<f64> = lightness.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let (least, most) = each.iter().fold((f64::MAX, 0.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
            assert!(most < 4.0 * least, "steps from {least} to {most}");
        }
    }

    #[test]
    fn ink_can_be_read_on_every_difference() {
        for n in -60..=60 {
            let background = difference(f64::from(n) / 60.0);
            let back = relative_luminance(background);
            let ink = if ink_on(background) == "#000" { 0.0 } else { 1.0 };
            let contrast = (back.max(ink) + 0.05) / (back.min(ink) + 0.05);
            assert!(contrast >= 4.5, "{contrast} at {n}");
        }
    }
}
