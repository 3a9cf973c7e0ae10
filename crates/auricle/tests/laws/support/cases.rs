//! The cases: programs in layouts, each with a name for the message of a law that it breaks.

use auricle::audition::Audition;
use auricle::cue::CueSheet;
use auricle::layout::Layout;
use auricle::level::Calibration;
use std::sync::Arc;

use auricle::ear::design::{EarDesign, EarModel};
use auricle::ear::electric::ElectricDesign;
use auricle::ear::steady::SteadyEar;
use auricle::listener::{EarFindings, Listener, Smearing, TinnitusSound};
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
    /// True where sounds go on after they are over: with an implant's percept.
    pub(crate) lingers: bool,
    /// Channels in and out.
    pub(crate) layout: Layout,
    /// Channels out.
    pub(crate) output: Layout,
    who: Who,
}

enum Who {
    Throughout(Listener),
    Sheet(CueSheet, Vec<(String, Listener)>),
    OneEar(Box<EarFindings>),
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
                Some(Program::throughout(listener, state, calibration, seed, rate_hz, None).expect(self.name))
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
            let calibration = Calibration::default();
            let electric = ElectricDesign::new(findings, calibration);
            let latency_samples = electric.map_or(0, |electric| electric.latency_samples(rate_hz));
            let model = Arc::new(EarModel::new(rate_hz, calibration).lagging_at_least(latency_samples));
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
    Case {
        name,
        rings: false,
        lingers: false,
        layout: Layout::mono(),
        output: Layout::mono(),
        who: Who::OneEar(Box::new(findings)),
    }
}

/// A listener inside from beginning to end, in stereo.
pub(crate) fn throughout(name: &'static str, listener: Listener) -> Case {
    let (layout, output) = (Layout::stereo(), Layout::stereo());
    Case { name, rings: false, lingers: false, layout, output, who: Who::Throughout(listener) }
}

/// Both ears alike, from beginning to end, in stereo.
pub(crate) fn alike(name: &'static str, findings: EarFindings) -> Case {
    throughout(name, listeners::steady(findings.clone(), findings))
}

/// Someone who hears all there is.
pub(crate) fn healthy() -> Case {
    alike("healthy", EarFindings::default())
}

/// Every case of the laws: each stage of the ear by itself, ears, listeners, cues.
pub(crate) fn all() -> Vec<Case> {
    let tone = listeners::tinnitus(TinnitusSound::Tone, 10.0);
    let band = listeners::tinnitus(TinnitusSound::Band { bandwidth_octaves: 0.5 }, 10.0);
    let noise = listeners::tinnitus(TinnitusSound::Noise, 60.0);
    let broad = EarFindings { smearing: Smearing::Broadening(3.0), ..EarFindings::default() };
    // Short enough that what it spreads stays within the windows of law 9; behind a loss it may be longer.
    let blurred = EarFindings { temporal_smearing_ms: 10.0, ..EarFindings::default() };
    let slow = EarFindings { temporal_smearing_ms: 30.0, ..listeners::n3() };
    vec![
        one_ear("an ear, healthy", EarFindings::default()),
        one_ear("an ear, S2", listeners::s2()),
        one_ear("conduction by itself", listeners::conductive()),
        one_ear("smearing by itself", broad),
        one_ear("recruitment by itself", listeners::sharp(listeners::n3())),
        one_ear("dead region by itself", listeners::sharp(listeners::dead_region())),
        one_ear("temporal smearing by itself", blurred),
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
        one_ear("an implant, its information on tones", listeners::implanted("implant-ace", "transmitted")),
        Case {
            lingers: true,
            ..one_ear(
                "an implant, its percept on the first day",
                listeners::implanted("single-sided", "activation day"),
            )
        },
        Case { lingers: true, ..throughout("electro-acoustic", listeners::preset("electro-acoustic")) },
        Case { lingers: true, ..throughout("bimodal", listeners::preset("bimodal")) },
        throughout("fine structure", listeners::preset("implant-fine-structure")),
        throughout("current steering", listeners::preset("implant-current-steering")),
        implants_switched_on(),
        throughout("flicker", listeners::flickering()),
        throughout("ramp", listeners::ramping()),
        throughout("decline", listeners::declining()),
        cues(Layout::stereo(), Layout::stereo()),
        Case { name: "cues, 5.1", ..cues(Layout::surround_5_1(), Layout::surround_5_1()) },
        Case { name: "cues, 7.1 to two ears", ..cues(Layout::surround_7_1(), Layout::stereo()) },
        Case { name: "cues, mono", ..cues(Layout::mono(), Layout::mono()) },
    ]
}

/// Silence, the processors switched on for the first time, a year passing within a cue.
const SWITCHED_ON: &str = r#"
title = "a law's implants"
listener = "implanted"
seed = 1

[[cue]]
in = "50 ms"
out = "250 ms"
state = "off"

[[cue]]
in = "250 ms"
out = "500 ms"
state = "activation day"
enter = { shape = "cut", ms = 5 }

[[cue]]
in = "500 ms"
out = "900 ms"
state = "one year"
enter = { shape = "drift", ms = 150 }
"#;

fn implants_switched_on() -> Case {
    let (sheet, _) = CueSheet::parse(SWITCHED_ON, "a law's implants").expect("a sheet without faults");
    let listeners = vec![("implanted".to_owned(), listeners::preset("implant-first-year"))];
    let (layout, output) = (Layout::stereo(), Layout::stereo());
    Case {
        name: "implants switched on",
        rings: false,
        lingers: true,
        layout,
        output,
        who: Who::Sheet(sheet, listeners),
    }
}

/// Two listeners within a second: cut in with lead, pop out; drift in, pop out, with bleed; then at once the
/// second, who drifts out.
const SHEET: &str = r#"
title = "a law's film"
listener = "first"
seed = 1

[[cue]]
in = "110 ms"
out = "240 ms"
state = "dull"
enter = { shape = "cut", ms = 2, lead_ms = 10 }
leave = { shape = "pop", ms = 60 }

[[cue]]
in = "350 ms"
out = "600 ms"
state = "gone"
enter = { shape = "drift", ms = 150 }
leave = { shape = "pop", ms = 40 }
bleed_db = -30

[[cue]]
in = "640 ms"
out = "800 ms"
listener = "second"
state = "always"
leave = { shape = "drift", ms = 150 }
"#;

/// The cue sheet of [`SHEET`].
pub(crate) fn cues(layout: Layout, output: Layout) -> Case {
    let first = listeners::listener(
        "the first",
        vec![
            listeners::state("dull", listeners::n3(), listeners::conductive(), Default::default()),
            listeners::state("gone", listeners::deaf(), listeners::deaf(), Default::default()),
        ],
    );
    let second = listeners::flickering();
    let (sheet, _) = CueSheet::parse(SHEET, "a law's film").expect("a sheet without faults");
    let listeners = vec![("first".to_owned(), first), ("second".to_owned(), second)];
    Case { name: "cues", rings: false, lingers: false, layout, output, who: Who::Sheet(sheet, listeners) }
}
