//! The report as a browser reads it: parsed by an HTML parser, checked for what it promises.

use std::collections::BTreeSet;

use auricle::audiogram::{Audiogram, Threshold, standard};
use auricle::cue::{Cue, CueSheet, CueSpan, FrameRate, Moment, Picture, Shape, Transition};
use auricle::layout::Layout;
use auricle::level::Calibration;
use auricle::listener::{Card, DeadRegion, EarFindings, Listener, Movement, Smearing, State, Tinnitus, TinnitusSound};
use auricle_media::electrodogram::Ear;
use auricle_media::report::{
    FileFacts, FileText, InputForReport, Measurements, Recorder, RecorderConfig, ReportListener, SoundFacts, Worn,
    render_html,
};
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

const RATE_HZ: u32 = 48_000;
const HOSTILE: &str = "<script>alert(1)</script> \"O'Brien\" & \u{202e}gpj.exe \u{1f941} ]]> --> \u{5d0}\u{5d1}";

/// 16 s of kick, snare, bass and a chord, every sample from a formula.
fn band() -> Vec<f32> {
    let mut noise = 1_u32;
    let mut high = 0.0_f32;
    (0..16 * RATE_HZ)
        .map(|n| {
            let t = n as f32 / RATE_HZ as f32;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (noise >> 8) as f32 / 8_388_608.0 - 1.0;
            let bright = white - high;
            high += 0.5 * (white - high);
            let beat = t * 2.0 % 1.0;
            let kick = (-beat * 18.0).exp()
                * (std::f32::consts::TAU * (50.0 * beat + 30.0 * (1.0 - (-beat * 30.0).exp()) / 30.0)).sin();
            let hat = (-(t * 8.0 % 1.0) * 14.0).exp() * bright * 0.2;
            let snare = (-((t * 2.0 + 1.0) % 2.0) * 9.0).exp() * white * 0.25;
            let bar = [55.0, 65.4, 49.0, 73.4][(t / 2.0) as usize % 4];
            let chord: f32 =
                [2.0, 3.0, 5.0, 8.0, 12.0].iter().map(|k| (std::f32::consts::TAU * bar * k * t).sin() * 0.04).sum();
            0.5 * kick + hat + snare + chord
        })
        .collect()
}

/// Low-pass of one pole, then a gain: a stand-in for a loss, good enough to fill a report.
fn dulled(sound: &[f32], cutoff_hz: f32, gain_db: f32) -> Vec<f32> {
    let step = 1.0 - (-std::f32::consts::TAU * cutoff_hz / RATE_HZ as f32).exp();
    let gain = 10.0_f32.powf(gain_db / 20.0);
    let mut state = [0.0_f32; 3];
    sound
        .iter()
        .map(|x| {
            let mut x = *x;
            for pole in &mut state {
                *pole += step * (x - *pole);
                x = *pole;
            }
            gain * x
        })
        .collect()
}

fn secs(secs: f64) -> u64 {
    (secs * f64::from(RATE_HZ)) as u64
}

fn span(cue: usize, listener: &str, state: &str, moments_secs: [f64; 4]) -> CueSpan {
    let [a, b, c, d] = moments_secs.map(secs);
    CueSpan {
        cue,
        listener: listener.into(),
        state: state.into(),
        enter_begins_samples: a,
        enter_ends_samples: b,
        leave_begins_samples: c,
        leave_ends_samples: d,
    }
}

fn cue(state: &str, enter: (Shape, f64), leave: (Shape, f64)) -> Cue {
    let zero = Moment { numerator: 0, denominator: 1 };
    let transition = |(shape, ms)| Transition { shape, ms, lead: Moment { numerator: 1, denominator: 12 } };
    Cue {
        enters: zero,
        leaves: None,
        listener: None,
        state: state.into(),
        enter: transition(enter),
        leave: transition(leave),
        bleed_db: Some(-30.0),
        tinnitus: state != "deaf",
        caption: None,
        line: 1,
        field_lines: Default::default(),
    }
}

fn ear(name: &str) -> EarFindings {
    EarFindings { air: standard(name).expect("a standard audiogram"), ..EarFindings::default() }
}

