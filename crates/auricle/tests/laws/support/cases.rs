//! The cases: programs in layouts, each with a name for the message of a law that it breaks.

use auricle::audition::Audition;
use auricle::cue::{Cue, CueSheet, FieldLines, Moment, Picture, Shape, Transition};
use auricle::layout::Layout;
use auricle::level::Calibration;
use std::sync::Arc;

use auricle::ear::design::{EarDesign, EarModel};
use auricle::ear::steady::SteadyEar;
use auricle::listener::{EarFindings, Listener, TinnitusSound};
use auricle::program::Program;

use super::listeners;
use super::run::Subject;

/// Rate of the laws that are not about rates, in Hz.
pub(crate) const RATE_HZ: u32 = 48_000;

/// One thing that every law is held over.
pub(crate) struct Case {
    /// What it is.
    pub(crate) name: &'static str,
    /// True where sound may come out of silence.
    pub(crate) rings: bool,
    /// Channels in and out.
    pub(crate) layout: Layout,
    /// Channels out.
    pub(crate) output: Layout,
    who: Who,
}

enum Who {
    Throughout(Listener),
    Sheet(CueSheet, Vec<(String, Listener)>),
    OneEar(EarFindings),
}

impl Case {
    /// The same in other layouts.
    pub(crate) fn with_layouts(self, layout: Layout, output: Layout) -> Self {
        Self { layout, output, ..self }
    }

    /// The program at a rate, under a seed; `None` where there is an ear and no film.
    pub(crate) fn program(&self, rate_hz: u32, seed: u64) -> Option<Program> {
        match &self.who {
            Who::Throughout(listener) => {
                let state = &listener.states[0].name;
                let calibration = Calibration::default();
                Some(Program::throughout(listener, state, calibration, seed, rate_hz).expect(self.name))
            }
            Who::Sheet(sheet, listeners) => {
                let sheet = CueSheet { seed, ..sheet.clone() };
                Some(Program::compile(&sheet, listeners, rate_hz, None).expect(self.name))
            }
            Who::OneEar(_) => None,
        }
    }

    /// What the law is held over, at a rate, under a seed.
    pub(crate) fn subject_at(&self, rate_hz: u32, seed: u64) -> Subject {
        if let Who::OneEar(findings) = &self.who {
            let model = Arc::new(EarModel::new(rate_hz, Calibration::default()));
            let design = Arc::new(EarDesign::new(&model, findings));
            return Subject::Stage(Box::new(SteadyEar::new(model, design, seed)));
        }
        let program = self.program(rate_hz, seed).expect(self.name);
        Subject::Whole(Box::new(Audition::new(&program, &self.layout, &self.output).expect(self.name)))
    }

    /// As [`Self::subject_at`], at [`RATE_HZ`], under seed 1.
    pub(crate) fn subject(&self) -> Subject {
        self.subject_at(RATE_HZ, 1)
    }
}

/// One ear by itself.
pub(crate) fn one_ear(name: &'static str, findings: EarFindings) -> Case {
    Case { name, rings: false, layout: Layout::mono(), output: Layout::mono(), who: Who::OneEar(findings) }
}

/// A listener inside from beginning to end, in stereo.
pub(crate) fn throughout(name: &'static str, listener: Listener) -> Case {
    let (layout, output) = (Layout::stereo(), Layout::stereo());
    Case { name, rings: false, layout, output, who: Who::Throughout(listener) }
}

/// Both ears alike, from beginning to end, in stereo.
pub(crate) fn alike(name: &'static str, findings: EarFindings) -> Case {
    throughout(name, listeners::steady(findings.clone(), findings))
}

/// Someone who hears all there is.
pub(crate) fn healthy() -> Case {
    alike("healthy", EarFindings::default())
}

