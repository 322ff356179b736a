// Every element that the root renders.
import "./hl-asked.ts";
import "./hl-bar.ts";
import "./hl-bytes.ts";
import "./hl-changes.ts";
import "./hl-device.ts";
import "./hl-errata.ts";
import "./hl-erratum.ts";
import "./hl-facts.ts";
import "./hl-fields.ts";
import "./hl-hops.ts";
import "./hl-keys.ts";
import "./hl-layers.ts";
import "./hl-note.ts";
import "./hl-picker.ts";
import "./hl-stage.ts";
import "./hl-transport.ts";
import "./hl-why.ts";
