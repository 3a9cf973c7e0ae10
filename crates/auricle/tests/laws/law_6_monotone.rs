//! Law 6: more loss is never more audible, and more sound never less.

use auricle::listener::EarFindings;
use proptest::prelude::*;

use crate::support::cases::{Case, RATE_HZ, alike, one_ear};
use crate::support::levels::rms_db_fs;
use crate::support::listeners::{conductive, dead_region, flat, n3, s2, sharp};
use crate::support::run::whole;
use crate::support::signals;

/// What two measurements of one level may differ by, dB.
const TOLERANCE_DB: f64 = 0.1;
/// What a digital RMS of 1.0 stands for, dB SPL.
const FULL_SCALE_DB_SPL: f64 = 100.0;
/// Below any threshold in free field less any gain of the model: nothing there is heard.
const INAUDIBLE_DB_SPL: f64 = -30.0;

/// Level at which a tone comes out, dB SPL; what is inaudible by far counts as one level.
fn heard_db_spl(case: &Case, frequency_hz: f64, level_db_spl: f64) -> f64 {
    let samples = RATE_HZ as usize / 2;
    let tone = signals::tone(samples, RATE_HZ, frequency_hz, level_db_spl - FULL_SCALE_DB_SPL);
    let channels = case.layout.channels();
    let output = whole(&mut case.subject(), channels, &vec![tone; channels]);
    (rms_db_fs(&output[0][samples / 2..]) + FULL_SCALE_DB_SPL).max(INAUDIBLE_DB_SPL)
}

#[test]
fn a_higher_threshold_never_lets_more_through() {
    for frequency_hz in [250.0, 1000.0, 4000.0] {
        for level_db_spl in [45.0, 70.0, 95.0] {
            for dress in [std::convert::identity::<EarFindings>, sharp] {
                let mut before = f64::INFINITY;
                for loss_db_hl in [0.0, 10.0, 20.0, 35.0, 50.0, 65.0, 80.0, 95.0, 110.0] {
                    let heard = heard_db_spl(&one_ear("flat", dress(flat(loss_db_hl))), frequency_hz, level_db_spl);
                    assert!(
                        heard <= before + TOLERANCE_DB,
                        "{frequency_hz} Hz at {level_db_spl} dB SPL: {heard:.2} at {loss_db_hl} dB HL, {before:.2} at less"
                    );
                    before = before.min(heard);
                }
                assert!(before < level_db_spl - 20.0, "110 dB HL lets {before} dB SPL through");
            }
        }
    }
}

#[test]
fn a_louder_tone_is_never_softer() {
    let ears = [
        one_ear("N3", n3()),
        one_ear("S2", s2()),
        one_ear("conductive", conductive()),
        one_ear("dead region", dead_region()),
        alike("two ears, N3", n3()),
    ];
    for case in ears {
        for frequency_hz in [250.0, 1000.0, 4000.0] {
            let mut before = f64::NEG_INFINITY;
            for level_db_spl in [30.0, 50.0, 65.0, 80.0, 90.0, 100.0] {
                let heard = heard_db_spl(&case, frequency_hz, level_db_spl);
                assert!(
                    heard >= before - TOLERANCE_DB,
                    "{}, {frequency_hz} Hz: {heard:.2} at {level_db_spl} dB SPL, {before:.2} at less",
                    case.name
                );
                before = before.max(heard);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn at_any_place_and_level(
        frequency_hz in 150.0..8000.0_f64,
        level_db_spl in 30.0..95.0_f64,
        loss_db_hl in 0.0..90.0_f64,
        more_db in 1.0..30.0_f64,
    ) {
        let less = heard_db_spl(&one_ear("flat", flat(loss_db_hl)), frequency_hz, level_db_spl);
        let more = heard_db_spl(&one_ear("flat", flat(loss_db_hl + more_db)), frequency_hz, level_db_spl);
        prop_assert!(more <= less + TOLERANCE_DB, "{} dB SPL with more loss, {} with less", more, less);
        let louder = heard_db_spl(&one_ear("flat", flat(loss_db_hl)), frequency_hz, level_db_spl + 5.0);
        prop_assert!(louder >= less - TOLERANCE_DB, "{} dB SPL of a louder tone, {} of a softer", louder, less);
    }
}
