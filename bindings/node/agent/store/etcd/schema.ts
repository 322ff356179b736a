// etcd's API, as far as it is used here: services, messages and the numbers of their fields, which
// are public and fixed (rpc.proto, kv.proto of etcd 3). Names are our own spelling; only numbers
// cross the wire. Whole numbers of 64 bits are decimal text.
import { fromJSON, type ServiceDefinition } from "@grpc/proto-loader";

export interface Header {
  readonly revision: string;
}

export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly createRevision: string;
  readonly modRevision: string;
  readonly lease: string;
}

export interface RangeRequest {
  readonly key: Buffer;
  readonly rangeEnd?: Buffer;
}

export interface RangeResponse {
  readonly header: Header;
  readonly kvs: readonly KeyValue[];
}

export interface PutRequest {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly lease: string;
}

export interface Compare {
  readonly key: Buffer;
  readonly result: "EQUAL" | "GREATER";
  readonly target: "VERSION" | "MOD";
  readonly version?: string;
  readonly modRevision?: string;
}

export interface Operation {
  readonly range?: RangeRequest;
  readonly put?: PutRequest;
  readonly deleteRange?: { readonly key: Buffer };
}

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

export interface TxnResponse {
  readonly header: Header;
  readonly succeeded: boolean;
  readonly responses: readonly { readonly range: RangeResponse | null }[];
}

export interface WatchRequest {
  readonly create: {
    readonly key: Buffer;
    readonly rangeEnd: Buffer;
    readonly startRevision: string;
    readonly progressNotify: boolean;
  };
}

export interface WatchResponse {
  readonly header: Header;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: string;
  readonly cancelReason: string;
  readonly events: readonly { readonly type: "PUT" | "DELETE"; readonly kv: KeyValue }[];
}

/** What a call takes and gives. */
export interface EtcdCalls {
  readonly range: [RangeRequest, RangeResponse];
  readonly put: [PutRequest, { readonly header: Header }];
  readonly txn: [TxnRequest, TxnResponse];
  readonly grant: [{ readonly TTL: string }, { readonly ID: string; readonly TTL: string }];
  readonly revoke: [{ readonly ID: string }, object];
  readonly timeToLive: [{ readonly ID: string }, { readonly TTL: string }];
  readonly authenticate: [
    { readonly name: string; readonly password: string },
    { readonly token: string },
  ];
  readonly watch: [WatchRequest, WatchResponse];
}

/** A call as grpc-js makes it. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly serialize: (request: Request) => Buffer;
  readonly deserialize: (bytes: Buffer) => Response;
}

type Fields = Record<string, { type: string; id: number; rule?: "repeated" }>;

const MESSAGES = {
  ResponseHeader: message("revision:int64=3"),
  KeyValue: message(
    "key:bytes=1 createRevision:int64=2 modRevision:int64=3 value:bytes=5 lease:int64=6",
  ),
  RangeRequest: message("key:bytes=1 rangeEnd:bytes=2"),
  RangeResponse: message("header:ResponseHeader=1 kvs:KeyValue*=2"),
  PutRequest: message("key:bytes=1 value:bytes=2 lease:int64=3"),
  PutResponse: message("header:ResponseHeader=1"),
  DeleteRangeRequest: message("key:bytes=1"),
  RequestOp: message("range:RangeRequest=1 put:PutRequest=2 deleteRange:DeleteRangeRequest=3"),
  ResponseOp: message("range:RangeResponse=1"),
  CompareResult: enumeration("EQUAL", "GREATER", "LESS", "NOT_EQUAL"),
  CompareTarget: enumeration("VERSION", "CREATE", "MOD", "VALUE", "LEASE"),
  Compare: message(
    "result:CompareResult=1 target:CompareTarget=2 key:bytes=3 version:int64=4 modRevision:int64=6",
  ),
  TxnRequest: message("compare:Compare*=1 success:RequestOp*=2 failure:RequestOp*=3"),
  TxnResponse: message("header:ResponseHeader=1 succeeded:bool=2 responses:ResponseOp*=3"),
  EventType: enumeration("PUT", "DELETE"),
  Event: message("type:EventType=1 kv:KeyValue=2"),
  WatchCreateRequest: message(
    "key:bytes=1 rangeEnd:bytes=2 startRevision:int64=3 progressNotify:bool=4",
  ),
  WatchRequest: message("create:WatchCreateRequest=1"),
  WatchResponse: message(
    "header:ResponseHeader=1 created:bool=3 canceled:bool=4 compactRevision:int64=5 " +
      "cancelReason:string=6 events:Event*=11",
  ),
  LeaseGrantRequest: message("TTL:int64=1"),
  LeaseGrantResponse: message("ID:int64=2 TTL:int64=3"),
  LeaseRevokeRequest: message("ID:int64=1"),
  LeaseRevokeResponse: message(""),
  LeaseTimeToLiveRequest: message("ID:int64=1"),
  LeaseTimeToLiveResponse: message("TTL:int64=3"),
  AuthenticateRequest: message("name:string=1 password:string=2"),
  AuthenticateResponse: message("token:string=2"),
};

interface MethodShape {
  readonly requestType: string;
  readonly responseType: string;
  readonly comment: string; // the types want one
}

const SERVICES = {
  KV: { methods: { Range: shape("Range"), Put: shape("Put"), Txn: shape("Txn") } },
  Lease: {
    methods: {
      LeaseGrant: shape("LeaseGrant"),
      LeaseRevoke: shape("LeaseRevoke"),
      LeaseTimeToLive: shape("LeaseTimeToLive"),
    },
  },
  Auth: { methods: { Authenticate: shape("Authenticate") } },
  Watch: { methods: { Watch: { ...shape("Watch"), requestStream: true, responseStream: true } } },
};

const DEFINITIONS = fromJSON(
  { nested: { etcdserverpb: { nested: { ...MESSAGES, ...SERVICES } } } },
  { longs: String, enums: String, defaults: true },
);

export const METHODS: {
  readonly [Name in keyof EtcdCalls]: Method<EtcdCalls[Name][0], EtcdCalls[Name][1]>;
} = {
  range: find("KV", "Range"),
  put: find("KV", "Put"),
  txn: find("KV", "Txn"),
  grant: find("Lease", "LeaseGrant"),
  revoke: find("Lease", "LeaseRevoke"),
  timeToLive: find("Lease", "LeaseTimeToLive"),
  authenticate: find("Auth", "Authenticate"),
  watch: find("Watch", "Watch"),
};

/** "key:bytes=1 kvs:KeyValue*=2": name, type, whether there are several, number. */
function message(text: string): { fields: Fields } {
  const fields: Fields = {};
  for (const [, name = "", type = "", many, id] of text.matchAll(/(\w+):(\w+)(\*?)=(\d+)/g)) {
    fields[name] = { type, id: Number(id), ...(many === "*" && { rule: "repeated" as const }) };
  }
  return { fields };
}

function enumeration(...names: readonly string[]): { values: Record<string, number> } {
  return { values: Object.fromEntries(names.map((name, value) => [name, value])) };
}

function shape(name: string): MethodShape {
  return { requestType: `${name}Request`, responseType: `${name}Response`, comment: "" };
}

function find<Request, Response>(service: string, name: string): Method<Request, Response> {
  const found = (DEFINITIONS[`etcdserverpb.${service}`] as ServiceDefinition | undefined)?.[name];
  if (found === undefined) throw new Error(`no ${service}.${name}`);
  return {
    path: found.path,
    serialize: found.requestSerialize as Method<Request, Response>["serialize"],
    deserialize: found.responseDeserialize as Method<Request, Response>["deserialize"],
  };
}
