import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

const NS_PER_SECOND = 1_000_000_000n;

/** Vote times rise by at least this much per block, so that header times rise strictly (CometBFT's time iota). */
export const MIN_BLOCK_TIME_STEP_NS = 1_000_000n;

export function timestampFromNs(ns: bigint): Timestamp {
  const nanos = ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return create(TimestampSchema, { seconds: (ns - nanos) / NS_PER_SECOND, nanos: Number(nanos) });
}

export function nsFromTimestamp(time: Timestamp): bigint {
  return time.seconds * NS_PER_SECOND + BigInt(time.nanos);
}

/** RFC 3339 in UTC with up to nine fraction digits, trailing zeros trimmed, as CometBFT's JSON writes times. */
export function rfc3339(time: Timestamp): string {
  const seconds = new Date(Number(time.seconds) * 1000).toISOString().slice(0, 19);
  const fraction = String(time.nanos).padStart(9, "0").replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

/** Nanoseconds since 1970, or undefined if the text is no RFC 3339 time in UTC. */
export function nsFromRfc3339(text: string): bigint | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}Z`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((match[2] ?? "").padEnd(9, "0"));
}
