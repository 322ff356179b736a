// What asc leaves to a linker: equal constants become one.
//
// Every member of an exported enum is an immutable global, and asc makes one for each name. Most of
// these numbers are equal, so here equal ones share a global, whatever their names.
import binaryen from "binaryen";

/** The module with as many immutable globals as it exports numbers. */
export function shareGlobals(bytes) {
  const module = binaryen.readBinary(bytes);
  const exports = Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  );
  const shared = new Map();
  for (const { kind, name, value } of exports) {
    if (kind !== binaryen.ExternalGlobal) continue;
    const { init, mutable } = binaryen.getGlobalInfo(module.getGlobal(value));
    if (mutable) throw new Error(`${name} is exported and may change`);
    const number = binaryen.getExpressionInfo(init).value;
    if (!shared.has(number)) shared.set(number, value);
    module.removeExport(name);
    module.addGlobalExport(shared.get(number), name);
  }
  module.runPasses(["remove-unused-module-elements"]);
  const linked = module.emitBinary();
  module.dispose();
  return linked;
}
