//! Numbers of files and numbers of pulses: microseconds and ticks, modes and their names, currents and levels.

use auricle::implant::processor::current::CurrentScale;
use auricle::implant::pulse::{MAX_CURRENT_LEVEL, Mode};

/// Ticks of a microsecond ([`auricle::implant::pulse::TICKS_PER_SEC`]).
pub(super) const TICKS_PER_US: u64 = 10;
/// Ticks beyond which a tick is no longer told from its neighbour by the nearest double of its microseconds.
///
/// Of t/10, rounded to a double (relative error 2^-53) and multiplied by 10 (again), t is the nearest integer while
/// 2 x 2^-53 t < 1/2. It is seven years.
pub(super) const MAX_TICKS: u64 = 1 << 51;
/// How far from a tick a time may lie to be taken for it, ticks: what a file in single microseconds of five decimals has.
const OFF_GRID_TICKS: f64 = 1e-3;

/// Modes and their names in the table.
pub const MODES: [(Mode, &str); 4] =
    [(Mode::Mp1, "MP1"), (Mode::Mp2, "MP2"), (Mode::Mp1And2, "MP1+2"), (Mode::Bipolar, "BP")];

/// The name of a mode in the table.
pub fn mode_name(mode: Mode) -> &'static str {
    MODES.iter().find(|(known, _)| *known == mode).map_or("MP1+2", |(_, name)| name)
}

/// The mode of a name; small letters are taken, too.
pub(super) fn mode_of(name: &str) -> Option<Mode> {
    MODES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(mode, _)| *mode)
}

/// Ticks as the microseconds of a text: "12.3".
pub(super) fn us_text(ticks: u64) -> String {
    format!("{}.{}", ticks / TICKS_PER_US, ticks % TICKS_PER_US)
}

/// Ticks as microseconds: the nearest double, of which [`ticks`] makes the same ticks again.
pub(super) fn us(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_US as f64
}

/// Microseconds as ticks.
///
/// # Errors
/// What is wrong with the number, and what to do.
pub(super) fn ticks(us: f64) -> Result<u64, (String, String)> {
    let ticks = us * TICKS_PER_US as f64;
    let whole = ticks.round();
    if !us.is_finite() {
        Err(("is no number".to_owned(), "times are in microseconds".to_owned()))
    } else if us < 0.0 {
        Err((format!("{us} us is below 0"), "times count from the beginning of the sound, in microseconds".to_owned()))
    } else if whole > MAX_TICKS as f64 {
        Err((format!("{us} us is more than seven years"), "times are in microseconds".to_owned()))
    } else if (ticks - whole).abs() > OFF_GRID_TICKS {
        Err((
            format!("{us} us is not a multiple of 0.1 us, on which all pulses lie"),
            format!("round it, to {:.1} us", whole / TICKS_PER_US as f64),
        ))
    } else {
        Ok(whole as u64)
    }
}

/// A number as it stands in a file, as ticks of a phase or gap.
///
/// # Errors
/// As for [`ticks`]; longer than fits.
pub(super) fn short_ticks(us: f64) -> Result<u32, (String, String)> {
    u32::try_from(ticks(us)?).map_err(|_| (format!("{us} us is too long"), "phases take microseconds".to_owned()))
}

/// The scale of levels that arrays of so many electrodes have, where nobody says: 22 are a Nucleus, whose scale
/// grows by ratios; others are taken to be in proportion to current.
pub(super) fn usual_scale(electrodes: u8) -> CurrentScale {
    if electrodes == 22 { CurrentScale::CIC4 } else { CurrentScale::LINEAR }
}

/// The current of a level, microamperes.
pub(super) fn current_ua(scale: CurrentScale, level: u16) -> f32 {
    scale.current_ua(f64::from(level)) as f32
}

/// The level whose current comes closest, within the scale.
pub(super) fn current_level(scale: CurrentScale, ua: f64) -> u16 {
    scale.level(ua).round().clamp(0.0, f64::from(MAX_CURRENT_LEVEL)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tick_survives_microseconds() {
        for exponent in 0..=51 {
            for step in 0..40_u64 {
                let tick = ((1_u64 << exponent) + step * 7 * (1 << exponent) / 300).min(MAX_TICKS);
                assert_eq!(ticks(us(tick)), Ok(tick));
                assert_eq!(ticks(us_text(tick).parse().unwrap()), Ok(tick));
            }
        }
    }

    #[test]
    fn what_is_no_tick_is_told() {
        assert!(ticks(-0.1).unwrap_err().0.contains("below 0"));
        assert!(ticks(f64::NAN).is_err() && ticks(f64::INFINITY).is_err() && ticks(1e18).is_err());
        let (message, help) = ticks(1111.111).unwrap_err();
        assert!(message.contains("0.1 us") && help.contains("1111.1 us"), "{message} {help}");
    }

    #[test]
    fn levels_and_currents_are_each_others() {
        for electrodes in [22, 16] {
            let scale = usual_scale(electrodes);
            assert!((0..=255).all(|level| current_level(scale, f64::from(current_ua(scale, level))) == level));
        }
        assert_eq!((current_level(CurrentScale::CIC4, 0.0), current_level(CurrentScale::LINEAR, 1e6)), (0, 255));
    }
}
