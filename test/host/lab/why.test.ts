// The sentence of a hop: there is one for every verdict, in both languages, of the same values.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hop } from "../../../bindings/lab/trace/trace.ts";
import { DROPS, GOES, type Verdict } from "../../../bindings/lab/trace/verdict.ts";
import { slotsOf, TEMPLATES, type WhyPart, why, whyText } from "../../../bindings/lab/why/index.ts";

const VERDICTS: readonly Verdict[] = [...GOES, ...DROPS];
const LEN_MAX = { en: 165, zh: 80 } as const;

const WRAPS: Hop = {
  packet: 0,
  n: 4,
  from: 3,
  timeNs: 76_000,
  host: "node1",
  namespace: "node1",
  device: "flannel.1",
  outDevice: "eth0",
  plane: "tunnel",
  verdict: "encap-vxlan",
  values: { mac: "5e:f8:4f:00:e3:37", vtep: "10.168.0.3", port: 8472, vni: 1 },
  in: { offset: 0, len: 98 },
  out: [{ offset: 98, len: 148 }],
  inLink: "ethernet",
  outLink: "ethernet",
  asked: [],
  changes: [],
  side: [],
  milestone: "on-underlay",
  crossings: 0,
  said: [],
};

function words(template: string): string {
  return template.replaceAll(/\{\w+\}|\*\*/g, "");
}

for (const lang of ["en", "zh"] as const) {
  test(`sentences in ${lang} are short, and begin with who does what`, () => {
    for (const verdict of VERDICTS) {
      for (const template of TEMPLATES[lang][verdict]) {
        assert.ok(words(template).length <= LEN_MAX[lang], `${verdict}: ${template}`);
        assert.match(template, /^\*\*[^*]+\*\*/);
      }
    }
  });
}

test("both languages make the same sentences of the same values", () => {
  for (const verdict of VERDICTS) {
    const [english, chinese] = [TEMPLATES.en[verdict], TEMPLATES.zh[verdict]].map((templates) =>
      templates.map((template) => [...new Set(slotsOf(template))].sort().join()),
    );
    assert.deepEqual(english, chinese, verdict);
  }
});

test("a hop that wraps says why, with the lengths that its bytes have", () => {
  assert.equal(
    whyText(WRAPS, "en"),
    "flannel.1 wraps the frame. Its FDB places 5e:f8:4f:00:e3:37 behind 10.168.0.3, so 98 bytes " +
      "leave eth0 as 148: UDP to port 8472, VNI 1.",
  );
  assert.equal(
    whyText(WRAPS, "zh"),
    "flannel.1 把帧包了一层。它的 FDB 说 5e:f8:4f:00:e3:37 在 10.168.0.3 后面，" +
      "所以 98 字节从 eth0 出去时是 148 字节：UDP 端口 8472，VNI 1。",
  );
});

test("values know the fields that show them, and the first clause is bold", () => {
  const parts = why(WRAPS, "en");
  const vtep = parts.find((part) => part.kind === "value" && part.slot === "vtep");
  const expected: WhyPart = {
    kind: "value",
    text: "10.168.0.3",
    isBold: false,
    slot: "vtep",
    paths: ["outer.ip.dst"],
  };
  assert.deepEqual(vtep, expected);
  const bold = parts.filter(({ isBold }) => isBold).map(({ text }) => text);
  assert.equal(bold.join(""), "flannel.1 wraps the frame.");
});

test("the template is taken that the hop can fill", () => {
  const values = { prefix: "10.1.16.0/24", dst: "10.1.16.3", ttl0: 63, ttl1: 62 };
  const routed: Hop = { ...WRAPS, verdict: "route", device: "routing", values };
  const straight = { ...routed, values: { ...values, dev: "docker0" } };
  assert.match(whyText(straight, "en"), /: straight out of docker0; TTL 63 becomes 62\.$/);
  const onward = { ...routed, values: { ...values, dev: "flannel.1", nh: "10.1.16.0" } };
  assert.match(whyText(onward, "en"), /: out of flannel\.1 by 10\.1\.16\.0; TTL 63 becomes 62\.$/);
});

test("what a link did is said in the reader's language", () => {
  const faulty: Hop = { ...WRAPS, verdict: "link-fault", values: { did: "corrupted", seed: 7 } };
  assert.equal(whyText(faulty, "en"), "The link corrupted this frame (seed 7).");
  assert.equal(whyText(faulty, "zh"), "链路损坏了这个帧（种子 7）。");
});