/// Every case of the laws.
pub(crate) fn all() -> Vec<Case> {
    let tone = listeners::tinnitus(TinnitusSound::Tone, 10.0);
    let band = listeners::tinnitus(TinnitusSound::Band { bandwidth_octaves: 0.5 }, 10.0);
    let noise = listeners::tinnitus(TinnitusSound::Noise, 60.0);
    let slow = EarFindings { temporal_smearing_ms: 30.0, ..listeners::n3() };
    vec![
        one_ear("an ear, healthy", EarFindings::default()),
        one_ear("an ear, S2", listeners::s2()),
        Case { rings: true, ..one_ear("an ear, tinnitus", tone.clone()) },
        healthy(),
        alike("N3", listeners::n3()),
        alike("S2", listeners::s2()),
        alike("flat 60 dB HL, no smearing", listeners::sharp(listeners::flat(60.0))),
        alike("conductive", listeners::conductive()),
        alike("dead region", listeners::dead_region()),
        alike("temporal smearing", slow),
        Case { rings: true, ..throughout("tinnitus, tone and band", listeners::steady(tone, band)) },
        Case { rings: true, ..alike("tinnitus, noise at its cap", noise) },
        throughout("deaf left, healthy right", listeners::steady(listeners::deaf(), EarFindings::default())),
        throughout("flicker", listeners::flickering()),
        throughout("ramp", listeners::ramping()),
        throughout("decline", listeners::declining()),
        cues(Layout::stereo(), Layout::stereo()),
        Case { name: "cues, 5.1", ..cues(Layout::surround_5_1(), Layout::surround_5_1()) },
        Case { name: "cues, 7.1 to two ears", ..cues(Layout::surround_7_1(), Layout::stereo()) },
        Case { name: "cues, mono", ..cues(Layout::mono(), Layout::mono()) },
    ]
}

/// A moment, in milliseconds.
pub(crate) fn at_ms(ms: i64) -> Moment {
    Moment { numerator: ms, denominator: 1000 }
}

/// A cue from `enters_ms` to `leaves_ms` that cuts in and out within 5 ms.
pub(crate) fn cue(enters_ms: i64, leaves_ms: i64, state: &str) -> Cue {
    let cut = Transition { shape: Shape::Cut, ms: 5.0, lead: at_ms(0) };
    Cue {
        enters: at_ms(enters_ms),
        leaves: Some(at_ms(leaves_ms)),
        listener: None,
        state: state.to_owned(),
        enter: cut,
        leave: cut,
        bleed_db: None,
        tinnitus: false,
        caption: None,
        line: 1,
        field_lines: FieldLines::default(),
    }
}

/// A sheet of cues for one listener.
pub(crate) fn sheet(listener: &str, cues: Vec<Cue>) -> CueSheet {
    CueSheet {
        title: "a law's film".to_owned(),
        listener: Some(listener.to_owned()),
        listener_line: 0,
        seed: 1,
        calibration: Calibration::default(),
        picture: Picture::default(),
        cues,
    }
}

/// Two listeners within a second: cut in with lead, pop out; drift in, drift out with bleed; the second
/// enters in the sample in which the first leaves.
pub(crate) fn cues(layout: Layout, output: Layout) -> Case {
    let first = listeners::listener(
        "the first",
        vec![
            listeners::state("dull", listeners::n3(), listeners::conductive(), Default::default()),
            listeners::state("gone", listeners::deaf(), listeners::deaf(), Default::default()),
        ],
    );
    let second = listeners::flickering();
    let pop = Transition { shape: Shape::Pop, ms: 60.0, lead: at_ms(0) };
    let drift = Transition { shape: Shape::Drift, ms: 150.0, lead: at_ms(0) };
    let early = Transition { shape: Shape::Cut, ms: 2.0, lead: at_ms(10) };
    let cues = vec![
        Cue { enter: early, leave: pop, ..cue(110, 240, "dull") },
        Cue { enter: drift, leave: Transition { ms: 40.0, ..pop }, bleed_db: Some(-30.0), ..cue(350, 600, "gone") },
        Cue { listener: Some("second".to_owned()), leave: drift, ..cue(640, 740, "always") },
    ];
    let listeners = vec![("first".to_owned(), first), ("second".to_owned(), second)];
    Case { name: "cues", rings: false, layout, output, who: Who::Sheet(sheet("first", cues), listeners) }
}
