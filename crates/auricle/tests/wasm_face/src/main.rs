//! Writes what the cases sound like natively: per case the number of samples (u32) and the samples (f32),
//! little-endian.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).ok_or_else(|| std::io::Error::other("name the file to write"))?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for case in 0..auricle_wasm_face::cases() {
        let samples = auricle_wasm_face::rendered(case as usize);
        file.write_all(&(samples.len() as u32).to_le_bytes())?;
        for sample in samples {
            file.write_all(&sample.to_le_bytes())?;
        }
    }
    file.flush()
}