fn drummer(name: &str) -> Listener {
    let mut collapse = ear("N5");
    collapse.tinnitus =
        Some(Tinnitus { sound: TinnitusSound::Tone, frequency_hz: 6000.0, level_db_sl: 10.0, cap_db_spl: 80.0 });
    collapse.air.points.push((8000.0, Threshold::NoResponse { limit_db_hl: 100.0 }));
    collapse.dead = vec![DeadRegion { from_hz: 4000.0, to_hz: 11_000.0 }];
    let mut other = ear("N3");
    other.bone =
        Some(Audiogram::from_db_hl(&[(250.0, 5.0), (500.0, 10.0), (1000.0, 15.0), (2000.0, 30.0), (4000.0, 55.0)]));
    other.smearing = Smearing::Broadening(2.0);
    let state = |name: &str, about: &str, left: &EarFindings, right: &EarFindings, movement| State {
        name: name.into(),
        about: about.into(),
        caption: String::new(),
        left: left.clone(),
        right: right.clone(),
        movement,
    };
    let flicker = Movement::Flicker { from: None, mean_on_secs: 1.8, mean_off_secs: 0.6, slope_ms: 40.0, depth: 1.0 };
    let deaf = EarFindings { deaf: true, ..EarFindings::default() };
    Listener {
        name: name.into(),
        card: Card {
            summary: "A drummer whose hearing collapses in the middle of a concert.".into(),
            modelled: vec!["Raised thresholds and recruitment".into(), "Tinnitus at a stated sensation level".into()],
            not_modelled: vec!["Fatigue, attention, and what the brain learns to do with what is left".into()],
            evidence: vec!["Bisgaard, Vlaming and Dahlquist (2010), standard audiograms".into()],
        },
        states: vec![
            state("first dropouts", "Hearing goes for moments at a time.", &ear("N4"), &ear("N4"), flicker),
            state(
                "collapse",
                "Within a song, most of it goes; the left ear keeps a little more.",
                &other,
                &collapse,
                Movement::Instant,
            ),
            state("deaf", "Nothing is left.", &deaf, &deaf, Movement::Instant),
        ],
    }
}

fn input(name: &str) -> InputForReport {
    let spans = vec![
        span(0, name, "first dropouts", [2.0, 2.08, 4.0, 4.005]),
        span(1, name, "collapse", [5.5, 5.58, 9.0, 9.005]),
        span(2, name, "deaf", [9.005, 9.01, 12.0, 14.0]),
    ];
    let before = band();
    let (dropouts, left, right) =
        (dulled(&before, 1800.0, -14.0), dulled(&before, 900.0, -10.0), dulled(&before, 350.0, -22.0));
    let mut recorder = Recorder::new(RecorderConfig {
        sample_rate_hz: RATE_HZ,
        source: Layout::stereo(),
        output: Layout::stereo(),
        spans: spans.clone(),
        length_samples: Some(before.len() as u64),
        worn: Vec::new(),
    });
    let ears: [Vec<f32>; 2] = [left, right].map(|collapse| {
        (0..before.len())
            .map(|n| {
                let ringing = 0.001 * (std::f32::consts::TAU * 6000.0 * n as f32 / RATE_HZ as f32).sin();
                let of = |span: &CueSpan| {
                    let (a, b) = (span.enter_begins_samples as f32, span.enter_ends_samples as f32);
                    let (c, d) = (span.leave_begins_samples as f32, span.leave_ends_samples as f32);
                    ((n as f32 - a) / (b - a)).min((d - n as f32) / (d - c)).clamp(0.0, 1.0)
                };
                let outside = 1.0 - spans.iter().map(of).sum::<f32>();
                outside * before[n] + of(&spans[0]) * dropouts[n] + of(&spans[1]) * (collapse[n] + ringing)
            })
            .collect()
    });
    for at in (0..before.len()).step_by(4096) {
        let range = at..(at + 4096).min(before.len());
        recorder.push(&[&before[range.clone()], &before[range.clone()]], &[&ears[0][range.clone()], &ears[1][range]]);
    }
    let sheet = CueSheet {
        title: "The gig".into(),
        listener: Some("drummer.toml".into()),
        listener_line: Default::default(),
        seed: 7,
        calibration: Calibration::default(),
        picture: Picture {
            frame_rate: Some(FrameRate { numerator: 24_000, denominator: 1001, drop_frame: false }),
            start_frames: 24 * 3600,
        },
        cues: vec![
            cue("first dropouts", (Shape::Pop, 80.0), (Shape::Cut, 5.0)),
            cue("collapse", (Shape::Pop, 80.0), (Shape::Cut, 5.0)),
            cue("deaf", (Shape::Cut, 5.0), (Shape::Drift, 2000.0)),
        ],
    };
    let sound = |file_name: &str, codec: &str| SoundFacts {
        file_name: file_name.into(),
        layout: "stereo".into(),
        codec: codec.into(),
        sample_rate_hz: RATE_HZ,
    };
    InputForReport {
        title: "The gig".into(),
        program_version: "auricle 0.1.0".into(),
        model_version: "auricle model 0.1.0".into(),
        ffmpeg_version: Some("5.1.9".into()),
        command_line: "auricle render gig.mp4 --cues gig.cues.toml -o heard.mp4".into(),
        source: sound("gig.mp4", "aac, 192 kb/s"),
        output: sound("heard.mp4", "aac, 256 kb/s"),
        sheet,
        spans,
        listeners: vec![ReportListener { reference: "drummer.toml".into(), listener: drummer(name) }],
        measurements: recorder.finish(),
        latency_samples: 760,
        files: vec![FileFacts {
            role: "film".into(),
            name: "gig.mp4".into(),
            bytes: 12_345_678,
            sha256: "0".repeat(64),
        }],
        texts: vec![FileText {
            name: "gig.cues.toml".into(),
            text: "title = \"The gig\"\n\n[[cue]]\nin = \"2 s\"\n".into(),
        }],
        facts: vec![("Verified".into(), "streams, duration, offset 0 samples".into())],
        clipping: None,
        warnings: Vec::new(),
    }
}

