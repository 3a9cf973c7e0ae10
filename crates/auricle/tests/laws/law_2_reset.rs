//! Law 2: after a reset, an audition is as new.

use crate::support::run::{first_difference, whole};
use crate::support::{cases, signals};

#[test]
fn a_reset_audition_repeats_a_new_one() {
    for case in cases::all() {
        let outputs = case.output.channels();
        let mut used = case.subject();
        for (name, input) in signals::seconds(case.layout.channels()) {
            let expected = whole(&mut case.subject(), outputs, &input);
            // Whatever it heard before, from wherever it stood, must be gone.
            used.reset();
            let got = whole(&mut used, outputs, &input);
            assert_eq!(first_difference(&expected, &got), None, "{}, {name}", case.name);
        }
    }
}

#[test]
fn a_reset_forgets_what_is_not_a_number() {
    for case in cases::all() {
        let (channels, outputs) = (case.layout.channels(), case.output.channels());
        let input = vec![signals::noise(9600, -26.0, 5); channels];
        let expected = whole(&mut case.subject(), outputs, &input);
        let mut used = case.subject();
        whole(&mut used, outputs, &vec![vec![f32::NAN; 2000]; channels]);
        used.reset();
        assert_eq!(first_difference(&expected, &whole(&mut used, outputs, &input)), None, "{}", case.name);
    }
}
