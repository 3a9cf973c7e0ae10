//! What a report says of an implant, and the sound-field thresholds that its map implies.

use auricle::implant::cochlea::angles_deg;
use auricle::implant::params::{Array, Carrier, Filterbank, Implant, Places, Sound, Strategy};
use auricle::implant::processor::Processor;
use auricle::level::{Calibration, Field, reference_threshold_db_spl};

use super::text::number;

/// Sample rate at which thresholds are asked for, Hz: above that of every device.
const ANY_RATE_HZ: u32 = 48_000;
/// Where sound-field thresholds are drawn, Hz.
const SOUND_FIELD_HZ: [f64; 7] = [250.0, 500.0, 1000.0, 2000.0, 3000.0, 4000.0, 6000.0];

/// An implant in words, without a full stop: that it is one, its strategy and array, on or off, since when, and what
/// made it audible.
pub fn implant_in_words(implant: &Implant) -> String {
    let mut parts = vec![format!("cochlear implant, processor {}", if implant.on { "on" } else { "off" })];
    parts.push(months(implant.months_since_activation));
    parts.push(format!("strategy {}", strategy(implant)));
    parts.push(array(implant));
    if !implant.disabled.is_empty() {
        let off: Vec<String> = implant.disabled.iter().map(u8::to_string).collect();
        let noun = if off.len() == 1 { "electrode" } else { "electrodes" };
        parts.push(format!("{noun} {} off", super::text::list(&off)));
    }
    if implant.delay_ms > 0.0 {
        parts.push(format!("{} ms later than an acoustic ear", trimmed(implant.delay_ms)));
    }
    if implant.on {
        parts.push(format!("heard here as {}", renderer(implant.sound)));
    }
    parts.join("; ")
}

/// "activation day", "1 month since activation", "1.5 months since activation".
pub(super) fn months(months: f64) -> String {
    match months {
        0.0 => "activation day".to_owned(),
        1.0 => "1 month since activation".to_owned(),
        months => format!("{} months since activation", trimmed(months)),
    }
}

fn strategy(implant: &Implant) -> String {
    match implant.processor.strategy {
        Strategy::Ace { maxima } => format!("ACE with {maxima} maxima"),
        Strategy::Cis { filterbank: Filterbank::Fourier } => "CIS of Fourier bands".to_owned(),
        Strategy::Cis { filterbank: Filterbank::Gammatone } => "CIS of gammatone bands".to_owned(),
        Strategy::CurrentSteering => "current steering".to_owned(),
        Strategy::FineStructure { fine_channels } => format!("fine structure on {fine_channels} apical channels"),
    }
}

/// "22 electrodes (contour advance), inserted to 375 degrees".
fn array(implant: &Implant) -> String {
    let angles_deg = angles_deg(&implant.array);
    let name = match implant.array {
        Array::ContourAdvance => "contour advance",
        Array::Standard => "standard",
        Array::Flex24 => "flex24",
        Array::Flex28 => "flex28",
        Array::Sixteen => "sixteen",
        Array::Angles(_) => "of its own",
    };
    let reaches_deg = implant.insertion_angle_deg.or_else(|| angles_deg.last().copied()).unwrap_or(0.0);
    format!("array of {} electrodes ({name}), inserted to {} degrees", angles_deg.len(), trimmed(reaches_deg))
}

/// "percept (what people with one normal ear say it sounds like)".
pub(super) fn renderer(sound: Sound) -> String {
    let Sound::Information { carrier, places } = sound else {
        return "percept (what people with one normal ear say it sounds like)".to_owned();
    };
    let carrier = match carrier {
        Carrier::Spiral => "80 tones with the spread of excitation between them",
        Carrier::Bursts => "a tone burst a pulse",
        Carrier::Noise => "bands of noise",
        Carrier::Sine => "a sine an electrode",
    };
    let places = match places {
        Places::Shifted => "where the electrodes lie",
        Places::Matched => "where the sound of each band belongs",
    };
    format!("information (what the device transmits), on {carrier}, {places}")
}

/// The softest tones that make pulses, `(Hz, dB HL)` in the free field: what T levels imply where they are the thresholds
/// of the nerve. Empty for a processor that is off.
pub(super) fn sound_field_db_hl(implant: &Implant) -> Vec<(f64, f64)> {
    if !implant.on {
        return Vec::new();
    }
    let Ok(processor) = Processor::new(implant, ANY_RATE_HZ, Calibration::default()) else { return Vec::new() };
    let db_hl = |hz: f64| Some((hz, processor.threshold_db_spl(hz)? - reference_threshold_db_spl(Field::Free, hz)));
    SOUND_FIELD_HZ.into_iter().filter_map(db_hl).filter(|(_, db_hl)| db_hl.is_finite()).collect()
}

/// At most one decimal, none where it is 0.
fn trimmed(value: f64) -> String {
    number(value, 1).trim_end_matches(".0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use auricle::presets;

    #[test]
    fn an_implant_says_what_it_is() {
        let drummer = presets::get("drummer").expect("a preset");
        let words = |state: &str| {
            let ear = &drummer.state(state).expect("a state").left;
            implant_in_words(ear.implant.as_ref().expect("an implant"))
        };
        let day = words("activation day");
        for part in [
            "cochlear implant, processor on",
            "activation day",
            "ACE with 8 maxima",
            "22 electrodes (contour advance), inserted to 375 degrees",
            "percept (what people with one normal ear say it sounds like)",
        ] {
            assert!(day.contains(part), "{part}: {day}");
        }
        assert!(words("one month").contains("1 month since activation"));
        let off = words("processor off");
        assert!(off.contains("processor off") && !off.contains("heard here"), "{off}");
        let sound = Sound::Information { carrier: Carrier::Noise, places: Places::Matched };
        assert!(renderer(sound).starts_with("information (what the device transmits), on bands of noise"));
    }

    #[test]
    fn sound_field_thresholds_follow_the_map_and_need_a_processor() {
        let drummer = presets::get("drummer").expect("a preset");
        let ear = &drummer.state("one year").expect("a state").left;
        let mut implant = ear.implant.clone().expect("an implant");
        let fitted = sound_field_db_hl(&implant);
        assert_eq!(fitted.len(), SOUND_FIELD_HZ.len());
        // Fitted ears hear tones of about 15 to 45 dB HL.
        assert!(fitted.iter().all(|(_, db_hl)| (0.0..60.0).contains(db_hl)), "{fitted:?}");
        implant.processor.sensitivity_db = -10.0;
        for (soft, loud) in sound_field_db_hl(&implant).iter().zip(&fitted) {
            assert!((soft.1 - loud.1 - 10.0).abs() < 1e-6);
        }
        implant.on = false;
        assert!(sound_field_db_hl(&implant).is_empty());
    }
}
