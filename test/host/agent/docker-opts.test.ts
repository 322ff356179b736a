// The texts are what flannel's mk-docker-opts.sh writes for the same input.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dockerOpts } from "../../../bindings/agent/docker-opts.ts";

const ENV = [
  "FLANNEL_NETWORK=10.1.0.0/16",
  "FLANNEL_SUBNET=10.1.74.1/24",
  "FLANNEL_MTU=1472",
  "FLANNEL_IPMASQ=false",
  "",
].join("\n");
const plain = { individual: false, combined: false, key: "DOCKER_OPTS", omitIpMasq: false };
const INDIVIDUAL = [
  'DOCKER_OPT_BIP="--bip=10.1.74.1/24"',
  'DOCKER_OPT_IPMASQ="--ip-masq=true"',
  'DOCKER_OPT_MTU="--mtu=1472"',
  "",
].join("\n");
const OPTIONS = " --bip=10.1.74.1/24 --ip-masq=true --mtu=1472";

test("without a wish there are both forms, options in the order of their names", () => {
  assert.equal(dockerOpts(ENV, plain, {}), `${INDIVIDUAL}DOCKER_OPTS="${OPTIONS}"\n`);
  const both = { ...plain, individual: true, combined: true };
  assert.equal(dockerOpts(ENV, both, {}), dockerOpts(ENV, plain, {}));
});

test("-i has a line for each, -c one for all, -k names it", () => {
  assert.equal(dockerOpts(ENV, { ...plain, individual: true }, {}), INDIVIDUAL);
  const combined = { ...plain, combined: true };
  assert.equal(dockerOpts(ENV, combined, {}), `DOCKER_OPTS="${OPTIONS}"\n`);
  assert.equal(dockerOpts(ENV, { ...combined, key: "X" }, {}), `X="${OPTIONS}"\n`);
});

test("-m leaves --ip-masq out, and says the inverse of FLANNEL_IPMASQ otherwise", () => {
  const combined = { ...plain, combined: true };
  const omitted = dockerOpts(ENV, { ...combined, omitIpMasq: true }, {});
  assert.equal(omitted, 'DOCKER_OPTS=" --bip=10.1.74.1/24 --mtu=1472"\n');
  const inverse = dockerOpts(ENV.replace("=false", "=true"), combined, {});
  assert.match(inverse, / --ip-masq=false /);
});

test("what the environment has of options joins them, and of the combined one comes first", () => {
  const environment = { DOCKER_OPTS: "--debug", DOCKER_OPT_LOG: "--log-level=warn", PATH: "/bin" };
  assert.equal(
    dockerOpts(ENV, plain, environment),
    'DOCKER_OPT_BIP="--bip=10.1.74.1/24"\nDOCKER_OPT_IPMASQ="--ip-masq=true"\n' +
      'DOCKER_OPT_LOG="--log-level=warn"\nDOCKER_OPT_MTU="--mtu=1472"\n' +
      'DOCKER_OPTS="--debug  --bip=10.1.74.1/24 --ip-masq=true --log-level=warn --mtu=1472"\n',
  );
});

test("what subnet.env does not say is no option", () => {
  assert.equal(dockerOpts("", plain, {}), 'DOCKER_OPTS=""\n');
  const mtu = dockerOpts("FLANNEL_MTU=1450\n", plain, {});
  assert.equal(mtu, 'DOCKER_OPT_MTU="--mtu=1450"\nDOCKER_OPTS=" --mtu=1450"\n');
});

test("values that are none are refused by name: a shell reads what is written", () => {
  const refused: readonly [string, RegExp][] = [
    ["FLANNEL_SUBNET=$(reboot)", /IPv4 prefix/],
    ["FLANNEL_SUBNET=10.1.74.1/33", /IPv4 prefix/],
    ["FLANNEL_MTU=1450;reboot", /^FLANNEL_MTU: no MTU: "1450;reboot"$/],
    ["FLANNEL_MTU=65536", /^FLANNEL_MTU/],
    ["FLANNEL_IPMASQ=yes", /^FLANNEL_IPMASQ: neither true nor false: "yes"$/],
  ];
  for (const [line, message] of refused) {
    assert.throws(() => dockerOpts(line, plain, {}), { message });
  }
  const environment = { DOCKER_OPTS: '"; reboot' };
  assert.throws(() => dockerOpts(ENV, plain, environment), { message: /^DOCKER_OPTS: cannot/ });
});
