//! Implants in listener files: what a file says, and that writing undoes reading.

use auricle::implant::params::{Array, Carrier, Filterbank, Implant, Places, ProcessorParams, Sound, Strategy};
use auricle::listener::{EarFindings, Listener, State};
use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;

/// The left ear of a listener whose left ear is `ear`.
fn left(ear: &str) -> EarFindings {
    let text = format!("name = 'x'\n[[state]]\nname = 'a'\nleft = {{ {ear} }}\n");
    let (mut listener, _) = Listener::parse(&text, "x.toml").unwrap_or_else(|faults| panic!("{faults}"));
    listener.states.remove(0).left
}

#[test]
fn what_a_file_says_is_read() {
    let ear = left(
        "implant = { strategy = 'ace', maxima = 10, insertion_angle_deg = 400, disabled = [1, 22], rate_pps = 500, \
         t_levels = 90, c_levels = 190, volume = 0.8, sound = 'spiral', places = 'matched', \
         months_since_activation = 0.25, individual = 7, delay_ms = 6, processor = 'off' }",
    );
    let implant = ear.implant.expect("an implant");
    assert_eq!(implant.processor.strategy, Strategy::Ace { maxima: 10 });
    assert_eq!(implant.array, Array::ContourAdvance);
    assert_eq!(implant.insertion_angle_deg, Some(400.0));
    assert_eq!(implant.disabled, [1, 22]);
    assert_eq!(implant.processor.rate_pps, Some(500.0));
    assert_eq!((&implant.processor.t_levels[..], &implant.processor.c_levels[..]), (&[90.0][..], &[190.0][..]));
    assert_eq!(implant.processor.volume, 0.8);
    assert_eq!(implant.sound, Sound::Information { carrier: Carrier::Spiral, places: Places::Matched });
    assert_eq!((implant.months_since_activation, implant.individual, implant.delay_ms), (0.25, 7, 6.0));
    assert!(!implant.on);
}

/// Electro-acoustic hearing is an implant and an audiogram; without an audiogram nothing is left.
#[test]
fn an_implanted_ear_is_deaf_unless_its_audiogram_is_stated() {
    assert!(left("implant = { strategy = 'cis' }").deaf);
    assert!(!left("implant = { strategy = 'cis' }, air = { 250 = 40, 1000 = 'no response' }").deaf);
    assert!(!left("implant = { strategy = 'cis' }, deaf = false").deaf);
    assert!(!left("").deaf);
}

/// A device that cannot be is told of with its place, as any fault.
#[test]
fn impossible_devices_are_faults_of_the_file() {
    for (implant, words) in [
        ("strategy = 'ace', t_levels = 200, c_levels = 100", "T"),
        ("strategy = 'ace', t_levels = [100, 101]", "22"),
        ("strategy = 'ace', maxima = 23", "maxima"),
        ("strategy = 'ace', rate_pps = 3000", "pulses"),
        ("strategy = 'ace', disabled = [23]", "electrode 23"),
        ("strategy = 'cis', array = [10, 50, 40]", "contact 3"),
    ] {
        let text = format!("name = 'x'\n[[state]]\nname = 'a'\nboth = {{ implant = {{ {implant} }} }}\n");
        let faults = Listener::parse(&text, "x.toml").expect_err(implant);
        assert_eq!(faults.0.len(), 1, "{faults}");
        let fault = &faults.0[0];
        assert_eq!((fault.line, &fault.field[..]), (Some(4), "state[1].both.implant"), "{faults}");
        assert!(fault.message.contains(words), "{words}: {faults}");
    }
}

/// The array that goes with a strategy has as many contacts as the strategy drives.
#[test]
fn each_strategy_has_its_usual_array() {
    for (strategy, array) in [
        ("ace", Array::ContourAdvance),
        ("cis", Array::Standard),
        ("current steering", Array::Sixteen),
        ("fine structure", Array::Flex28),
    ] {
        let implant = left(&format!("implant = {{ strategy = '{strategy}' }}")).implant.expect("an implant");
        assert_eq!(implant.array, array, "{strategy}");
    }
}

fn implant() -> impl Generator<Value = Implant> {
    let strategy = prop_oneof![
        (1_usize..=22).prop_map(|maxima| (Strategy::Ace { maxima }, Array::ContourAdvance)),
        Just((Strategy::Cis { filterbank: Filterbank::Gammatone }, Array::Standard)),
        Just((
            Strategy::Cis { filterbank: Filterbank::Fourier },
            Array::Angles((0..12).map(|i| 10.0 + 40.5 * f64::from(i)).collect())
        )),
        Just((Strategy::CurrentSteering, Array::Sixteen)),
        (1_usize..=4).prop_map(|fine_channels| (Strategy::FineStructure { fine_channels }, Array::Flex24)),
    ];
    let carrier = prop::sample::select(vec![Carrier::Spiral, Carrier::Bursts, Carrier::Noise, Carrier::Sine]);
    let sound = prop_oneof![
        Just(Sound::Percept),
        (carrier, any::<bool>()).prop_map(|(carrier, matched)| {
            let places = if matched { Places::Matched } else { Places::Shifted };
            Sound::Information { carrier, places }
        }),
    ];
    let processor = (50.0..120.0_f64, 0.0..100.0_f64, 0.0..=1.0_f64, -20.0..20.0_f64);
    let rest = (0.0..60.0_f64, 0_u64..1000, prop_oneof![Just(0.0), 0.0..20.0_f64], any::<bool>());
    (strategy, prop::option::of(200.0..720.0_f64), processor, sound, rest, prop::bool::ANY).prop_map(
        |((strategy, array), insertion_angle_deg, (t, range, volume, sensitivity_db), sound, rest, first_off)| {
            Implant {
                array,
                insertion_angle_deg,
                disabled: if first_off { vec![1] } else { Vec::new() },
                processor: ProcessorParams {
                    strategy: match strategy {
                        Strategy::Ace { maxima } => Strategy::Ace { maxima: maxima.min(21) },
                        other => other,
                    },
                    rate_pps: None,
                    phase_us: None,
                    gap_us: None,
                    channels: None,
                    t_levels: vec![t],
                    c_levels: vec![t + range],
                    volume,
                    sensitivity_db,
                },
                spread_db_per_mm: 1.2,
                sound,
                months_since_activation: rest.0,
                individual: rest.1,
                delay_ms: rest.2,
                on: rest.3,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn writing_and_reading_gives_the_same_implant(implant in implant(), acoustic in any::<bool>(), deaf in any::<bool>()) {
        let air = if acoustic { auricle::audiogram::standard("S2").unwrap_or_default() } else { Default::default() };
        let ear = EarFindings { air, deaf, implant: Some(implant), ..EarFindings::default() };
        let state = State { name: "a".to_owned(), left: ear.clone(), right: ear, ..State::default() };
        let listener = Listener { name: "x".to_owned(), card: Default::default(), states: vec![state] };
        let (read, _) = Listener::parse(&listener.to_toml(), "x.toml").map_err(|faults| {
            TestCaseError::fail(format!("{faults}\n{}", listener.to_toml()))
        })?;
        prop_assert_eq!(read, listener);
    }
}
