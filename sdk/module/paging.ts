import type { ReadCtx } from "../context.js";
import type { KeyMap } from "../collections/schema.js";
import { sdkErr } from "../errors.js";

/** cosmos.base.query.v1beta1.PageRequest, as far as we read it. */
export interface PageRequest {
  readonly key: Uint8Array;
  readonly offset: bigint;
  /** 0 = 100; at most 1,000 are served. */
  readonly limit: bigint;
  readonly countTotal: boolean;
  readonly reverse: boolean;
}

export interface Page<T> {
  readonly items: T[];
  readonly pagination: { readonly nextKey: Uint8Array; readonly total: bigint };
}

const DEFAULT_PAGE = 100n;
const MAX_PAGE = 1_000n;
const MAX_OFFSET = 10_000n;
const MAX_COUNT = 100_000;

/**
 * One page of a map in key order. `nextKey` is a token: pass it back as `key`. Throws sdk/18 for a token that this
 * never gave, for key and offset together, and for totals too large to count.
 */
export function paginate<K, V>(ctx: ReadCtx, map: KeyMap<K, V>, request: PageRequest | undefined, prefix?: readonly unknown[]): Page<[K, V]> {
  const { key = new Uint8Array(0), offset = 0n, limit = 0n, countTotal = false, reverse = false } = request ?? {};
  if (key.length > 0 && offset > 0n) throw sdkErr.InvalidRequest("pagination: give key or offset, not both");
  if (offset > MAX_OFFSET) throw sdkErr.InvalidRequest(`pagination: offset is at most ${MAX_OFFSET}; go on by key`);
  const size = Number(limit === 0n ? DEFAULT_PAGE : limit > MAX_PAGE ? MAX_PAGE : limit);
  const skip = Number(offset);
  const within = prefix === undefined ? {} : { prefix };
  const from = key.length === 0 ? {} : { after: decodeToken(map, key, prefix) };
  const found = map.scan(ctx, { ...within, ...from, reverse, limit: skip + size + 1 });
  const items = found.slice(skip, skip + size);
  const last = items.at(-1);
  const nextKey = found.length > skip + size && last ? map.keyCodec.encode(last[0], true) : new Uint8Array(0);
  return { items, pagination: { nextKey, total: countTotal && key.length === 0 ? count(ctx, map, within) : 0n } };
}

function decodeToken<K, V>(map: KeyMap<K, V>, token: Uint8Array, prefix: readonly unknown[] | undefined): K {
  const forged = sdkErr.InvalidRequest("pagination: key is not a token of this query");
  let key: K;
  try {
    const [decoded, end] = map.keyCodec.decode(token, 0, true);
    if (end !== token.length) throw forged;
    key = decoded;
  } catch {
    throw forged;
  }
  const parts = prefix ?? [];
  if (!parts.every((part, i) => (key as readonly unknown[])[i] === part)) throw forged;
  return key;
}

function count<K, V>(ctx: ReadCtx, map: KeyMap<K, V>, within: { prefix?: readonly unknown[] }): bigint {
  const total = map.keys(ctx, { ...within, limit: MAX_COUNT + 1 }).length;
  if (total > MAX_COUNT) throw sdkErr.InvalidRequest(`pagination: more than ${MAX_COUNT} entries; do not ask for the total`);
  return BigInt(total);
}
