// Runs the WebAssembly of the cases and writes what they sound like: per case the number of samples (u32)
// and the samples (f32), little-endian. node run.mjs auricle_wasm_face.wasm OUT
import { readFileSync, writeFileSync } from "node:fs";

const [wasm, out] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(wasm));
const imports = WebAssembly.Module.imports(module);
if (imports.length > 0) {
  throw new Error(`the model must need nothing from outside, but imports ${JSON.stringify(imports)}`);
}
const face = new WebAssembly.Instance(module).exports;
if (face.simd128() !== 1) {
  throw new Error("built without simd128: see .cargo/config.toml");
}
const parts = [];
for (let which = 0; which < face.cases(); which++) {
  const length = face.render(which);
  // A view of its own each time: the memory may have grown and moved.
  const bytes = new Uint8Array(face.memory.buffer, face.output(), 4 * length);
  const header = new Uint8Array(new Uint32Array([length]).buffer);
  parts.push(header, bytes.slice());
}
writeFileSync(out, Buffer.concat(parts));
