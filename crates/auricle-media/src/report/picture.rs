//! Spectrograms and their differences as PNG images in data URIs.

use base64::Engine as _;

use super::colour::{self, DIFFERENCE_STEPS, LEVEL_STEPS, NOTHING, Rgb};
use super::measurements::Spectrogram;

/// Levels shown below the highest, dB.
pub(super) const RANGE_DB: f32 = 80.0;
/// Loss at which the difference map ends, dB.
pub(super) const MOST_LOSS_DB: f32 = 60.0;
/// Gain at which it ends, dB.
pub(super) const MOST_GAIN_DB: f32 = 30.0;

/// Levels by time and frequency, `[column][band]`, dB FS.
pub(super) type Levels = Vec<Vec<f32>>;

/// The mean power over both ears.
pub(super) fn both_ears(ears: &[Levels; 2]) -> Levels {
    let power = |db: f32| {
        if db <= Spectrogram::FLOOR_DB_FS { 0.0 } else { 10.0_f32.powf(db / 10.0) }
    };
    ears[0]
        .iter()
        .zip(&ears[1])
        .map(|(left, right)| {
            left.iter()
                .zip(right)
                .map(|(left, right)| {
                    let mean = 0.5 * (power(*left) + power(*right));
                    if mean > 0.0 {
                        (10.0 * mean.log10()).max(Spectrogram::FLOOR_DB_FS)
                    } else {
                        Spectrogram::FLOOR_DB_FS
                    }
                })
                .collect()
        })
        .collect()
}

/// The level at the top of the map: the highest of all, up to the next 5 dB.
pub(super) fn top_db_fs(pictures: &[&Levels]) -> f32 {
    let highest =
        pictures.iter().flat_map(|levels| levels.iter().flatten()).fold(Spectrogram::FLOOR_DB_FS, |a, b| a.max(*b));
    // A silent film has no levels to fit the map to.
    if highest <= Spectrogram::FLOOR_DB_FS { 0.0 } else { (highest / 5.0).ceil() * 5.0 }
}

/// Levels as a picture.
pub(super) fn levels_uri(levels: &Levels, top_db_fs: f32) -> String {
    let palette: Vec<Rgb> =
        (0..LEVEL_STEPS).map(|step| colour::level(step as f64 / (LEVEL_STEPS - 1) as f64)).collect();
    data_uri(levels, &palette, |_, _, db_fs| {
        let share = (db_fs - (top_db_fs - RANGE_DB)) / RANGE_DB;
        (share.clamp(0.0, 1.0) * (LEVEL_STEPS - 1) as f32).round() as u8
    })
}

/// After less before, dB; `None` where neither is on the map. A sound that comes up from below the
/// map counts from its end.
pub(super) fn difference_db(before_db_fs: f32, after_db_fs: f32, top_db_fs: f32) -> Option<f32> {
    let floor = top_db_fs - RANGE_DB;
    (before_db_fs > floor || after_db_fs > floor).then(|| after_db_fs - before_db_fs.max(floor))
}

/// The lowest and the highest of all differences, dB; 0 where there is nothing to compare.
pub(super) fn difference_range_db(before: &Levels, after: &Levels, top_db_fs: f32) -> (f32, f32) {
    let pairs = before.iter().flatten().zip(after.iter().flatten());
    pairs
        .filter_map(|(before, after)| difference_db(*before, *after, top_db_fs))
        .fold((0.0, 0.0), |(least, most), db| (db.min(least), db.max(most)))
}

/// Position of a difference on the map, -1 to 1.
pub(super) fn difference_share(difference_db: f32) -> f64 {
    let end = if difference_db < 0.0 { MOST_LOSS_DB } else { MOST_GAIN_DB };
    f64::from((difference_db / end).clamp(-1.0, 1.0))
}

