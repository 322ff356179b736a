// What asc leaves to a linker: which calls a packet has to pay for, and what hosts need not carry.
//
// asc knows one measure of inlining for the whole module: everything, or nearly nothing. Here the
// leaves that every packet passes are inlined into the functions that every packet passes, and
// nowhere else: the callers that only set tables up share one copy of each leaf, its twin.
import binaryen from "binaryen";
import { layoutHash, layoutOf } from "./layout.mjs";

// What every packet calls: the end of a function's path in the module. A test of the house holds
// these lists against the sources; a function that asc itself has inlined is gone from the module.
export const LEAVES = [
  ...["arith/isWithin", "checksum/fold", "checksum/update", "endian/swap16", "bswap<u32>"],
  ...["hash/mix", "hash/scale", "node/addCount", "rows/rowAt", "rows/rowPtr"],
  ...["cuckoo/findIn", "cuckoo/pickIn", "cuckoo/firstOf", "cuckoo/twinOf", "fdb/isExpired"],
  ...["route/routeFind", "route/routeMatch", "route/rootOf", "prefix/nameOf"],
  ...["branch/Branch#longest", "branch/Branch#next", "branch/Branch#hopPtr", "branch/rank"],
  ...["fast/isOrdinary", "fast/isInside", "fast/fastTos", "fast/emitFast"],
  ...["fast-encap/remoteOf", "fast-decap/isOurs", "fast-decap/isLegal", "fast-decap/isKnown"],
  ...["fast-decap/mayCome", "fast/endsOf", "fast/emitRange", "node/takeIpId"],
  ...["fast-outer/emitFastOuter", "fast-outer/fastPayloadLen", "flow/packetHash"],
  ...[
    "fdb/fdbLive",
    "fdb/fdbSee",
    "fdb/isOlder",
    "remote/remoteRow",
    "cuckoo/cuckooSeek",
    "cuckoo/cuckooPick",
  ],
  ...["outer/sourcePort", "outer/isMartian", "frame/carriesIpv4"],
  ...["burst/Burst#get:next", "desc/Desc#emit", "desc/checkPlain", "ipv4/replace"],
  ...["flow/stir", "flow/finish", "flow/hasPorts", "outer/domainOf", "outer/beginTo"],
];

// Where packets pass: whole folders and files, and single functions of the tables.
export const PACKET_PATHS = [
  ...["assembly/path/", "assembly/wire/", "assembly/base/checksum/"],
  ...["fdb/fdbFindAll", "fdb/isExpired"],
  ...["route/routeFind", "route/routeMatch", "branch/Branch#longest", "route/route_lookup_bulk"],
  ...["neighbor/neighbor_lookup_bulk"],
  ...["domain/domainAge", "flood/floodFirst", "flood/floodNext"],
  ...["flood/floodPlace", "port/portAt", "remote/remoteAt"],
];

// Of these, what runs once a burst or less, and what is content with less speed: the router would
// take 600 bytes more, the decoder 200, bare packets' tunnels 600, what a fast path precedes 1700.
export const ASIDE = [
  ...["burst/Burst.check", "path/encap/", "path/decap/", "path/outer/", "path/error/"],
  ...["path/fragment/", "path/resolve/", "path/segment/", "path/coalesce/", "path/virtio/"],
  ...["path/route/", "path/decode/", "path/layer/", "path/bridge/", "path/nat/", "path/translate/"],
  ...["wire/option/", "wire/igmp/", "wire/tcp/", "wire/virtio/", "path/clamp/", "outer/goesBack"],
  ...["path/stream/", "path/flow/", "path/frame/", "path/link/", "path/ecn/", "path/tunnel/"],
  ...["wire/ipv4/", "wire/udp/", "path/element/", "path/burst/"],
];

/** The loops over packets and keys, and what they may call: for few of them, or once a burst. */
export const LOOPS = {
  "fast-encap/fastEncap": ["inputEnd", "outputEnd", "commitTo", "frameHash"],
  "fast-decap/fastDecap": ["inputEnd", "outputEnd", "commitTo", "remoteFind"],
  "fdb/fdbFindAll": ["domainAge"],
};

const FEATURES =
  binaryen.Features.BulkMemory |
  binaryen.Features.BulkMemoryOpt |
  binaryen.Features.MutableGlobals |
  binaryen.Features.NontrappingFPToInt |
  binaryen.Features.SignExt |
  binaryen.Features.SIMD128;

