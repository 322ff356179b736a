// Network configs, right and wrong, against a twin that looks for each key in all members; then
// texts that are nearly such, or nothing: a config or an error that says which value was wrong, and
// soon.
import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import { type NetworkConfig, parseNetworkConfig } from "../bindings/agent/index.ts";
import { HeddleError, LeaseRules, openCore } from "../bindings/core/index.ts";
import { judgeConfig } from "../test/model/network-config.ts";
import { blanks, configMembers, misspelt, networkConfigs, written } from "./arbitrary/index.ts";
import { law, type Suite } from "./law.ts";
import { longText, soon, wholeOf } from "./long-text.ts";

const anyText = fc.oneof(
  { arbitrary: networkConfigs.nearly, weight: 6 },
  { arbitrary: fc.json(), weight: 1 },
  { arbitrary: misspelt(fc.json()), weight: 1 },
  { arbitrary: fc.string({ unit: "binary" }), weight: 1 },
);

export async function openConfig(): Promise<Suite> {
  const rules = new LeaseRules(await openCore({ memoryBytes: 1 << 16 }));
  const parse = (text: string): NetworkConfig | HeddleError => {
    try {
      return parseNetworkConfig(text, rules);
    } catch (error) {
      if (error instanceof HeddleError) return error;
      throw error;
    }
  };
  return {
    name: "config",
    share: 0.5,
    laws: [
      law("members", fc.tuple(configMembers, blanks), ([members, between]) => {
        const found = parse(written(members, between));
        const expected = judgeConfig(members);
        deepStrictEqual(found instanceof HeddleError ? found.code : found, expected);
      }),
      law("any text", anyText, (text) => expectSettled(text, parse)),
      law("long text", longText, (long) => {
        soon(wholeOf(long), (text) => expectSettled(text, parse));
      }),
    ],
  };
}

// A config that is written out whole is the same config.
function expectSettled(text: string, parse: (text: string) => NetworkConfig | HeddleError): void {
  const found = parse(text);
  if (!(found instanceof HeddleError)) deepStrictEqual(parse(printed(found)), found);
}

function printed({ ipv6, backend, ...config }: NetworkConfig): string {
  const { type, ...keys } = backend;
  const named = Object.entries(keys).map(([key, value]) => [key.toUpperCase(), value]);
  return JSON.stringify({
    EnableIPv4: config.enableIpv4,
    EnableIPv6: config.enableIpv6,
    EnableNFTables: config.enableNftables,
    Network: config.network,
    SubnetLen: config.subnetLen,
    SubnetMin: config.subnetMin,
    SubnetMax: config.subnetMax,
    ...(ipv6 && {
      IPv6Network: ipv6.network,
      IPv6SubnetLen: ipv6.subnetLen,
      IPv6SubnetMin: ipv6.subnetMin,
      IPv6SubnetMax: ipv6.subnetMax,
    }),
    Backend: { Type: type, ...Object.fromEntries(named) },
  });
}
