// Every element that stands in the lab itself; what stands over it is loaded when it is asked for.
import "./hl-asked.ts";
import "./hl-bar.ts";
import "./hl-bytes.ts";
import "./hl-changes.ts";
import "./hl-drop.ts";
import "./hl-erratum.ts";
import "./hl-fields.ts";
import "./hl-hops.ts";
import "./hl-layers.ts";
import "./hl-transport.ts";
import "./hl-why.ts";
