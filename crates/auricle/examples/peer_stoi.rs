//! Auricle's side of the comparison of STOI and ESTOI in `cargo xtask peers`: answers orders, one a line on standard
//! input, with a line of JSON each.
//!
//! ```text
//! SAMPLE_RATE_HZ CLEAN HEARD        files of 32-bit floats in the machine's order, mono, of one length
//! ```
#![expect(clippy::print_stdout, reason = "it answers on standard output")]

use std::error::Error;
use std::io::{BufRead, Write};

use auricle::measure::stoi::ShortTime;

fn read(path: &str) -> Result<Vec<f32>, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.as_chunks().0.iter().map(|sample| f32::from_ne_bytes(*sample)).collect())
}

fn answer(order: &str) -> Result<String, Box<dyn Error>> {
    let [rate, clean, heard] = order.split('\t').collect::<Vec<_>>()[..] else {
        return Err(format!("no such order: {order:?}").into());
    };
    let measured = ShortTime::new(&read(clean)?, &read(heard)?, rate.parse()?)?;
    Ok(format!(r#"{{"stoi": {}, "estoi": {}}}"#, measured.stoi(), measured.estoi()))
}

fn main() -> Result<(), Box<dyn Error>> {
    for order in std::io::stdin().lock().lines() {
        println!("{}", answer(&order?)?);
        std::io::stdout().flush()?;
    }
    Ok(())
}