/// The difference between two pictures as a third.
pub(super) fn difference_uri(before: &Levels, after: &Levels, top_db_fs: f32) -> String {
    let steps = DIFFERENCE_STEPS as f64;
    let mut palette: Vec<Rgb> =
        (0..=2 * DIFFERENCE_STEPS).map(|step| colour::difference(step as f64 / steps - 1.0)).collect();
    let nothing = palette.len() as u8;
    palette.push(NOTHING);
    data_uri(after, &palette, |column, band, after_db_fs| {
        difference_db(before[column][band], after_db_fs, top_db_fs)
            .map_or(nothing, |db| ((difference_share(db) + 1.0) * steps).round() as u8)
    })
}

/// A picture with the lowest band at the bottom; `index` gives a pixel's place in the palette.
fn data_uri(levels: &Levels, palette: &[Rgb], index: impl Fn(usize, usize, f32) -> u8) -> String {
    let bands = levels.first().map_or(1, Vec::len).max(1);
    let columns = levels.len().max(1);
    let mut pixels = vec![0_u8; columns * bands];
    for (column, row) in levels.iter().enumerate() {
        for (band, db_fs) in row.iter().enumerate() {
            pixels[(bands - 1 - band) * columns + column] = index(column, band, *db_fs);
        }
    }
    png_uri(&pixels, (columns, bands), palette)
}

/// A picture of so many columns and rows, at most a few thousand of either: places in the palette, from the top left.
pub(crate) fn png_uri(pixels: &[u8], size: (usize, usize), palette: &[Rgb]) -> String {
    png_uri_with_gaps(pixels, size, palette, palette.len())
}

/// As [`png_uri`]; the colours from the place `clear` on let through what is behind the picture.
pub(crate) fn png_uri_with_gaps(
    pixels: &[u8],
    (columns, rows): (usize, usize),
    palette: &[Rgb],
    clear: usize,
) -> String {
    let mut file = Vec::new();
    // Writing to memory cannot fail.
    let mut encoder = png::Encoder::new(&mut file, columns as u32, rows as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    if clear < palette.len() {
        encoder.set_trns((0..palette.len()).map(|place| if place < clear { u8::MAX } else { 0 }).collect::<Vec<u8>>());
    }
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(pixels)?;
        writer.finish()
    });
    if written.is_err() {
        file.clear();
    }
    format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(uri: &str) -> (u32, u32, Vec<u8>) {
        let base64 = uri.strip_prefix("data:image/png;base64,").unwrap();
        let file = base64::engine::general_purpose::STANDARD.decode(base64).unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn pixels_stand_where_their_levels_are() {
        let levels = vec![vec![0.0, -200.0], vec![-40.0, 0.0], vec![-80.0, -20.0]];
        let (width, height, pixels) = decode(&levels_uri(&levels, 0.0));
        assert_eq!((width, height), (3, 2));
        // The bottom row is the lower band: its first pixel is the highest level.
        assert_eq!(pixels[9..12], colour::level(1.0));
        assert_eq!(pixels[0..3], colour::level(0.0));
        assert_eq!(pixels[15..18], colour::level(0.0));
    }

    #[test]
    fn zero_difference_is_the_middle_and_silence_is_nothing() {
        let before = vec![vec![-10.0, -10.0, -200.0]];
        let after = vec![vec![-10.0, -200.0, -200.0]];
        let (_, _, pixels) = decode(&difference_uri(&before, &after, 0.0));
        assert_eq!(pixels[6..9], colour::difference(0.0));
        assert_eq!(pixels[3..6], colour::difference(-1.0));
        assert_eq!(pixels[0..3], NOTHING);
    }

    #[test]
    fn a_film_without_sound_or_length_has_a_picture() {
        let (width, height, _) = decode(&levels_uri(&Vec::new(), 0.0));
        assert_eq!((width, height), (1, 1));
        assert_eq!(top_db_fs(&[&vec![vec![Spectrogram::FLOOR_DB_FS]]]), 0.0);
    }
}