const FUNCTION = /\n(?= \(func \$)/; // in binaryen's text, each function begins a line
const NAME = /^ \(func \$([^\s)]+)/;
const CALL = /\(call \$([^\s)]+)/g;
const TWIN = "~twin";
const HASH = "abi_layout";
const LEAF_SIZE_MAX = 400; // in binaryen's units: any leaf
const CALL_SIZE = 2; // what is smaller than the call itself

/**
 * Links what asc made; it needs the names of functions (`debug`), and drops them, but for who wants
 * to see whose bytes these are.
 */
export function link(bytes, { keepsNames = false } = {}) {
  const module = open(withTwins(textOf(bytes)));
  inlineLeaves(module);
  setInlining(CALL_SIZE, 1);
  module.optimize();
  module.optimize(); // what the first one uncovers
  expectInlined(module);
  dropLayout(module);
  addHash(module, layoutHash(layoutOf(bytes)));
  module.runPasses(["remove-unused-module-elements", "reorder-functions"]);
  if (!keepsNames) module.runPasses(["strip-debug"]);
  binaryen.setDebugInfo(keepsNames);
  const linked = module.emitBinary();
  binaryen.setDebugInfo(false);
  module.dispose();
  return linked;
}

/** Adds to what asc made the one number that hosts ask for; all else stays as it is. */
export function seal(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  addHash(module, layoutHash(layoutOf(bytes)));
  binaryen.setDebugInfo(true);
  const sealed = module.emitBinary();
  binaryen.setDebugInfo(false);
  module.dispose();
  return sealed;
}

function open(text) {
  const module = binaryen.parseText(text);
  module.setFeatures(FEATURES);
  return module;
}

function textOf(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  const text = module.emitText();
  module.dispose();
  return text;
}

// Gives each leaf a twin, and whatever lies aside of the packets' way calls the twins.
function withTwins(text) {
  const [head, ...functions] = text.split(FUNCTION);
  const twins = functions
    .filter((source) => isLeaf(nameOf(source)))
    .map((source) => source.replace(NAME, (line) => line + TWIN));
  const rest = functions.map((source) => (isOnTheWay(nameOf(source)) ? source : callTwins(source)));
  const shared = twins.map((source) => (isSeek(source) ? source : callTwins(source)));
  return [head, ...shared.map(withoutEnd), ...rest].join("\n");
}

// The look-up that nearly everything shares is worth its own leaves.
function isSeek(source) {
  return nameOf(source).endsWith(`/cuckooSeek${TWIN}`);
}

function nameOf(source) {
  return NAME.exec(source)[1];
}

function callTwins(source) {
  return source.replace(CALL, (call, callee) => (isLeaf(callee) ? call + TWIN : call));
}

// The last function of the text carries the module's closing parenthesis.
function withoutEnd(source) {
  return source.replace(/\n \)\n\)\s*$/, "\n )");
}

function isLeaf(name) {
  return LEAVES.some((leaf) => name.endsWith(`/${leaf}`));
}

function isOnTheWay(name) {
  if (isLeaf(name)) return true;
  return PACKET_PATHS.some((path) => name.includes(path)) && !ASIDE.some((it) => name.includes(it));
}

function inlineLeaves(module) {
  for (const name of functionNames(module)) {
    if (isLeaf(name)) continue;
    binaryen.setPassArgument("no-inline", name);
    module.runPasses(["no-inline"]);
  }
  setInlining(LEAF_SIZE_MAX, 0);
  module.runPasses(["inlining-optimizing"]);
}

function functionNames(module) {
  return Array.from({ length: module.getNumFunctions() }, (_, index) => {
    return binaryen.getFunctionInfo(module.getFunctionByIndex(index)).name;
  });
}

function setInlining(sizeMax, shrinkLevel) {
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(shrinkLevel);
  binaryen.setAlwaysInlineMaxSize(sizeMax);
  binaryen.setFlexibleInlineMaxSize(sizeMax);
  binaryen.setOneCallerInlineMaxSize(sizeMax);
  binaryen.setAllowInliningFunctionsWithLoops(true);
}

// A call in a loop over packets costs as much as a fifth of the packet.
function expectInlined(module) {
  const names = functionNames(module);
  for (const [loop, allowed] of Object.entries(LOOPS)) {
    const name = names.find((each) => each.endsWith(`/${loop}`));
    if (name === undefined) throw new Error(`link: there is no ${loop}`);
    const { body } = binaryen.getFunctionInfo(module.getFunction(name));
    for (const [, callee] of binaryen.emitText(body).matchAll(CALL)) {
      if (allowed.some((each) => callee.endsWith(each))) continue;
      throw new Error(`link: ${loop} calls ${callee}, which is to be a leaf`);
    }
  }
}

// Hosts ask for one number; who wants them all has layout.ts, ABI.md and the debug build.
function dropLayout(module) {
  const names = Array.from({ length: module.getNumExports() }, (_, index) =>
    binaryen.getExportInfo(module.getExportByIndex(index)),
  )
    .filter(({ kind }) => kind === binaryen.ExternalGlobal)
    .map(({ name }) => name);
  for (const name of names) module.removeExport(name);
}

function addHash(module, hash) {
  module.addGlobal(HASH, binaryen.i32, false, module.i32.const(hash));
  module.addGlobalExport(HASH, HASH);
}
