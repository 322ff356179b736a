// What each header says. Names are those of the RFCs; numbers are in host order; addresses, MACs
// and bytes are text, the latter hex digits. A flag is true where its bit is set.

/** IEEE 802.3. */
export interface EthernetFields {
  readonly dst: string;
  readonly src: string;
  /** 16 bits; up to 1500 the length of the data. Left out of `encode`: that of the next layer. */
  readonly etherType: number;
}

/** IEEE 802.1Q. The EtherType that announces a tag belongs to the layer in front. */
export interface VlanFields {
  /** Priority, 3 bits. */
  readonly pcp: number;
  readonly dropEligible: boolean;
  /** 12 bits. */
  readonly vid: number;
  /** As that of Ethernet. */
  readonly etherType: number;
}

/** RFC 826, for Ethernet and IPv4. */
export interface ArpFields {
  /** 16 bits; 1 asks, 2 answers. */
  readonly operation: number;
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
}

/** RFC 791, section 3.1. */
export interface Ipv4Fields {
  /** 4 bits. */
  readonly version: number;
  /** The header's length in words of four bytes, 4 bits. */
  readonly ihl: number;
  /** The DS field with ECN, 8 bits. */
  readonly tos: number;
  /** Bytes of header and payload, 16 bits. */
  readonly totalLength: number;
  /** 16 bits. */
  readonly id: number;
  /** The first flag, which is to be clear. */
  readonly reserved: boolean;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In bytes, a multiple of eight below 65536. */
  readonly fragmentOffset: number;
  /** 8 bits. */
  readonly ttl: number;
  /** 8 bits. Left out of `encode`: that of the next layer. */
  readonly protocol: number;
  /** 16 bits. */
  readonly checksum: number;
  readonly src: string;
  readonly dst: string;
  /** Up to forty bytes, a multiple of four. */
  readonly options: string;
}

/** RFC 792. Which of the later fields there are depends on `type` and `code`. */
export interface IcmpFields {
  /** 8 bits. */
  readonly type: number;
  /** 8 bits. */
  readonly code: number;
  /** 16 bits. */
  readonly checksum: number;
  /** Of echoes, types 0 and 8: 16 bits. */
  readonly id?: number;
  /** Of echoes: 16 bits. */
  readonly sequence?: number;
  /** Of type 3, code 4: bytes, 16 bits (RFC 1191, section 4). */
  readonly nextHopMtu?: number;
  /** Of redirects, type 5: an address. */
  readonly gateway?: string;
  /** Of parameter problems, type 12: which byte of the quote is wrong, 8 bits. */
  readonly pointer?: number;
  /** Of the other errors, types 3, 4 and 11, 32 bits; with nextHopMtu 16, with pointer 24. */
  readonly unused?: number;
  /** Of all other types: 32 bits. */
  readonly rest?: number;
}

/** RFC 2236; reports of version 3, type 34, as in RFC 3376, section 4.2. */
export interface IgmpFields {
  /** 8 bits: 17 query, 18 and 22 report (versions 1 and 2), 23 leave, 34 report (version 3). */
  readonly type: number;
  /** In tenths of a second, 8 bits; not of type 34. */
  readonly maxRespTime?: number;
  /** 16 bits. */
  readonly checksum: number;
  /** An address; not of type 34. */
  readonly group?: string;
  /** Of type 34: 8 bits. */
  readonly reserved?: number;
  /** Of type 34: 16 bits. */
  readonly flags?: number;
  /** Of type 34: how many records follow, 16 bits. */
  readonly groupRecords?: number;
}

/** RFC 768. */
export interface UdpFields {
  /** 16 bits. */
  readonly srcPort: number;
  /** 16 bits. */
  readonly dstPort: number;
  /** Bytes of header and payload, 16 bits. */
  readonly length: number;
  /** 16 bits; zero for none. */
  readonly checksum: number;
}

/** RFC 9293, section 3.1. */
export interface TcpFields {
  /** 16 bits. */
  readonly srcPort: number;
  /** 16 bits. */
  readonly dstPort: number;
  /** 32 bits. */
  readonly sequence: number;
  /** 32 bits. */
  readonly acknowledgment: number;
  /** The header's length in words of four bytes, 4 bits. */
  readonly dataOffset: number;
  /** 3 bits. */
  readonly reserved: number;
  readonly ns: boolean;
  readonly cwr: boolean;
  readonly ece: boolean;
  readonly urg: boolean;
  readonly ack: boolean;
  readonly psh: boolean;
  readonly rst: boolean;
  readonly syn: boolean;
  readonly fin: boolean;
  /** 16 bits. */
  readonly window: number;
  /** 16 bits. */
  readonly checksum: number;
  /** 16 bits. */
  readonly urgentPointer: number;
  /** Up to forty bytes, a multiple of four. */
  readonly options: string;
}

/** RFC 7348, section 5, with the group policy of draft-smith-vxlan-group-policy. */
export interface VxlanFields {
  /** The I flag: the VNI is meant. */
  readonly validVni: boolean;
  /** The G flag: the group policy is meant. */
  readonly policy: boolean;
  /** The D flag of the group policy. */
  readonly dontLearn: boolean;
  /** The A flag of the group policy. */
  readonly policyApplied: boolean;
  /** Reserved without the G flag, 16 bits. */
  readonly policyId: number;
  /** 24 bits. */
  readonly vni: number;
  /** The twelve other bits of the first 16, each in its place. */
  readonly reservedFlags: number;
  /** The last 8 bits. */
  readonly reserved: number;
}

/** Bytes that nothing in front says how to read. */
export interface PayloadFields {
  readonly data: string;
}

/** Bytes behind what the lengths of the headers claim. */
export interface PaddingFields {
  readonly data: string;
}

/** The fields of each layer, by its name. */
export interface LayerFields {
  readonly ethernet: EthernetFields;
  readonly vlan: VlanFields;
  readonly arp: ArpFields;
  readonly ipv4: Ipv4Fields;
  readonly icmp: IcmpFields;
  readonly igmp: IgmpFields;
  readonly udp: UdpFields;
  readonly tcp: TcpFields;
  readonly vxlan: VxlanFields;
  readonly payload: PayloadFields;
  readonly padding: PaddingFields;
}

/** What a layer is called. */
export type LayerName = keyof LayerFields;

/** The fields that a header cannot do without; `encode` knows the others. */
interface Needed {
  readonly ethernet: "dst" | "src";
  readonly vlan: "vid";
  readonly arp: keyof ArpFields;
  readonly ipv4: "src" | "dst";
  readonly icmp: "type";
  readonly igmp: "type";
  readonly udp: "srcPort" | "dstPort";
  readonly tcp: "srcPort" | "dstPort";
  readonly vxlan: "vni";
  readonly payload: "data";
  readonly padding: "data";
}

/** Fields as a caller may have them: bytes may be bytes. */
type Loose<Fields> = {
  readonly [Name in keyof Fields]: Name extends "data" | "options"
    ? Fields[Name] | Uint8Array
    : Fields[Name];
};

/** What `encode` takes for a layer. */
export type FieldsInit<Name extends LayerName> = Partial<Loose<LayerFields[Name]>> &
  Pick<Loose<LayerFields[Name]>, Needed[Name] & keyof LayerFields[Name]>;

/** A layer to encode. What else a decoded one has is passed over. */
export type LayerInit = {
  readonly [Name in LayerName]: {
    readonly layer: Name;
    readonly fields: FieldsInit<Name>;
    /** How many packets it lies in; left out: as the layers in front have it, 0 for padding. */
    readonly depth?: number;
  };
}[LayerName];
