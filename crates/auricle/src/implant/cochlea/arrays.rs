//! Where the contacts of electrode arrays lie.

use crate::dsp::monotone::Monotone;
use crate::implant::params::Array;

/// Contour Advance: angles of its 22 contacts from the round window, degrees, base to apex (means over ears).
const CONTOUR_ADVANCE_DEG: [f64; 22] = [
    18.5, 28.8, 39.2, 51.2, 63.8, 78.6, 92.9, 107.5, 123.2, 141.8, 161.3, 180.9, 202.0, 220.9, 241.1, 259.9, 279.9,
    298.4, 317.5, 336.3, 357.9, 380.6,
];

/// The 12 contacts of a 31.5 mm array along the lateral wall, degrees, base to apex.
const STANDARD_DEG: [f64; 12] = [9.6, 27.6, 50.5, 84.2, 127.7, 174.1, 224.3, 274.8, 331.7, 392.9, 450.7, 544.0];

/// Distance between the contacts of each array along the array, mm: that of the Contour Advance is a mean, its
/// contacts lying closer towards the apex; 26.4, 23.1 and 20.9 mm over 11 gaps for the three lateral-wall arrays;
/// 15 gaps over 15 to 17 mm for sixteen contacts.
const CONTOUR_ADVANCE_MM: f64 = 0.7;
const STANDARD_MM: f64 = 2.4;
const FLEX_28_MM: f64 = 2.1;
const FLEX_24_MM: f64 = 1.9;
const SIXTEEN_MM: f64 = 1.1;

/// Medians of the most apical contact's angle, degrees.
const FLEX_24_DEG: f64 = 408.0;
const FLEX_28_DEG: f64 = 575.0;
/// Sixteen contacts reach a little over one turn.
const SIXTEEN_DEG: f64 = 420.0;

/// Angles of the contacts of `array` from the round window, degrees, base to apex, as far in as it usually goes.
pub fn angles_deg(array: &Array) -> Vec<f64> {
    match array {
        Array::ContourAdvance => CONTOUR_ADVANCE_DEG.to_vec(),
        Array::Standard => STANDARD_DEG.to_vec(),
        Array::Flex24 => along_lateral_wall(12, FLEX_24_MM, FLEX_24_DEG),
        Array::Flex28 => along_lateral_wall(12, FLEX_28_MM, FLEX_28_DEG),
        Array::Sixteen => sixteen_deg(),
        Array::Angles(angles_deg) => angles_deg.clone(),
    }
}

/// Distance between neighbouring contacts along the array, mm; `None` for contacts of which only angles are known.
pub fn spacing_mm(array: &Array) -> Option<f64> {
    match array {
        Array::ContourAdvance => Some(CONTOUR_ADVANCE_MM),
        Array::Standard => Some(STANDARD_MM),
        Array::Flex24 => Some(FLEX_24_MM),
        Array::Flex28 => Some(FLEX_28_MM),
        Array::Sixteen => Some(SIXTEEN_MM),
        Array::Angles(_) => None,
    }
}

/// Contacts `spacing_mm` apart along the lateral wall, the last at `apical_deg`.
///
/// The wall's course, angle by distance, is that of the 31.5 mm array, whose contacts are 2.4 mm apart: a shorter
/// array follows the same wall, less far in.
fn along_lateral_wall(contacts: usize, spacing_mm: f64, apical_deg: f64) -> Vec<f64> {
    let points: Vec<(f64, f64)> =
        STANDARD_DEG.iter().enumerate().map(|(i, deg)| (STANDARD_MM * i as f64, *deg)).collect();
    let wall = Monotone::new(&points).expect("contacts follow one another");
    let deepest_mm = wall.inverse(apical_deg, 0.0, 2.0 * STANDARD_MM * STANDARD_DEG.len() as f64);
    (0..contacts).map(|i| wall.at(deepest_mm - spacing_mm * (contacts - 1 - i) as f64)).collect()
}

/// Sixteen contacts that lie between the walls, for which no table is at hand: the course of the array at the
/// modiolus, equally divided and stretched to the median.
fn sixteen_deg() -> Vec<f64> {
    let last = CONTOUR_ADVANCE_DEG.len() - 1;
    let points: Vec<(f64, f64)> =
        CONTOUR_ADVANCE_DEG.iter().enumerate().map(|(i, deg)| (i as f64 / last as f64, *deg)).collect();
    let course = Monotone::new(&points).expect("contacts follow one another");
    (0..16).map(|i| course.at(f64::from(i) / 15.0) * SIXTEEN_DEG / CONTOUR_ADVANCE_DEG[last]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_array_winds_inwards_to_its_median() {
        for (array, contacts, apical_deg) in [
            (Array::ContourAdvance, 22, 380.6),
            (Array::Standard, 12, 544.0),
            (Array::Flex24, 12, 408.0),
            (Array::Flex28, 12, 575.0),
            (Array::Sixteen, 16, 420.0),
            (Array::Angles(vec![10.0, 100.0]), 2, 100.0),
        ] {
            let angles = angles_deg(&array);
            assert_eq!(angles.len(), contacts, "{array:?}");
            assert!((angles[contacts - 1] - apical_deg).abs() < 1e-6, "{array:?}: {angles:?}");
            assert!(angles.is_sorted_by(|a, b| a < b) && angles[0] > 0.0, "{array:?}: {angles:?}");
        }
    }

    #[test]
    fn the_standard_array_is_on_its_own_wall() {
        for (derived, table) in along_lateral_wall(12, STANDARD_MM, 544.0).iter().zip(STANDARD_DEG) {
            assert!((derived - table).abs() < 1e-6);
        }
    }
}