/// Every element, in the order of the page.
fn elements(dom: &RcDom) -> Vec<Handle> {
    fn walk(node: &Handle, found: &mut Vec<Handle>) {
        if matches!(node.data, NodeData::Element { .. }) {
            found.push(node.clone());
        }
        for child in node.children.borrow().iter() {
            walk(child, found);
        }
    }
    let mut found = Vec::new();
    walk(&dom.document, &mut found);
    found
}

fn name(node: &Handle) -> String {
    match &node.data {
        NodeData::Element { name, .. } => name.local.to_string(),
        _ => String::new(),
    }
}

fn attribute(node: &Handle, wanted: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return None;
    };
    attrs.borrow().iter().find(|attr| &*attr.name.local == wanted).map(|attr| attr.value.to_string())
}

fn text(node: &Handle) -> String {
    match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => node.children.borrow().iter().map(text).collect(),
    }
}

/// Everything that holds for any report.
///
/// The elements live as long as the page they are of.
fn check(html: &str) -> (RcDom, Vec<Handle>) {
    let dom = html5ever::parse_document(RcDom::default(), Default::default()).one(html);
    assert_eq!(dom.errors.borrow().as_slice(), [] as [&str; 0], "parse errors");
    let all = elements(&dom);
    let count = |wanted: &str| all.iter().filter(|node| name(node) == wanted).count();
    assert_eq!(
        (count("h1"), count("main"), count("header"), count("footer"), count("nav"), count("title") > 0),
        (1, 1, 1, 1, 1, true)
    );
    assert_eq!((count("script"), count("iframe"), count("link"), count("object")), (0, 0, 0, 0));
    let html_element = all.iter().find(|node| name(node) == "html").expect("an html element");
    assert_eq!(attribute(html_element, "lang").as_deref(), Some("en"));
    let mut ids = BTreeSet::new();
    for id in all.iter().filter_map(|node| attribute(node, "id")) {
        assert!(ids.insert(id.clone()), "id {id} twice");
    }
    for node in &all {
        let what = name(node);
        if let Some(target) = attribute(node, "href") {
            let id = target.strip_prefix('#').unwrap_or_else(|| panic!("{what} leads outside: {target}"));
            assert!(ids.contains(id), "nothing is called {id}");
        }
        for reference in ["aria-labelledby", "aria-describedby"].iter().filter_map(|name| attribute(node, name)) {
            assert!(ids.contains(&reference), "nothing is called {reference}");
        }
        if let Some(source) = attribute(node, "src") {
            assert!(source.starts_with("data:image/png;base64,iVBOR"), "{what} loads {source}");
        }
        let hidden = attribute(node, "aria-hidden").as_deref() == Some("true");
        match what.as_str() {
            "img" => assert!(
                attribute(node, "alt").is_some_and(|alt| alt.len() > 40 && alt.chars().any(|c| c.is_ascii_digit()))
            ),
            "svg" if !hidden => {
                assert_eq!(attribute(node, "role").as_deref(), Some("img"));
                let title = node.children.borrow().iter().find(|child| name(child) == "title").map(text);
                assert!(title.is_some_and(|title| title.chars().any(|c| c.is_ascii_digit())));
            }
            "th" => assert!(attribute(node, "scope").is_some()),
            _ => {}
        }
        // No handlers, no foreign style.
        let NodeData::Element { attrs, .. } = &node.data else {
            continue;
        };
        for attr in attrs.borrow().iter() {
            assert!(!attr.name.local.starts_with("on"), "{what} has a handler");
            if &*attr.name.local == "style" {
                assert!(!attr.value.contains("url("));
            }
        }
    }
    for style in all.iter().filter(|node| name(node) == "style").map(text) {
        assert!(!style.contains("url(") && !style.contains("@import"));
    }
    assert!(html.len() < 1_500_000, "{} bytes", html.len());
    (dom, all)
}

