//! `auricle demo`: the program makes a film of its own and renders it through the drummer's ears.

mod plan;
mod rng;
mod score;
mod sound;

pub(crate) fn try_sound(path: &str) -> anyhow::Result<()> {
    let score = score::Score::new(7);
    let t = std::time::Instant::now();
    let s = sound::film(&score, 7);
    eprintln!("{:?}", t.elapsed());
    let mut bytes = Vec::new();
    for (l, r) in s.left.iter().zip(&s.right) {
        bytes.extend(l.to_le_bytes());
        bytes.extend(r.to_le_bytes());
    }
    std::fs::write(path, bytes)?;
    Ok(())
}
