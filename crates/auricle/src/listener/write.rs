//! Writes a listener file that a person can read.

use std::fmt::{self, Display, Write};

use super::form::{AIR_LIMIT_DB_HL, BONE_LIMIT_DB_HL};
use super::{EarFindings, Listener, Movement, Sex, Smearing, State, Tinnitus, TinnitusSound, implant};
use crate::audiogram::{Audiogram, Threshold};

impl Listener {
    /// The listener as a listener file (TOML): `Listener::parse` reads it back as it was.
    pub fn to_toml(&self) -> String {
        self.as_file().to_string()
    }

    fn as_file(&self) -> impl Display + '_ {
        fmt::from_fn(move |f| {
            writeln!(f, "name = {}", text(&self.name))?;
            let card = &self.card;
            if *card != super::Card::default() {
                writeln!(f, "\n[card]")?;
                if !card.summary.is_empty() {
                    writeln!(f, "summary = {}", text(&card.summary))?;
                }
                for (field, claims) in
                    [("modelled", &card.modelled), ("not_modelled", &card.not_modelled), ("evidence", &card.evidence)]
                {
                    if !claims.is_empty() {
                        writeln!(f, "{field} = [")?;
                        for claim in claims {
                            writeln!(f, "    {},", text(claim))?;
                        }
                        writeln!(f, "]")?;
                    }
                }
            }
            self.states.iter().try_for_each(|state| write_state(f, state))
        })
    }
}

fn write_state(f: &mut fmt::Formatter<'_>, state: &State) -> fmt::Result {
    writeln!(f, "\n[[state]]\nname = {}", text(&state.name))?;
    for (field, words) in [("about", &state.about), ("caption", &state.caption)] {
        if !words.is_empty() {
            writeln!(f, "{field} = {}", text(words))?;
        }
    }
    write_movement(f, &state.movement)?;
    if state.left == state.right {
        write_ear(f, "both", &state.left)
    } else {
        write_ear(f, "left", &state.left)?;
        write_ear(f, "right", &state.right)
    }
}

fn write_movement(f: &mut fmt::Formatter<'_>, movement: &Movement) -> fmt::Result {
    let from = |from: &Option<String>| from.as_ref().map_or(String::new(), |from| format!(", from = {}", text(from)));
    let secs = |secs: &Option<f64>| secs.map_or(String::new(), |secs| format!(", secs = {secs}"));
    match movement {
        Movement::Instant => Ok(()),
        Movement::Ramp { from: state, secs: duration } => {
            writeln!(f, "movement = {{ kind = \"ramp\"{}{} }}", from(state), secs(duration))
        }
        Movement::Flicker { from: state, mean_on_secs, mean_off_secs, slope_ms, depth } => writeln!(
            f,
            "movement = {{ kind = \"flicker\"{}, mean_on_secs = {mean_on_secs}, mean_off_secs = {mean_off_secs}, slope_ms = {slope_ms}, depth = {depth} }}",
            from(state)
        ),
        Movement::Decline { from_age_years, to_age_years, sex, exposure, secs: duration } => {
            let sex = match sex {
                Sex::Female => "female",
                Sex::Male => "male",
            };
            let exposure = exposure.map_or(String::new(), |exposure| {
                let (level, years) = (exposure.level_ex_8h_db, exposure.years_before);
                format!(", exposure = {{ level_ex_8h_db = {level}, years_before = {years} }}")
            });
            writeln!(
                f,
                "movement = {{ kind = \"decline\", from_age_years = {from_age_years}, to_age_years = {to_age_years}, sex = \"{sex}\"{exposure}{} }}",
                secs(duration)
            )
        }
    }
}

fn write_ear(f: &mut fmt::Formatter<'_>, side: &str, ear: &EarFindings) -> fmt::Result {
    if *ear == EarFindings::default() {
        return Ok(());
    }
    writeln!(f, "\n[state.{side}]")?;
    if !ear.air.points.is_empty() {
        writeln!(f, "air = {}", audiogram(&ear.air, AIR_LIMIT_DB_HL))?;
    }
    if let Some(bone) = &ear.bone {
        writeln!(f, "bone = {}", audiogram(bone, BONE_LIMIT_DB_HL))?;
    }
    if !ear.dead.is_empty() {
        let regions: Vec<String> =
            ear.dead.iter().map(|region| format!("[{}, {}]", region.from_hz, region.to_hz)).collect();
        writeln!(f, "dead = [{}]", regions.join(", "))?;
    }
    match ear.smearing {
        Smearing::FromLoss => {}
        Smearing::Off => writeln!(f, "smearing = \"off\"")?,
        Smearing::Broadening(factor) => writeln!(f, "smearing = {factor}")?,
    }
    if ear.temporal_smearing_ms != 0.0 {
        writeln!(f, "temporal_smearing_ms = {}", ear.temporal_smearing_ms)?;
    }
    if let Some(tinnitus) = &ear.tinnitus {
        write_tinnitus(f, tinnitus)?;
    }
    // An implanted ear of which no audiogram is stated is deaf without a word.
    let taken_for_deaf = ear.implant.is_some() && ear.air.points.is_empty();
    if ear.deaf != taken_for_deaf {
        writeln!(f, "deaf = {}", ear.deaf)?;
    }
    ear.implant.as_ref().map_or(Ok(()), |implant| implant::write(f, side, implant))
}

fn write_tinnitus(f: &mut fmt::Formatter<'_>, tinnitus: &Tinnitus) -> fmt::Result {
    let Tinnitus { sound, frequency_hz, level_db_sl, cap_db_spl } = tinnitus;
    let (sound, bandwidth) = match sound {
        TinnitusSound::Tone => ("tone", String::new()),
        TinnitusSound::Band { bandwidth_octaves } => ("band", format!(", bandwidth_octaves = {bandwidth_octaves}")),
        TinnitusSound::Noise => ("noise", String::new()),
    };
    writeln!(
        f,
        "tinnitus = {{ sound = \"{sound}\", frequency_hz = {frequency_hz}{bandwidth}, level_db_sl = {level_db_sl}, cap_db_spl = {cap_db_spl} }}"
    )
}

/// `{ 250 = 35, "437.5" = 40, 4000 = "no response" }`.
fn audiogram(audiogram: &Audiogram, usual_limit_db_hl: f64) -> impl Display + '_ {
    fmt::from_fn(move |f| {
        if audiogram.points.is_empty() {
            // The format has no empty audiogram; this one means the same.
            return write!(f, "{{ 1000 = 0 }}");
        }
        write!(f, "{{")?;
        for (i, (hz, threshold)) in audiogram.points.iter().enumerate() {
            write!(f, "{}", if i == 0 { " " } else { ", " })?;
            if hz.fract() == 0.0 {
                write!(f, "{hz} = ")?
            } else {
                write!(f, "\"{hz}\" = ")?
            }
            match *threshold {
                Threshold::DbHl(db_hl) => write!(f, "{db_hl}")?,
                Threshold::NoResponse { limit_db_hl } if limit_db_hl == usual_limit_db_hl => {
                    write!(f, "\"no response\"")?;
                }
                Threshold::NoResponse { limit_db_hl } => write!(f, "\">{limit_db_hl}\"")?,
            }
        }
        write!(f, " }}")
    })
}

/// A TOML basic string.
fn text(words: &str) -> String {
    let mut quoted = String::with_capacity(words.len() + 2);
    quoted.push('"');
    for c in words.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