#[test]
fn a_report_is_one_valid_accessible_page() {
    let html = render_html(&input("the drummer"));
    // For whoever wants to look at it.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/report.html"), &html).unwrap();
    let (_page, all) = check(&html);
    let body = all.iter().find(|node| name(node) == "body").map(text).unwrap();
    for promised in [
        "the drummer",
        "first dropouts",
        "Evidence",
        "exact hearing",
        "01:00:05:11",
        "LUFS",
        "dBTP",
        "5.1.9",
        "Seed",
        "100.0 dB SPL",
        "gig.cues.toml in full",
        "[[cue]]",
        "760 samples",
        "above 2.8 kHz",
        "auricle render",
    ] {
        assert!(body.contains(promised), "the page does not say {promised}");
    }
    // Three states of which one is shown in two charts; before, after, and a difference for each ear.
    assert_eq!(all.iter().filter(|node| attribute(node, "class").as_deref() == Some("audiogram")).count(), 4);
    assert_eq!(all.iter().filter(|node| name(node) == "img").count(), 4);
}

#[test]
fn the_same_input_gives_the_same_page() {
    assert_eq!(render_html(&input("the drummer")), render_html(&input("the drummer")));
}

#[test]
fn hostile_text_stays_text() {
    let mut input = input(HOSTILE);
    let hostile = || HOSTILE.to_owned();
    input.title = hostile();
    input.program_version = hostile();
    input.model_version = hostile();
    input.command_line = hostile();
    input.source = SoundFacts { file_name: hostile(), layout: hostile(), codec: hostile(), ..input.source };
    input.output.file_name = hostile();
    input.listeners[0].reference = hostile();
    input.listeners[0].listener.card.summary = hostile();
    input.files[0] = FileFacts { role: hostile(), name: hostile(), sha256: hostile(), bytes: 1 };
    input.texts[0] = FileText { name: hostile(), text: hostile() };
    input.facts[0] = (hostile(), hostile());
    input.ffmpeg_version = Some(HOSTILE.to_owned());
    input.listeners[0].listener.card.evidence.push(HOSTILE.to_owned());
    input.warnings.push(HOSTILE.to_owned());
    for (state, span) in input.listeners[0].listener.states.iter_mut().zip(&mut input.spans) {
        state.name = format!("{HOSTILE} {}", state.name);
        state.about = HOSTILE.to_owned();
        span.state = state.name.clone();
    }
    let (_page, all) = check(&render_html(&input));
    let title = all.iter().find(|node| name(node) == "h1").map(text).unwrap();
    assert_eq!(title, HOSTILE.replace('\u{202e}', "\u{fffd}"));
}

