//! The film on paper: shots, spoken lines and cues, on one grid of frames.

use super::sound::speech::Line;

/// Frames per second.
pub(crate) const FPS: u32 = 24;
/// Length of the film in frames.
pub(crate) const FRAMES: u32 = 48 * FPS;
/// Width of the picture in pixels.
pub(crate) const WIDTH: u32 = 1280;
/// Height of the picture in pixels.
pub(crate) const HEIGHT: u32 = 720;

/// What a shot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// Title card.
    Title,
    /// The whole stage.
    Stage,
    /// The drummer's face under stage light.
    Face,
    /// His hands on the snare.
    Hands,
    /// The quiet room, whole.
    Room,
    /// The specialist across the table.
    Specialist,
    /// The drummer's face in the quiet room.
    Listening,
    /// End card.
    End,
}

impl Scene {
    /// What the banner calls the shot.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Title | Self::End => "",
            Self::Stage => "THE STAGE",
            Self::Face | Self::Listening => "HIS FACE",
            Self::Hands => "HIS HANDS",
            Self::Room => "A QUIET ROOM",
            Self::Specialist => "THE SPECIALIST",
        }
    }
}

/// `(first second, scene)`: every cut lies on a beat, and so on a frame.
const SHOTS: [(f64, Scene); 21] = [
    (0.0, Scene::Title),
    (3.0, Scene::Stage),
    (9.0, Scene::Hands),
    (11.0, Scene::Stage),
    (13.0, Scene::Face),
    (16.5, Scene::Hands),
    (18.0, Scene::Face),
    (19.0, Scene::Stage),
    (20.0, Scene::Hands),
    (21.0, Scene::Face),
    (23.0, Scene::Hands),
    (25.0, Scene::Face),
    (27.0, Scene::Stage),
    (31.0, Scene::Room),
    (33.5, Scene::Listening),
    (34.5, Scene::Specialist),
    (36.5, Scene::Room),
    (38.0, Scene::Specialist),
    (40.0, Scene::Listening),
    (41.5, Scene::Specialist),
    (43.5, Scene::Room),
];
/// The end card begins here, seconds.
pub(crate) const END_CARD_SECS: f64 = 45.5;

/// The shot at this second, and when it began.
pub(crate) fn shot(at_secs: f64) -> (Scene, f64) {
    if at_secs >= END_CARD_SECS {
        return (Scene::End, END_CARD_SECS);
    }
    SHOTS.iter().rev().find(|s| s.0 <= at_secs + 1e-9).map_or((Scene::Title, 0.0), |s| (s.1, s.0))
}

/// `(second, line)`: what the specialist says.
pub(crate) const LINES: [(f64, Line); 4] =
    [(31.5, Line::Hello), (34.7, Line::CanYouHearMe), (38.4, Line::CanYouHearMe), (41.8, Line::CanYouHearMe)];
/// When a cup is set down, seconds.
pub(crate) const CUPS_SECS: [f64; 2] = [36.9, 44.2];

/// One span inside the drummer's hearing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inside {
    /// First and last second; on frames.
    pub(crate) span_secs: (f64, f64),
    /// The state's name in the preset.
    pub(crate) state: &'static str,
    /// What the banner says.
    pub(crate) banner: &'static str,
    /// The caption on entering.
    pub(crate) caption: &'static str,
    /// The other fields of the cue, as TOML.
    pub(crate) toml: &'static str,
    /// Why the cue is made so, for a reader of the sheet.
    pub(crate) why: &'static str,
}

/// The preset whose ears these are.
pub(crate) const LISTENER: &str = "preset:drummer";
/// What a digital RMS of 1 stands for: a club's loudspeakers, not a living room's.
pub(crate) const FULL_SCALE_DB_SPL: f64 = 110.0;

/// The cues.
pub(crate) const INSIDE: [Inside; 4] = [
    Inside {
        span_secs: (13.0, 19.0),
        state: "dropouts",
        banner: "FIRST DROPOUTS",
        caption: "sound flickers",
        toml: "enter = { shape = \"cut\", ms = 5 }\nleave = { shape = \"cut\", ms = 5 }\n",
        why: "A hard cut in on the beat: his hearing goes in and out.",
    },
    Inside {
        span_secs: (21.0, 27.0),
        state: "collapse",
        banner: "COLLAPSE",
        caption: "the sound collapses",
        toml: "enter = { shape = \"pop\", ms = 80, lead_frames = 2 }\nleave = { shape = \"cut\", ms = 3 }\nbleed_db = -36.0\n",
        why: "Sound goes two frames before the picture cuts; a trace of the true gig bleeds through, as he remembers it.",
    },
    Inside {
        span_secs: (32.5, 38.0),
        state: "ringing",
        banner: "WHAT IS LEFT",
        caption: "muffled, a high ringing",
        toml: "enter = { shape = \"drift\", ms = 1500 }\nleave = { shape = \"cut\", ms = 5 }\ntinnitus = true\n",
        why: "No cut at all: the room slides away from him.",
    },
    Inside {
        span_secs: (38.0, 41.5),
        state: "deaf",
        banner: "DEAF",
        caption: "silence",
        toml: "enter = { shape = \"cut\", ms = 5 }\nleave = { shape = \"pop\", ms = 60 }\n",
        why: "She asks again. He sees it.",
    },
];

/// The frame that begins at, or nearest to, this second.
pub(crate) fn frame_at(secs: f64) -> u32 {
    (secs * f64::from(FPS)).round() as u32
}

/// Whose ears we are in at this second of picture; `None`: outside.
pub(crate) fn inside(at_secs: f64) -> Option<&'static Inside> {
    INSIDE.iter().find(|c| at_secs + 1e-9 >= c.span_secs.0 && at_secs + 1e-9 < c.span_secs.1)
}

/// A line of the film's own subtitles.
#[derive(Debug, Clone)]
pub(crate) struct Subtitle {
    /// First and last second.
    pub(crate) span_secs: (f64, f64),
    /// What it says.
    pub(crate) text: String,
}

/// The film's own subtitles, which know nothing of whose ears we are in.
pub(crate) fn subtitles() -> Vec<Subtitle> {
    let fixed = [
        (0.8, 3.0, "[crowd murmurs, a guitar swells]"),
        (3.0, 4.9, "[drumsticks count four]"),
        (5.0, 8.9, "[loud rock music]"),
        (9.0, 19.0, "\u{266a} Oh, eh, ah \u{266a}"),
        (21.0, 28.9, "\u{266a} Oh, eh, ah \u{266a}"),
        (29.0, 31.0, "[last chord, cheering]"),
        (36.9, 38.0, "[cup set down]"),
        (44.2, 45.4, "[cup set down]"),
        (45.6, 47.5, "[guitar, softly]"),
    ];
    let mut all: Vec<Subtitle> =
        fixed.iter().map(|&(from, to, text)| Subtitle { span_secs: (from, to), text: text.to_owned() }).collect();
    all.extend(LINES.iter().map(|&(at, line)| Subtitle {
        span_secs: (at, at + line.secs().max(1.0) + 0.25),
        text: line.text().to_owned(),
    }));
    all.sort_by(|a, b| a.span_secs.0.total_cmp(&b.span_secs.0));
    all
}
