// The value of a lease: flannel's bytes, and whatever a store may hold in their place.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type LeaseAttrs,
  parseLeaseAttrs,
  parseVxlanData,
  printLeaseAttrs,
  printVxlanData,
} from "../../../bindings/agent/index.ts";
import { HeddleError } from "../../../bindings/core/index.ts";

const MINIMAL = '{"PublicIP":"1.2.3.4","PublicIPv6":null}';
const VXLAN =
  '{"PublicIP":"192.168.64.3","PublicIPv6":null,"BackendType":"vxlan",' +
  '"BackendData":{"VNI":1,"VtepMAC":"c6:d2:32:6f:8f:44"}}';
const DUAL =
  '{"PublicIP":"192.168.64.3","PublicIPv6":"fd00::3","BackendType":"vxlan",' +
  '"BackendData":{"VNI":1,"VtepMAC":"c6:d2:32:6f:8f:44"},' +
  '"BackendV6Data":{"VNI":1,"VtepMAC":"c6:d2:32:6f:8f:45"}}';

const NOBODY: LeaseAttrs = { publicIp: "0.0.0.0", publicIpv6: null, backendType: "" };

function refuses(what: () => unknown, expected: RegExp, code = "BadLease"): void {
  assert.throws(what, (error) => {
    assert.ok(error instanceof HeddleError, String(error));
    assert.equal(error.code, code);
    assert.match(error.expected, expected);
    assert.ok(error.message.length < 500, "says little of a long text");
    return true;
  });
}

