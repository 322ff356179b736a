// Headers beside a DataView: check and read every field, and write all of it.
import { compile } from "./compile.ts";
import type { Case } from "./measure.ts";
import { BYTES, emitAll, HEADERS, readAll, TWIN_CODECS } from "./twin-codec.ts";

type Call = () => number;

export async function* codecCases(): AsyncGenerator<Case> {
  const exports = await compile("codecs");
  const place = (exports.open as Call)();
  const { buffer } = exports.memory as WebAssembly.Memory;
  const inCore = new Uint8Array(buffer, place, BYTES);
  for (const [name, { read, emit }] of Object.entries(TWIN_CODECS)) {
    const inTwin = new Uint8Array(BYTES);
    const view = new DataView(inTwin.buffer);
    emitAll(view, emit);
    inCore.set(inTwin);
    const twinRead = (): number => readAll(view, read);
    const expected = twinRead();
    const wasmRead = exports[`${name}Read`] as Call;
    const some = { items: HEADERS };
    yield { name: `${name} check and read`, ...some, expected, wasm: wasmRead, twin: twinRead };
    const wasmEmit = exports[`${name}Emit`] as Call | undefined;
    if (wasmEmit === undefined) continue; // the core never writes one
    inCore.fill(0);
    wasmEmit();
    const at = inCore.findIndex((byte, index) => byte !== inTwin[index]);
    if (at >= 0) throw new Error(`${name}: byte ${at % 64} of header ${Math.floor(at / 64)}`);
    const twinEmit = (): number => emitAll(view, emit);
    const wasm = wasmEmit;
    yield { name: `${name} emit`, ...some, expected: HEADERS, wasm, twin: twinEmit };
  }
}
