//! What an examined implant has to say on a terminal.

use std::fmt::Write as _;

use auricle::measure::ImplantExamination;
use auricle::measure::implant::SoundFieldRow;

use super::{bars, level, round};

/// Cells of a line of electrodes.
const PER_LINE: usize = 11;

pub(super) fn describe(text: &mut String, name: &str, found: &ImplantExamination) {
    let [low_hz, high_hz] = found.bands_hz;
    let _ = writeln!(
        text,
        "\n{name}: implant, {}, {:.1} pulses a second on each channel, bands from {low_hz:.0} to {high_hz:.0} Hz",
        found.strategy, found.rate_pps
    );
    let rows = &found.sound_field;
    line(text, "  sound field, Hz", rows, |row| format!("{}", row.frequency_hz));
    line(text, "    implied dB HL", rows, |row| {
        row.implied_db_hl.map_or("no band".to_owned(), |db| format!("{:.2}", round(db)))
    });
    line(text, "    measured", rows, |row| row.found.map_or("-".to_owned(), |found| level(found.threshold_db_hl)));
    line(text, "    error", rows, |row| match (row.error_db, row.implied_db_hl) {
        (Some(error), _) => format!("{:+.2}", round(error)),
        (None, Some(_)) => "unheard".to_owned(),
        (None, None) => "-".to_owned(),
    });
    line(text, "    electrode", rows, |row| row.electrode.map_or("-".to_owned(), |electrode| electrode.to_string()));
    let stimulated = found.electrodes.iter().filter(|row| row.stimulated).count();
    let _ = writeln!(
        text,
        "  {stimulated} of {} electrodes, {:.1} effective channels; place above band, octaves, from base to apex:",
        found.electrodes.len(),
        found.effective_channels
    );
    for electrodes in found.electrodes.chunks(PER_LINE) {
        text.push_str("   ");
        for row in electrodes {
            let mismatch = row.mismatch_octaves.map_or("off".to_owned(), |octaves| format!("{octaves:+.2}"));
            let _ = write!(text, " {:>2}:{mismatch:<6}", row.electrode);
        }
        *text = format!("{}\n", text.trim_end());
    }
    for tone in &found.tones {
        let _ = writeln!(
            text,
            "    {} Hz at {} dB SPL comes through at {:.1} dB SPL",
            tone.frequency_hz, tone.in_db_spl, tone.out_db_spl
        );
    }
    for row in &found.modulation {
        let _ = writeln!(text, "    modulation of {} Hz: {:.0} % comes through", row.modulation_hz, 100.0 * row.passed);
    }
    let _ = writeln!(
        text,
        "    latency: {:.2} ms stated, {:.2} ms measured, of which the pulses {:.2} ms; beside the other ear {} ms more",
        found.stated_latency_ms, found.measured_latency_ms, found.processor_latency_ms, found.delay_ms
    );
    bars(text, &found.bars);
}

fn line(text: &mut String, name: &str, rows: &[SoundFieldRow], cell: impl Fn(&SoundFieldRow) -> String) {
    let _ = write!(text, "{name:<18}");
    for row in rows {
        let _ = write!(text, "{:>8}", cell(row));
    }
    text.push('\n');
}
