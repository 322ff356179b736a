// The same without SIMD. No table has any, so nothing of theirs could differ.
import config, { entriesFor } from "./as-pect.config.js";

export default { ...config, entries: entriesFor((name) => !name.startsWith("table/")) };
