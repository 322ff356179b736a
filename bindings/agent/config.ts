// The network config of PREFIX/config, whole: flannel's keys in our spelling, defaults filled in.

export interface VxlanConfig {
  readonly type: "vxlan";
  readonly vni: number;
  /** 0: the kernel's default, 8472. */
  readonly port: number;
  /** Of the underlay's packets; 0: the external interface's. The device has 50 less. */
  readonly mtu: number;
  readonly gbp: boolean;
  readonly learning: boolean;
  readonly directRouting: boolean;
}

export interface UdpConfig {
  readonly type: "udp";
  readonly port: number;
}

export interface PlainConfig {
  readonly type: "host-gw" | "alloc";
}

export type BackendConfig = VxlanConfig | UdpConfig | PlainConfig;

export interface NetworkConfig {
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly enableNftables: boolean;
  /** "10.5.0.0/16". */
  readonly network: string;
  readonly subnetLen: number;
  readonly subnetMin: string;
  readonly subnetMax: string;
  readonly backend: BackendConfig;
}
