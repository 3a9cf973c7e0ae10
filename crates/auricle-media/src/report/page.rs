//! The page: one HTML file that needs nothing but itself.

use std::fmt::Write as _;

use auricle::level::Field;

use super::clock::Clock;
use super::input::{InputForReport, SoundFacts};
use super::text::{Html, bytes, count, number, signed, user};
use super::{audiogram, change, listeners, place_map, tables, timeline, words};

pub(crate) const STYLE: &str = include_str!("page.css");

/// The report as one self-contained HTML file.
pub fn render_html(input: &InputForReport) -> String {
    let clock = Clock::new(input.measurements.sample_rate_hz, input.sheet.picture);
    let mut out = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"{}\">\n<title>{} \u{2013} Auricle report</title>\n<style>{STYLE}{}{}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n",
        Html(&input.program_version),
        Html(&input.title),
        audiogram::STYLE,
        place_map::STYLE
    );
    header(&mut out, input, &clock);
    out.push_str("<main id=\"main\">\n");
    let warnings = tables::warnings(input, &clock);
    if !warnings.is_empty() {
        out.push_str(
            "<section class=\"warnings\" aria-labelledby=\"warnings\"><h2 id=\"warnings\">Worth a look</h2><ul>",
        );
        for warning in warnings {
            let _ = write!(out, "<li>{warning}</li>");
        }
        out.push_str("</ul></section>\n");
    }
    out.push_str(HOW_TO_READ);
    section(&mut out, "see", "What happens to the sound", &timeline::timeline(input, &clock));
    section(&mut out, "cues", "Cues", &format!("{}{}", tables::cues(input, &clock), tables::octaves(input)));
    section(&mut out, "listeners", "Who we are inside", &listeners::listeners(input));
    section(&mut out, "levels", "Levels", &tables::levels(input, &clock));
    section(&mut out, "again", "Render it again", &again(input, &clock));
    let _ = write!(
        out,
        "</main>\n<footer><p>Written by {}. Auricle puts an audience inside someone else\u{2019}s ears; a listener here is a model from \
         findings, and nobody\u{2019}s exact hearing.</p></footer>\n</body>\n</html>\n",
        Html(&input.program_version)
    );
    out
}

const HOW_TO_READ: &str = "<details class=\"help\"><summary>How to read this page</summary>\
<dl>\
<dt><span class=\"out\">outside</span> and <span class=\"in\">inside</span></dt>\
<dd>Outside is the film\u{2019}s normal mix. Inside is the same sound as one listener hears it. A cue is a stretch of time inside.</dd>\
<dt>Level</dt><dd>How strong the sound is from moment to moment, mirrored about the middle. The further from the middle, the stronger. \
Levels are in dB FS: 0 is the most a file can hold, and every 10 dB less sounds about half as loud.</dd>\
<dt>Spectrograms</dt><dd>Time runs from left to right, pitch from bottom to top: bass, footsteps and kick drum are at the bottom, voices in \
the middle, cymbals and the hiss of an S at the top. Bright is strong, dark is weak or silent.</dd>\
<dt>Difference</dt><dd>White: this part of the sound is as it was. Blue: it is softer, and where it is darkest it is gone. Orange: it is \
louder, or it was not there at all, such as a ringing. Grey: there was no sound in the first place.</dd>\
<dt>Audiogram</dt><dd>The softest tones each ear hears. Low pitch is at the left, high pitch at the right; the further down a mark, the \
stronger a tone must be. Red O is the right ear, blue X the left; &lt; and &gt; are measured through the bone; an arrow means no response; \
slanting lines a part of the cochlea that does not answer; T a tinnitus; C the softest tones that a cochlear implant\u{2019}s processor turns \
into pulses. The shaded area is where speech at normal effort lies: what of it is \
above the marks is not heard.</dd>\
<dt>Electrodogram</dt><dd>What a cochlear implant sends to the hearing nerve. Time runs from left to right; each row is one electrode, high \
sounds at the top, low ones at the bottom. Bright is a strong current, dark none; grey: the implant plays no part there.</dd>\
<dt>Place map</dt><dd>Each row is an electrode. The ring is the pitch of the sound it is given, the disc the pitch of the place in the inner \
ear that it excites: the longer the line between them, the more that sound is out of place. The number says by how many octaves; + is higher.</dd>\
<dt>Loudness</dt><dd>Integrated loudness (LUFS) is the loudness of a whole section, range (LU) how much it varies, true peak (dBTP) the \
highest point of the wave.</dd>\
</dl></details>\n";

