// What went wrong, in a store's words.
import { type ServiceError, status } from "@grpc/grpc-js";
import { StoreError, type StoreErrorCode } from "../../../../agent/store.ts";

const BY_STATUS: ReadonlyMap<number, StoreErrorCode> = new Map([
  [status.UNAUTHENTICATED, "Denied"],
  [status.PERMISSION_DENIED, "Denied"],
  [status.INVALID_ARGUMENT, "Refused"],
  [status.OUT_OF_RANGE, "Refused"],
]);

// etcd says these under statuses that mean something else as well.
const BY_TEXT: readonly [RegExp, StoreErrorCode][] = [
  [/requested lease not found/, "LeaseGone"],
  [/authentication failed|user name is empty|invalid auth token|permission denied/, "Denied"],
  [/revision has been compacted/, "Compacted"],
  [/request is too large|larger than max/, "Refused"],
  [/auth store is old/, "Unavailable"],
];

const STALE_TOKEN = /invalid auth token|auth store is old|user name is empty/;
const NO_AUTH = /authentication is not enabled/;

/** The endpoint, and what gRPC said about it. */
export function storeErrorOf(error: unknown, place: string): StoreError {
  if (error instanceof StoreError) return error;
  const { code, details, message } = error as ServiceError;
  const text = details || message;
  const [, byText] = BY_TEXT.find(([pattern]) => pattern.test(text)) ?? [];
  const what = byText ?? BY_STATUS.get(code) ?? "Unavailable";
  return new StoreError(what, `etcd at ${place}: ${text}`, { cause: error });
}

/** Whether the call should go to another endpoint, or by another connection, next time. */
export function isLost(error: unknown): boolean {
  const { code } = error as ServiceError;
  return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED;
}

/** Whether a new token may help: they run out, and a server that starts again forgets them. */
export function isStaleToken(error: unknown): boolean {
  return STALE_TOKEN.test((error as ServiceError).details);
}

/** Whether there is nothing to log in to. */
export function isWithoutAuth(error: unknown): boolean {
  return NO_AUTH.test((error as ServiceError).details);
}