#[test]
fn films_without_cues_sound_or_length_have_a_report() {
    for length in [0, 1, 9600] {
        let mut input = input("the drummer");
        let silence = vec![0.0; length];
        let mut recorder = Recorder::new(RecorderConfig {
            sample_rate_hz: 8000,
            source: Layout::mono(),
            output: Layout::mono(),
            spans: Vec::new(),
            length_samples: None,
            worn: Vec::new(),
        });
        recorder.push(&[&silence], &[&silence]);
        input.measurements = recorder.finish();
        input.spans.clear();
        input.sheet.cues.clear();
        input.sheet.picture = Picture::default();
        input.listeners.clear();
        input.ffmpeg_version = None;
        check(&render_html(&input));
    }
}

#[test]
fn clipping_and_impossible_samples_are_reported_with_their_time() {
    let mut input = input("the drummer");
    let mut sound = vec![0.1_f32; 96_000];
    sound[48_000] = 1.5;
    sound[72_000] = f32::NAN;
    let mut recorder = Recorder::new(RecorderConfig {
        sample_rate_hz: RATE_HZ,
        source: Layout::mono(),
        output: Layout::mono(),
        spans: Vec::new(),
        length_samples: Some(96_000),
        worn: Vec::new(),
    });
    recorder.push(&[&sound], &[&sound]);
    input.measurements = recorder.finish();
    input.spans.clear();
    input.sheet.picture = Picture::default();
    let (_page, all) = check(&render_html(&input));
    let warnings = all.iter().find(|node| attribute(node, "class").as_deref() == Some("warnings")).map(text).unwrap();
    assert!(
        warnings.contains("The source has 1 sample above full scale; the highest, +3.5 dB FS, is at 0:01.000."),
        "{warnings}"
    );
    assert!(warnings.contains("The source has 1 sample that is NaN or infinite, the first at 0:01.500"), "{warnings}");
}

/// The implants of a preset's states, each inside for two seconds from 2 s on, over the band's first 16 s.
fn implanted(preset: &str, states: &[&str], block: usize, length_known: bool) -> InputForReport {
    let mut input = input("the drummer");
    let who = auricle::presets::get(preset).expect("a preset");
    let times = |at: usize| [2.0, 2.01, 3.99, 4.0].map(|secs| secs + 2.0 * at as f64);
    input.spans = states.iter().enumerate().map(|(at, state)| span(at, &who.name, state, times(at))).collect();
    let calibration = Calibration::default();
    let mut worn = Vec::new();
    for (index, span) in input.spans.iter().enumerate() {
        let state = who.state(&span.state).expect("a state");
        for (ear, findings) in [(Ear::Left, &state.left), (Ear::Right, &state.right)] {
            let implant = findings.implant.clone();
            worn.extend(implant.map(|implant| Worn { span: index, ear, implant, calibration }));
        }
    }
    let sound = band();
    let mut recorder = Recorder::new(RecorderConfig {
        sample_rate_hz: RATE_HZ,
        source: Layout::stereo(),
        output: Layout::stereo(),
        spans: input.spans.clone(),
        length_samples: length_known.then_some(sound.len() as u64),
        worn,
    });
    for part in sound.chunks(block) {
        recorder.push(&[part, part], &[part, part]);
    }
    input.measurements = recorder.finish();
    input.sheet.cues = states.iter().map(|state| cue(state, (Shape::Cut, 5.0), (Shape::Cut, 5.0))).collect();
    input.listeners = vec![ReportListener { reference: format!("preset:{preset}"), listener: who }];
    input
}

const STORY: [&str; 4] = ["processor off", "activation day", "one month", "one year"];

