// How many times faster than real time the chain runs in WebAssembly on one core, stereo at 48 kHz.
// node bench.mjs auricle_wasm_face.wasm
import { readFileSync } from "node:fs";

const [wasm] = process.argv.slice(2);
const face = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm))).exports;
if (face.simd128() !== 1) {
  throw new Error("built without simd128: see .cargo/config.toml");
}
const ROUNDS = 9;
const GOAL = 40;
const secs = face.bench_prepare();
const speeds = [];
for (let round = 0; round < ROUNDS; round++) {
  const began = performance.now();
  if (!Number.isFinite(face.bench_run())) {
    throw new Error("what came out is not sound");
  }
  speeds.push((1000 * secs) / (performance.now() - began));
}
speeds.sort((a, b) => a - b);
const [min, median, max] = [speeds[0], speeds[ROUNDS >> 1], speeds[ROUNDS - 1]].map((x) => x.toFixed(1));
console.log(`wasm in Node ${process.versions.node}: one core, 48 kHz stereo, N3, the whole chain, blocks of 128`);
console.log(`  min ${min}  median ${median}  max ${max} x real time`);
console.log(`  goal: at least ${GOAL} x real time: ${median >= GOAL ? "reached" : "missed"}`);
