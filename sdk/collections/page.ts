import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PageRequest, PageResponseSchema } from "nild/gen/cosmos/base/query/v1beta1/pagination_pb.js";
import { type SdkError, sdkErr } from "../errors.js";
import type { KeyCodec } from "./keys.js";

const DEFAULT_PAGE = 100n;
const MAX_PAGE = 1_000n;
/** An offset reads what it skips. */
const MAX_OFFSET = 10_000n;

/** What a page asks of a collection; KeyMap, KeySet and MultiIndex scans take it as it is. */
export interface PageScan<K> {
  readonly after?: K;
  readonly reverse: boolean;
  readonly limit: number;
}

/** One page of a query's answer; `pagination.nextKey` is empty on the last. */
export interface Page<T> {
  readonly items: T[];
  readonly pagination: MessageInitShape<typeof PageResponseSchema>;
}

/**
 * One page of a list: at most 1,000 entries, 100 unless the request says otherwise. The next page's key is the last
 * entry's own key. `count_total` is refused, because it would walk the whole list. @throws sdk/18, sdk/37.
 */
export function pageOf<K, T>(request: PageRequest | undefined, codec: KeyCodec<K>, scan: (bounds: PageScan<K>) => T[], keyOf: (entry: T) => K): Page<T> {
  const { key = new Uint8Array(0), offset = 0n, limit = 0n, countTotal = false, reverse = false } = request ?? {};
  if (countTotal) throw sdkErr.NotSupported("pagination.count_total is not supported: follow next_key");
  if (key.length > 0 && offset > 0n) throw sdkErr.InvalidRequest("pagination takes either key or offset, not both");
  if (offset > MAX_OFFSET) throw sdkErr.InvalidRequest(`pagination.offset ${offset} is over ${MAX_OFFSET}: follow next_key`);
  const wanted = Number(limit === 0n ? DEFAULT_PAGE : limit > MAX_PAGE ? MAX_PAGE : limit);
  const skip = Number(offset);
  const after = key.length > 0 ? { after: decodeKey(codec, key) } : {};
  // One more than wanted tells whether a next page exists.
  const entries = scan({ ...after, reverse, limit: skip + wanted + 1 });
  const items = entries.slice(skip, skip + wanted);
  const last = items.at(-1);
  const more = entries.length > skip + wanted && last !== undefined;
  return { items, pagination: { nextKey: more ? codec.encode(keyOf(last), true) : new Uint8Array(0), total: 0n } };
}

function decodeKey<K>(codec: KeyCodec<K>, key: Uint8Array): K {
  const decoded = tryDecode(codec, key);
  const again = decoded && codec.encode(decoded.value, true);
  if (!decoded || !again || again.length !== key.length || again.some((byte, i) => byte !== key[i])) throw badKey();
  return decoded.value;
}

function tryDecode<K>(codec: KeyCodec<K>, key: Uint8Array): { value: K } | undefined {
  try {
    return { value: codec.decode(key, 0, true)[0] };
  } catch {
    return undefined;
  }
}

function badKey(): SdkError {
  return sdkErr.InvalidRequest("pagination.key is not the next_key of an earlier page of this query");
}