#[test]
fn implants_are_seen_in_the_report() {
    let html = render_html(&implanted("drummer", &STORY, 4096, true));
    // For whoever wants to look at it.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/implants.html"), &html).unwrap();
    let (_page, all) = check(&html);
    let page: String = all.iter().find(|node| name(node) == "main").map(text).unwrap();
    for words in [
        "Right ear: cochlear implant, processor off: silence",
        "Left ear: cochlear implant, activation day",
        "Left ear: cochlear implant, 1 month since activation",
        "heard here as percept (what people with one normal ear say it sounds like)",
        "nobody\u{2019}s exact hearing",
        "The processor is off: nothing comes through the implant.",
        "Electrodes as under \u{201c}processor off\u{201d}.",
        "ACE with 8 maxima",
        "octaves above the places where their sound belongs",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("Profoundly deaf") && !page.contains("healthy ones"), "an implanted ear hears");
    let strips: Vec<String> = all
        .iter()
        .filter(|node| name(node) == "img")
        .filter_map(|node| attribute(node, "alt"))
        .filter(|alt| alt.starts_with("Electrodogram"))
        .collect();
    assert_eq!(strips.len(), 2, "one an ear");
    assert!(strips[0].contains("left ear") && strips[0].contains("on 22 electrodes"), "{}", strips[0]);
    let titles: Vec<String> =
        all.iter().filter(|node| name(node) == "svg").filter_map(|node| attribute(node, "aria-label")).collect();
    let maps: Vec<&String> = titles.iter().filter(|title| title.starts_with("Place map")).collect();
    assert_eq!(maps.len(), 2, "one a device; the other states have the same");
    assert!(maps[0].contains("Electrode 1 at") && maps[0].contains("electrode 22 at"), "{}", maps[0]);
    // No symbol of an ear's own: C and no O, X or arrow.
    let charts: Vec<&Handle> =
        all.iter().filter(|node| attribute(node, "class").as_deref() == Some("audiogram")).collect();
    let marks = |chart: &Handle, what: &str| {
        let dom = RcDom::default();
        dom.document.children.borrow_mut().push(chart.clone());
        elements(&dom).iter().filter(|node| name(node) == what).count()
    };
    assert!(charts.iter().all(|chart| marks(chart, "circle") == 0));
    assert!(titles.iter().any(|title| title.contains("sound-field thresholds (C) that its T levels imply, in dB HL")));
}

#[test]
fn what_an_implant_is_sent_lies_in_its_cues_whatever_the_blocks() {
    let of = |block, known| -> Measurements { implanted("drummer", &STORY, block, known).measurements };
    let whole = of(4096, true);
    assert_eq!(whole.stimulation.len(), 2);
    for strip in &whole.stimulation {
        let at = |secs: f64| (secs * f64::from(RATE_HZ) / strip.column_samples as f64) as usize;
        // Off from 2 to 4 s, on from there to 10 s.
        assert!(strip.current_ua[..at(4.0)].iter().all(Vec::is_empty));
        assert!(strip.current_ua[at(4.0)..at(10.0)].iter().all(|column| column.len() == 22));
        assert!(strip.current_ua.len() <= at(10.0) + 1);
        // ACE at 8 maxima of 900 pulses a second, over six seconds.
        assert!((20_000..=43_300).contains(&strip.pulses), "{} pulses", strip.pulses);
        let (low, high) = strip.range_ua.expect("currents");
        // T 100 and C 200.
        assert!(low >= 105.0 && high <= 649.0 && high > 2.0 * low, "{low} to {high}");
    }
    assert_eq!(of(777, true).stimulation, whole.stimulation);
    let unknown = of(48_000, false).stimulation;
    assert!(unknown.iter().all(|strip| strip.current_ua.len() <= 1200));
    assert_eq!(unknown[0].pulses, whole.stimulation[0].pulses);
}

#[test]
fn acoustic_hearing_beside_an_implant_stays_in_the_chart() {
    let (_page, all) = check(&render_html(&implanted("electro-acoustic", &["one year"], 4096, true)));
    let chart = all.iter().find(|node| attribute(node, "class").as_deref() == Some("audiogram")).expect("a chart");
    let title = attribute(chart, "aria-label").unwrap();
    assert!(title.contains("air conduction in dB HL 20 at 125 Hz") && title.contains("fine structure"), "{title}");
    assert!(title.contains("array of 12 electrodes (flex24)"), "{title}");
}
