// The same without SIMD. Of the tables only look-ups have any: nothing of the others could differ.
import config, { entriesFor } from "./as-pect.config.js";

const isMeant = (name) => !name.startsWith("table/") || name === "table/lookup.spec.ts";

export default { ...config, entries: entriesFor(isMeant) };