fn section(out: &mut String, id: &str, title: &str, content: &str) {
    if !content.is_empty() {
        let _ = writeln!(out, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2>{content}</section>");
    }
}

fn header(out: &mut String, input: &InputForReport, clock: &Clock) {
    let names: Vec<String> = input.listeners.iter().map(|who| user(&words::who(&who.listener.name))).collect();
    let ears = if names.is_empty() {
        "nobody\u{2019}s ears".to_owned()
    } else {
        format!("the ears of {}", super::text::list(&names))
    };
    let _ = write!(
        out,
        "<header><p class=\"brand\">Auricle report</p><h1>{}</h1><p class=\"lead\">{} through {ears}: {}.</p><dl class=\"facts\">",
        user(&input.title),
        user(&input.source.file_name),
        Html(&timeline::summary(input, clock))
    );
    let [_, inside] = change::mean_levels(&input.measurements, &input.spans);
    let mut fact = |name: &str, value: &str| {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    };
    fact("Render", &user(&input.output.file_name));
    if let Some([before, after]) = inside {
        for (region, (name, _)) in change::REGIONS.iter().enumerate() {
            let change = f64::from(after[region] - before[region]);
            let words = if change <= -100.0 { "gone".to_owned() } else { format!("{} dB", signed(change, 0)) };
            fact(&format!("Inside, {name}"), &words);
        }
    }
    if let Some(peak) = input.measurements.after.whole.true_peak_dbtp {
        fact("True peak of the render", &format!("{} dBTP", number(peak, 1)));
    }
    out.push_str("</dl><nav aria-label=\"Parts of this report\"><ul>");
    for (id, name) in [
        ("see", "Sound"),
        ("cues", "Cues"),
        ("listeners", "Listeners"),
        ("levels", "Levels"),
        ("again", "Render again"),
    ] {
        if id == "listeners" && input.listeners.is_empty() {
            continue;
        }
        let _ = write!(out, "<li><a href=\"#{id}\">{name}</a></li>");
    }
    out.push_str("</ul></nav></header>\n");
}

/// Everything that decides what a render sounds like.
fn again(input: &InputForReport, clock: &Clock) -> String {
    let measurements = &input.measurements;
    let calibration = &input.sheet.calibration;
    let field = match calibration.field {
        Field::Free => "free field",
        Field::Diffuse => "diffuse field",
    };
    let sound = |facts: &SoundFacts| {
        format!(
            "{}: {}, {}, {} Hz",
            user(&facts.file_name),
            Html(&facts.layout),
            Html(&facts.codec),
            facts.sample_rate_hz
        )
    };
    let latency_ms = input.latency_samples as f64 * 1000.0 / f64::from(measurements.sample_rate_hz.max(1));
    let mut rows = vec![
        ("Program", Html(&input.program_version).to_string()),
        ("Model", Html(&input.model_version).to_string()),
        (
            "ffmpeg",
            input
                .ffmpeg_version
                .as_ref()
                .map_or_else(|| "took no part".to_owned(), |version| Html(version).to_string()),
        ),
        ("Source", sound(&input.source)),
        ("Render", sound(&input.output)),
        ("Length", format!("{} at {} Hz", count(measurements.length_samples, "sample"), measurements.sample_rate_hz)),
        ("Times", Html(&clock.describe()).to_string()),
        ("Seed", input.sheet.seed.to_string()),
        (
            "Calibration",
            format!(
                "an RMS of 1.0 (0 dB FS) stands for {} dB SPL at the ear, {field}",
                number(calibration.full_scale_db_spl, 1)
            ),
        ),
        ("Latency", format!("{} ({} ms), taken out", count(input.latency_samples, "sample"), number(latency_ms, 1))),
    ];
    rows.extend(input.facts.iter().map(|(name, value)| (name.as_str(), user(value))));
    let mut out = format!("<pre class=\"command\"><code>{}</code></pre><dl class=\"rows\">", Html(&input.command_line));
    for (name, value) in rows {
        let _ = write!(out, "<dt>{}</dt><dd>{value}</dd>", Html(name));
    }
    out.push_str("</dl>");
    if !input.files.is_empty() {
        out.push_str(
            "<h3>Files</h3><div class=\"scroll\" role=\"region\" aria-label=\"Files\" tabindex=\"0\"><table class=\"files\"><thead><tr>\
             <th scope=\"col\">What</th><th scope=\"col\">Name</th><th scope=\"col\">Size</th><th scope=\"col\">SHA-256</th></tr></thead><tbody>",
        );
        for file in &input.files {
            let _ = write!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
                Html(&file.role),
                user(&file.name),
                bytes(file.bytes),
                Html(&file.sha256)
            );
        }
        out.push_str("</tbody></table></div>");
    }
    for text in &input.texts {
        let _ = write!(
            out,
            "<details><summary>{} in full</summary><pre tabindex=\"0\"><code>{}</code></pre></details>",
            user(&text.name),
            Html(&text.text)
        );
    }
    out
}
