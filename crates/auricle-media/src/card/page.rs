//! The card as one HTML file that needs nothing but itself.

use std::fmt::Write as _;

use auricle::level::Field;
use auricle::measure::ImplantExamination;

use super::{Examination, ExaminedEar, ear, implant};
use crate::report::text::{Html, capitalised, number, signed, user};
use crate::report::{self, Ears};

const STYLE: &str = include_str!("card.css");

/// The card as a self-contained page; `command_line` makes it again.
pub fn render_html(examination: &Examination, command_line: &str) -> String {
    let (listener, state) = &examination.findings;
    let mut out = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"{}\">\n<title>{}, {} \u{2013} Auricle accuracy card</title>\n<style>{}{}{STYLE}</style>\n\
         </head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the card</a>\n",
        Html(&examination.program_version),
        Html(&listener.name),
        Html(&state.name),
        report::page::STYLE,
        report::audiogram::STYLE
    );
    header(&mut out, examination);
    out.push_str("<main id=\"main\">\n");
    let title = format!("{}, {}", listener.name, state.name);
    let both = examination.right == ExaminedEar::AsTheLeft;
    type Side<'a> = (&'a ExaminedEar, Option<&'a ImplantExamination>, Ears, &'a str);
    let (left, right) = (examination.left_implant.as_deref(), examination.right_implant.as_deref());
    let sides: &[Side<'_>] = if both {
        &[(&examination.left, left, Ears::Both, "both ears")]
    } else {
        &[(&examination.right, right, Ears::Right, "right ear"), (&examination.left, left, Ears::Left, "left ear")]
    };
    for (outcome, electric, side, name) in sides {
        let title = format!("{title}, {name}");
        let content = match outcome {
            ExaminedEar::Examined(found) => ear::ear(found, state, *side, &title),
            ExaminedEar::NotExamined { reason } => {
                format!("<p>The {name} was not examined: {}.</p>", Html(reason))
            }
            ExaminedEar::AsTheLeft | ExaminedEar::ByImplant => String::new(),
        };
        let id = name.replace(' ', "-");
        if !content.is_empty() {
            section(&mut out, &id, &capitalised(name), &content);
        }
        if let Some(found) = electric {
            let heading = format!("{}: the implant", capitalised(name));
            section(&mut out, &format!("{id}-implant"), &heading, &implant::implant(found, *side, &title));
        }
    }
    if !examination.noise.is_empty() {
        section(&mut out, "noise", "What becomes of noise", &noise(examination));
    }
    let electric = left.or(right).is_some();
    let how = if electric { format!("{HOW}{HOW_IMPLANT}") } else { HOW.to_owned() };
    let limits = if electric { format!("{LIMITS}{LIMITS_IMPLANT}") } else { LIMITS.to_owned() };
    section(&mut out, "how", "How it was measured", &format!("<div class=\"prose\">{how}</div>"));
    section(&mut out, "limits", "What this cannot show", &format!("<div class=\"prose\">{limits}</div>"));
    let again = format!("<pre class=\"command\"><code>{}</code></pre>", Html(command_line));
    section(&mut out, "again", "Measure it again", &again);
    let _ = write!(
        out,
        "</main>\n<footer><p>Written by {}. A listener here is a model from findings: nobody\u{2019}s exact hearing, and no \
         diagnosis.</p></footer>\n</body>\n</html>\n",
        Html(&examination.program_version)
    );
    out
}

