//! Electrodograms on the film's time axis: what the implants are sent while one is inside.

use std::fmt::Write as _;

use super::colour;
use super::measurements::Stimulation;
use super::text::{Html, count, duration, number};
use super::timeline::View;
use super::words;
use crate::electrodogram::currents::{self, CurrentRange, STEPS, step_colour};

/// A strip for each implanted ear.
pub(super) fn strips(view: &View<'_>, out: &mut String) {
    let all = &view.input.measurements.stimulation;
    // One scale of colours for all, so that they can be compared.
    let mut range = CurrentRange::default();
    for (low, high) in all.iter().filter_map(|stimulation| stimulation.range_ua) {
        range.take(low);
        range.take(high);
    }
    for stimulation in all {
        strip(view, out, stimulation, range);
    }
}

fn strip(view: &View<'_>, out: &mut String, of: &Stimulation, range: CurrentRange) {
    let electrodes = usize::from(of.electrodes);
    let length = view.input.measurements.length_samples;
    let columns = usize::try_from(length.div_ceil(of.column_samples.max(1))).unwrap_or(usize::MAX);
    let columns = columns.clamp(1, of.current_ua.len().max(currents::MOST_COLUMNS));
    let uri = currents::png_uri_with_gaps(&of.current_ua, columns, electrodes, range);
    // The last column reaches beyond the end.
    let width = columns as f64 * of.column_samples as f64 / view.length * 100.0;
    let who = format!("{}, {} ear", of.listener, of.ear.name());
    let column_secs = view.clock.secs(of.column_samples);
    let column =
        if column_secs < 1.0 { format!("{} ms", number(1000.0 * column_secs, 1)) } else { duration(column_secs) };
    let _ = write!(
        out,
        "<figure><figcaption><h3>Electrodogram, <bdi>{}</bdi>, {} ear</h3><p>What the cochlear implant of {} is sent on this side while we \
         are inside: the brighter, the stronger the pulses, on average over {column}.</p>{}</figcaption><div class=\"row\">\
         <div class=\"gutter scale\" aria-hidden=\"true\">",
        Html(&of.listener),
        of.ear.name(),
        super::text::user(&words::who(&of.listener)),
        legend(range.0)
    );
    for (electrode, words) in labels(electrodes) {
        let top = (electrode as f64 - 0.5) / electrodes.max(1) as f64 * 100.0;
        let _ = write!(out, "<span style=\"top:{top:.2}%\">{words}</span>");
    }
    let _ = write!(
        out,
        "</div><div class=\"plot strip\"><img style=\"width:{width:.4}%\" src=\"{uri}\" alt=\"{}\">",
        Html(&in_words(of, &who))
    );
    view.edges(out);
    out.push_str("</div></div></figure>");
}

/// What stands beside which electrodes; they count from the base, where sound is high.
fn labels(electrodes: usize) -> Vec<(usize, String)> {
    match electrodes {
        0 => Vec::new(),
        1 => vec![(1, "1".to_owned())],
        last => {
            let middle = (last > 6).then(|| (last.div_ceil(2), last.div_ceil(2).to_string()));
            let ends = [(1, "high 1".to_owned()), (last, format!("low {last}"))];
            ends.into_iter().chain(middle).collect()
        }
    }
}

fn in_words(of: &Stimulation, who: &str) -> String {
    let range = of.range_ua.map_or_else(String::new, |(low, high)| {
        format!(" of {} to {} microamperes", number(low.into(), 0), number(high.into(), 0))
    });
    let electrodes = usize::from(of.electrodes);
    let share = |electrode: usize| {
        of.current_ua.iter().filter(|column| column.get(electrode).is_some_and(|ua| *ua > 0.0)).count()
    };
    let busiest = (0..electrodes).max_by_key(|electrode| share(*electrode)).filter(|electrode| share(*electrode) > 0);
    let busiest = busiest.map_or_else(String::new, |electrode| {
        let ran = of.current_ua.iter().filter(|column| !column.is_empty()).count().max(1);
        format!(
            " Electrode {} fires most often: in {} % of the time that the processor is on.",
            electrode + 1,
            number(100.0 * share(electrode) as f64 / ran as f64, 0)
        )
    });
    format!(
        "Electrodogram of {who}: {}{range} on {}, electrode 1 (at the base of the cochlea, high sounds) at the top, electrode \
         {electrodes} (at the apex, low sounds) at the bottom.{busiest}",
        count(of.pulses, "pulse"),
        count(electrodes as u64, "electrode")
    )
}

fn legend(range_ua: Option<(f32, f32)>) -> String {
    let mut out = String::from("<p class=\"legend\">");
    if let Some((low, high)) = range_ua {
        let stops: Vec<String> = (0..STEPS).step_by(3).map(|step| colour::hex(step_colour(step))).collect();
        let _ = write!(
            out,
            "<span>{} \u{b5}A</span><span class=\"ramp\" style=\"background:linear-gradient(90deg,{})\"></span><span>{} \u{b5}A</span>",
            number(low.into(), 0),
            stops.join(","),
            number(high.into(), 0)
        );
    }
    let _ = write!(
        out,
        "<span class=\"key\"><i class=\"nothing\" style=\"background:{}\"></i>no pulse</span><span class=\"key\">\
         <i class=\"nothing silent\"></i>not inside, or processor off</span></p>",
        colour::hex(colour::level(0.0))
    );
    out
}
