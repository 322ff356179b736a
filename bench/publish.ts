// `npm run bench:chart`: charts and tables of the documents, anew out of bench/results.
import { publish } from "./documents.ts";

const changed = publish();
console.log(changed.length === 0 ? "all documents are up to date" : changed.join("\n"));