fn section(out: &mut String, id: &str, title: &str, content: &str) {
    let _ = writeln!(out, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2>{content}</section>");
}

fn header(out: &mut String, examination: &Examination) {
    let (listener, state) = &examination.findings;
    let missed = examination.bars().filter(|(_, bar)| !bar.met).count();
    let count = examination.bars().count();
    let verdict = match missed {
        0 => format!("<span class=\"met\">All {count} bars are met.</span>"),
        missed => format!("<span class=\"missed\">{missed} of {count} bars missed.</span>"),
    };
    let field = match examination.calibration.field {
        Field::Free => "free field",
        Field::Diffuse => "diffuse field",
    };
    let acoustic = [&examination.left, &examination.right].into_iter().any(|ear| ear.examination().is_some());
    let lead = if acoustic {
        "Tones were played through the simulation of these ears to an ear of normal hearing, as an audiologist would, and \
         compared with the audiogram that the simulation was given."
    } else {
        "Tones were played in the sound field to the processors of these ears, as an audiologist would, and compared with the \
         thresholds that their maps imply."
    };
    let _ = write!(
        out,
        "<header><p class=\"brand\">Auricle accuracy card</p><h1>{}, {}</h1><p class=\"lead\">{lead}</p><p class=\"verdict\">{verdict}</p><dl class=\"facts\">",
        user(&listener.name),
        user(&state.name)
    );
    for (name, value) in [
        ("Listener", user(&examination.reference)),
        ("Sample rate", format!("{} Hz", examination.sample_rate_hz)),
        ("Calibration", format!("RMS 1.0 = {} dB SPL, {field}", number(examination.calibration.full_scale_db_spl, 0))),
        ("Speech", if acoustic { user(&examination.speech_source) } else { String::new() }),
        ("Program", Html(&examination.program_version).to_string()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>");
    for note in &examination.notes {
        let _ = write!(out, "<p class=\"note\">{}</p>", Html(note));
    }
    out.push_str("</header>\n");
}

fn noise(examination: &Examination) -> String {
    let mut out = String::from(
        "<div class=\"prose\"><p>The law of recruitment is one for tones. A noise swells and fades in every band, and growth \
         steeper than 1 enlarges that: noise comes out louder than a tone of its level would, and rougher. This holds for any \
         listener with such a loss, and is measured with flat losses, at a level halfway between threshold and full \
         recovery, in one auditory filter at 1 kHz.</p></div><div class=\"scroll\" role=\"region\" aria-label=\"Noise\" \
         tabindex=\"0\"><table class=\"numbers\"><thead><tr><th scope=\"col\">loss</th><th scope=\"col\">noise in</th><th \
         scope=\"col\">a tone would come out at</th><th scope=\"col\">the noise comes out at</th><th scope=\"col\">louder \
         by</th><th scope=\"col\">fluctuation in, out</th><th scope=\"col\">roughness in, out</th></tr></thead><tbody>",
    );
    for row in &examination.noise {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{} dB HL</th><td>{} dB HL</td><td>{} dB HL</td><td>{} dB HL</td><td>{} dB</td><td>{}, {} dB</td>\
             <td>{}, {}</td></tr>",
            number(row.loss_db_hl, 0),
            number(row.before.level_db_hl, 1),
            number(row.law_db_hl, 1),
            number(row.after.level_db_hl, 1),
            signed(row.louder_db(), 1),
            number(row.before.fluctuation_db, 1),
            number(row.after.fluctuation_db, 1),
            number(row.before.roughness, 2),
            number(row.after.roughness, 2)
        );
    }
    out.push_str(
        "</tbody></table></div><p class=\"note\">Fluctuation: standard deviation of levels over 5 ms. Roughness: modulations of the \
         envelope from 20 to 150 Hz, RMS, re its mean.</p>",
    );
    out
}

const HOW: &str = "\
<p><b>Who listens.</b> An ear of normal hearing. It hears a tone in silence when the level of all that comes out of the simulation \
reaches 0 dB HL at the tone\u{2019}s frequency (ISO 389-7, in the field of the calibration). With a tinnitus on, the tone also has to \
reach half the power of what of the ringing comes through one auditory filter (a gammatone one ERB wide) at the tone.</p>\
<p><b>Thresholds.</b> The shortened ascending method of ISO 8253-1 in 5 dB steps (two answers of three ascents), finished in 1 dB and \
0.25 dB steps and interpolated. \u{201c}In 5 dB steps\u{201d} is what a clinic would write down: the next step, be the threshold ever so little above the last. \u{201c}Tone at threshold\u{201d} is the \
level, in dB HL, that a tone of the stated threshold comes out at: 0 is aimed at; the error of the threshold, times the growth of \
loudness there, is its size.</p>\
<p><b>Growth.</b> Tones from below threshold to above full recovery; the slope of a straight line from 3 dB above threshold to 4 dB below \
recovery, against C/(C\u{2212}H) with C = 105 dB HL (Moore &amp; Glasberg 1993; C rises with H from 94.5 dB HL on, so that growth stays \
at 10).</p>\
<p><b>Filters.</b> Noise with a gap, in an ear that has the smearing and no other loss; what comes through the gap is fitted by a rounded \
exponential (Glasberg &amp; Moore 1990). <b>Smearing</b> is that of the ear with its thresholds taken out; levels are compared with what went in.</p>\
<p><b>Speech.</b> The speech intelligibility index of ANSI S3.5-1997 in third octaves, in quiet: once from the audiogram as the standard \
has it, once from the spectrum that comes out, for a normal ear. It says how much of speech, weighted by importance, is above \
threshold. How many words are understood at an index depends on the words and on the listener.</p>";

const LIMITS: &str = "\
<ul><li><b>Off-frequency listening.</b> A strong tone excites neighbouring places too. Where the audiogram is steep, or a region is dead, \
a neighbouring place hears the tone first, in life as in the simulation: thresholds there are those of the neighbour, and \
no simulation that keeps to physics can raise them. The audiogram a clinic measures contains this already, and the simulation \
is solved so that it comes back. In a dead region (\u{201c}dead region\u{201d} in the tables) what is measured is the leak to living \
places; it is told and not held to the audiogram.</li>\
<li><b>Heard at.</b> Smearing throws part of a tone to side tones some hundred Hz away. Where the table names another place than the tone\u{2019}s \
own, most of what is heard at threshold is such a side tone, and a listener would judge its pitch to be off.</li>\
<li><b>Filters.</b> Phases are kept, so that smearing broadens filters less than it claims, most at low frequencies; measured and claimed \
values stand side by side above. A steady tone in a gap of noise is heard more easily than by a person with such filters.</li>\
<li><b>Better than 0 dB HL</b> is not modelled: such thresholds count as 0.</li>\
<li><b>Speech in noise</b> is not part of this card, nor is timing: gaps, rhythm and localisation are not examined.</li>\
<li>A loss of inner hair cells or of the nerve, with healthy growth of loudness, cannot be simulated by changing sound; \
and a listener with hearing loss who hears a simulation of it hears the loss twice.</li></ul>";

const HOW_IMPLANT: &str = "\
<p><b>Through an implant.</b> T levels are currents that the nerve was found to hear. So a tone in the sound field is heard where the \
processor makes a pulse at or above T; thresholds are found as above, and taken to lie midway between the last tone that is not heard \
and the first that is. \u{201c}Implied by T\u{201d} is what the map, growth, bands, pre-emphasis and sensitivity amount to, worked out without \
playing a tone. Pulses of two seconds of speech-like noise, of silence, of tones and of a sweep are counted where they break a law of the \
strategy; level, modulation and latency are those of the information path on sines at the centres of the bands, at full volume.</p>";

const LIMITS_IMPLANT: &str = "\
<ul><li><b>Implants.</b> The thresholds are those of the map, not of a person: whether T levels were fitted well, only the person can \
say. What an implant sounds like to its user (the percept) has no threshold and is not examined; nor are loudness summation over \
electrodes, what the nerve makes of a rate, and how many words are understood.</li></ul>";
