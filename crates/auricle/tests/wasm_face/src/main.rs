//! Writes what the cases sound like natively: per case the number of samples (u32) and the samples (f32),
//! little-endian. Prints, last, the instruction set that the kernels took.
//!
//! ```text
//! auricle-wasm-face OUT [SAMPLES [CASE...]]
//! ```
//! `SAMPLES` of a case per channel, half a second where not given; the cases named, or all.
#![expect(clippy::print_stdout, reason = "it answers on standard output")]

use std::io::{Error, Write};

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or_else(|| Error::other("name the file to write"))?;
    let samples = match args.next() {
        Some(samples) => samples.parse().map_err(|error| Error::other(format!("samples {samples:?}: {error}")))?,
        None => auricle_wasm_face::SAMPLES,
    };
    let names = auricle_wasm_face::names();
    let mut chosen = Vec::new();
    for wanted in args {
        let unknown = || Error::other(format!("no case is called {wanted:?}; there are {names:?}"));
        chosen.push(names.iter().position(|name| *name == wanted).ok_or_else(unknown)?);
    }
    if chosen.is_empty() {
        chosen.extend(0..names.len());
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for case in chosen {
        let samples = auricle_wasm_face::rendered(case, samples);
        file.write_all(&(samples.len() as u32).to_le_bytes())?;
        for sample in samples {
            file.write_all(&sample.to_le_bytes())?;
        }
    }
    file.flush()?;
    println!("{}", auricle::dsp::bank::instruction_set());
    Ok(())
}