describe("a lease's value", () => {
  it("is flannel's to the byte, read and printed", () => {
    for (const text of [MINIMAL, VXLAN, DUAL]) {
      assert.equal(printLeaseAttrs(parseLeaseAttrs(text)), text);
    }
    assert.deepEqual(parseLeaseAttrs(VXLAN), {
      publicIp: "192.168.64.3",
      publicIpv6: null,
      backendType: "vxlan",
      backendData: { VNI: 1, VtepMAC: "c6:d2:32:6f:8f:44" },
    });
  });

  it("has no type for udp and alloc, and no data for most", () => {
    const attrs = { publicIp: "1.2.3.4", publicIpv6: null, backendType: "" };
    assert.equal(printLeaseAttrs(attrs), MINIMAL);
    const text = '{"PublicIP":"1.2.3.4","PublicIPv6":null,"BackendType":"host-gw"}';
    assert.equal(printLeaseAttrs({ ...attrs, backendType: "host-gw" }), text);
  });

  it("may have its members in any order and letter case, and others beside them", () => {
    const text = ` { "x": [{}], "backenddata" : {"vni":1}, "BACKENDTYPE":"vxlan",
      "publicipv6":"FD00::0003", "publicIP" : "1.2.3.4" } `;
    assert.deepEqual(parseLeaseAttrs(text), {
      publicIp: "1.2.3.4",
      publicIpv6: "fd00::3",
      backendType: "vxlan",
      backendData: { vni: 1 },
    });
  });

  it("may leave out everything", () => {
    assert.deepEqual(parseLeaseAttrs("{}"), NOBODY);
    assert.deepEqual(parseLeaseAttrs("null"), NOBODY);
    assert.deepEqual(parseLeaseAttrs('{"BackendType":null,"PublicIPv6":null}'), NOBODY);
  });

  it("says the last of several", () => {
    const text = '{"PublicIP":"1.1.1.1","publicip":"2.2.2.2","PublicIPv6":"::1","PublicIPv6":null}';
    assert.deepEqual(parseLeaseAttrs(text), { ...NOBODY, publicIp: "2.2.2.2" });
  });

  it("keeps data of any kind as it is", () => {
    for (const data of ['"a string"', "[1,[2]]", "true", "null", "7", '{"__proto__":{"a":1}}']) {
      const text = `${MINIMAL.slice(0, -1)},"BackendType":"x","BackendData":${data}}`;
      assert.equal(printLeaseAttrs(parseLeaseAttrs(text)), text);
    }
    assert.equal(Object.hasOwn(Object.prototype, "a"), false);
  });

  it("escapes what Go's encoder escapes", () => {
    const text = printLeaseAttrs({ ...NOBODY, backendType: "<&>", backendData: "\u2028" });
    assert.match(text, /"BackendType":"\\u003c\\u0026\\u003e","BackendData":"\\u2028"/);
  });

  it("is none where a member has another type, or no such address", () => {
    const wrong: readonly (readonly [members: string, expected: RegExp])[] = [
      ['"PublicIP":null', /^PublicIP: an IPv4 address$/],
      ['"PublicIP":"fd00::1"', /^PublicIP: an IPv4 address$/],
      ['"PublicIP":"1.2.3"', /^PublicIP/],
      ['"PublicIP":"1.2.3.04"', /^PublicIP/],
      ['"PublicIP":16909060', /^PublicIP/],
      ['"PublicIP":"1.2.3.4","PublicIPv6":""', /^PublicIPv6: an IPv6 address, or null$/],
      ['"PublicIP":"1.2.3.4","PublicIPv6":7', /^PublicIPv6/],
      ['"BackendType":7', /^BackendType: a string$/],
      ['"BackendType":["vxlan"]', /^BackendType: a string$/],
    ];
    for (const [members, expected] of wrong) {
      refuses(() => parseLeaseAttrs(`{${members}}`), expected);
    }
  });

  it("is none where it is no JSON object, too long or too deep", () => {
    for (const text of ["[]", '"x"', "7"]) refuses(() => parseLeaseAttrs(text), /an object$/);
    for (const text of ["", "{", `${MINIMAL}x`, "\u0000"]) {
      refuses(() => parseLeaseAttrs(text), /^JSON \(/);
    }
    const deep = `{"BackendData":${"[".repeat(80)}${"]".repeat(80)}}`;
    refuses(() => parseLeaseAttrs(deep), /64 levels$/);
    refuses(() => parseLeaseAttrs(`{"BackendType":"${"x".repeat(65536)}"}`), /65536 characters$/);
  });

  it("is not printed with an address that is none", () => {
    const print = (differs: Partial<LeaseAttrs>) => () =>
      printLeaseAttrs({ ...NOBODY, ...differs });
    refuses(print({ publicIp: "1.2.3" }), /IPv4 address/, "BadAddress");
    refuses(print({ publicIpv6: "1.2.3.4" }), /IPv6 address/, "BadAddress");
  });
});

describe("the data of a VXLAN node", () => {
  const mac = "c6:d2:32:6f:8f:44";

  it("is a VNI and a MAC", () => {
    assert.deepEqual(parseVxlanData({ VNI: 1, VtepMAC: mac }), { vni: 1, vtepMac: mac });
    assert.equal(
      JSON.stringify(printVxlanData({ vni: 1, vtepMac: mac })),
      `{"VNI":1,"VtepMAC":"${mac}"}`,
    );
  });

  it("may have no VNI, as of old", () => {
    assert.deepEqual(parseVxlanData({ VtepMAC: mac }), { vni: null, vtepMac: mac });
    assert.deepEqual(printVxlanData({ vni: null, vtepMac: mac }), { VtepMAC: mac });
  });

  it("may be written in any letter case, and the MAC in three ways", () => {
    for (const text of ["C6:D2:32:6F:8F:44", "c6-d2-32-6f-8f-44", "c6d2.326f.8f44"]) {
      assert.deepEqual(parseVxlanData({ vtepmac: text, vni: 5 }), { vni: 5, vtepMac: mac });
    }
  });

  it("has no MAC of a group, of nobody, or of another length", () => {
    const wrong = [
      ...["01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "0000.0000.0000", ""],
      ...["c6:d2:32:6f:8f", "c6:d2:32:6f:8f:44:00:01", "c6:d2-32:6f:8f:44", "c6d2326f8f44"],
      ...["c6:d2:32:6f:8f:4g", " c6:d2:32:6f:8f:44", "c6:d2:32:6f:8f:44\n", "x".repeat(60000)],
    ];
    for (const text of wrong) {
      refuses(() => parseVxlanData({ VNI: 1, VtepMAC: text }), /^VtepMAC: the MAC of one station$/);
      refuses(() => printVxlanData({ vni: 1, vtepMac: text }), /^VtepMAC/);
    }
    refuses(() => parseVxlanData({ VNI: 1 }), /^VtepMAC/);
    refuses(() => parseVxlanData({ VtepMAC: 7 }), /^BackendData\.VtepMAC: a string$/);
  });

  it("has a VNI of 32 bits", () => {
    for (const vni of [0, 1, 0xffffffff]) {
      assert.deepEqual(parseVxlanData({ VNI: vni, VtepMAC: mac }), { vni, vtepMac: mac });
    }
    for (const vni of [-1, 0x100000000, 1.5, "1", true]) {
      refuses(
        () => parseVxlanData({ VNI: vni, VtepMAC: mac }),
        /^BackendData\.VNI: a whole number/,
      );
    }
  });

  it("is none where it is no object, or nothing that JSON can say", () => {
    for (const data of ["x", 7, [], true]) refuses(() => parseVxlanData(data), /an object$/);
    for (const data of [undefined, null]) refuses(() => parseVxlanData(data), /^VtepMAC/);
    const circle: { VNI?: unknown } = {};
    circle.VNI = circle;
    for (const data of [circle, { VNI: 1n }]) refuses(() => parseVxlanData(data), /^JSON/);
  });
});
