//! The auricle program.
fn main() {}
