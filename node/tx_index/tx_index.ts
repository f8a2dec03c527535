import type { Database, DatabaseOp } from "nild/sdk";
import type { CommittedTx, TxPage } from "../engine/chain.js";
import type { BlockStore } from "../engine/embedded/block_store.js";
import { txHash } from "../engine/embedded/hashes.js";
import { sha256 } from "../engine/embedded/merkle.js";
import { NodeError } from "../errors.js";
import { type Condition, matchesEvents, parseQuery, queryError } from "./query.js";

/** Key kinds, above the block store's in the same database. */
const KIND = { indexed: 0x10, byHash: 0x11, byEvent: 0x12 } as const;
const PRESENT = Uint8Array.of(1);
/** Under this every transaction is indexed, for queries by height alone. */
const EVERY_TX = "*";
/** Most entries that one query may walk, and most transactions that it may open to look at their events. */
const MAX_WALK = 200_000;
const MAX_OPENED = 10_000;
const MAX_HEIGHT = (1n << 63n) - 1n;

/** Where a transaction stands: (height, index), as one sortable 12-byte key tail. */
type Position = string;

/**
 * Finds transactions by hash, height and event attribute. It holds positions only, made from the block store, so it
 * can always be rebuilt: after a crash `catchUp` indexes what is missing, and indexing twice changes nothing.
 */
export class TxIndex {
  constructor(
    readonly db: Database,
    readonly blocks: BlockStore,
  ) {}

  /** Indexes every executed block up to `height` that is not indexed yet. */
  async catchUp(height: bigint): Promise<void> {
    for (let next = this.#indexed() + 1n; next <= height; next++) await this.add(next);
  }

  async add(height: bigint): Promise<void> {
    const txs = this.blocks.block(height)?.data?.txs ?? [];
    const results = this.blocks.results(height)?.txResults ?? [];
    const ops: DatabaseOp[] = [{ type: "put", key: Uint8Array.of(KIND.indexed), value: u64(height) }];
    txs.forEach((tx, index) => {
      const at = tail(height, index);
      ops.push({ type: "put", key: Buffer.concat([Uint8Array.of(KIND.byHash), txHash(tx)]), value: at });
      const entries = new Set([EVERY_TX]);
      for (const event of results[index]?.events ?? []) {
        for (const { key, value } of event.attributes) entries.add(`${event.type}.${key}=${value}`);
      }
      for (const entry of entries) ops.push({ type: "put", key: Buffer.concat([eventPrefix(entry), at]), value: PRESENT });
    });
    await this.db.batch(ops, { sync: false });
  }

  find(hash: Uint8Array): CommittedTx | undefined {
    const at = this.db.get(Buffer.concat([Uint8Array.of(KIND.byHash), hash]));
    const found = at === undefined ? undefined : this.#open(Buffer.from(at).toString("hex"));
    return found !== undefined && Buffer.from(found.hash).equals(hash) ? found : undefined;
  }

  async search(query: string, page: { limit: number; offset: number; newestFirst: boolean }): Promise<TxPage> {
    const conditions = parseQuery(query);
    const onEvents = conditions.filter(({ tag }) => tag !== "tx.height" && tag !== "tx.hash");
    const positions = await this.#candidates(conditions, onEvents);
    // One equality is answered by the index alone; anything else is checked against the events themselves.
    const exact = onEvents.length === 0 || (onEvents.length === 1 && onEvents[0]!.operator === "=");
    if (!exact && positions.length > MAX_OPENED) throw tooBroad();
    const matching = exact ? positions : positions.filter((at) => matchesEvents(onEvents, this.#open(at)?.result.events ?? []));
    if (page.newestFirst) matching.reverse();
    const txs = matching.slice(page.offset, page.offset + page.limit).flatMap((at) => this.#open(at) ?? []);
    return { txs, total: matching.length };
  }

  /** Positions in block order that satisfy the hash, the height bounds and every equality on an event. */
  async #candidates(conditions: readonly Condition[], onEvents: readonly Condition[]): Promise<Position[]> {
    const { from, to } = heightBounds(conditions);
    const equalities = onEvents.filter(({ operator }) => operator === "=");
    const hashes = conditions.filter(({ tag }) => tag === "tx.hash");
    const bounded = conditions.some(({ tag }) => tag === "tx.height");
    if (hashes.length > 0) return this.#byHash(hashes, from, to, equalities);
    if (equalities.length === 0 && !bounded) throw queryError("needs tx.hash, tx.height or at least one attribute compared with =");
    const lists: Position[][] = [];
    const entries = equalities.length === 0 ? [EVERY_TX] : equalities.map(({ tag, operand }) => `${tag}=${operand}`);
    for (const entry of entries) lists.push(await this.#walk(entry, from, to));
    return intersection(lists);
  }

  #byHash(hashes: readonly Condition[], from: bigint, to: bigint, equalities: readonly Condition[]): Position[] {
    for (const { operator, operand } of hashes) {
      if (operator !== "=" || !/^[0-9a-fA-F]{64}$/.test(operand)) throw queryError("tx.hash is compared by = with 64 hex digits");
    }
    const found = this.find(Buffer.from(hashes[0]!.operand, "hex"));
    const agreed = new Set(hashes.map(({ operand }) => operand.toUpperCase())).size === 1;
    if (found === undefined || !agreed || found.height < from || found.height > to) return [];
    return matchesEvents(equalities, found.result.events) ? [tail(found.height, found.index).toString("hex")] : [];
  }

  async #walk(entry: string, from: bigint, to: bigint): Promise<Position[]> {
    if (from > to) return [];
    const prefix = eventPrefix(entry);
    const range = { start: Buffer.concat([prefix, u64(from)]), end: Buffer.concat([prefix, u64(to + 1n)]), limit: MAX_WALK + 1 };
    const positions: Position[] = [];
    for await (const [key] of this.db.scan(range)) positions.push(Buffer.from(key.subarray(prefix.length)).toString("hex"));
    if (positions.length > MAX_WALK) throw tooBroad();
    return positions;
  }

  #open(at: Position): CommittedTx | undefined {
    const bytes = Buffer.from(at, "hex");
    const height = bytes.readBigUInt64BE();
    const index = bytes.readUInt32BE(8);
    const tx = this.blocks.block(height)?.data?.txs[index];
    const result = this.blocks.results(height)?.txResults[index];
    return tx === undefined || result === undefined ? undefined : { hash: txHash(tx), height, index, tx, result };
  }

  #indexed(): bigint {
    const stored = this.db.get(Uint8Array.of(KIND.indexed));
    return stored === undefined ? this.blocks.base - 1n : Buffer.from(stored).readBigUInt64BE();
  }
}

function heightBounds(conditions: readonly Condition[]): { from: bigint; to: bigint } {
  let from = 1n;
  let to = MAX_HEIGHT - 1n;
  for (const { tag, operator, operand } of conditions) {
    if (tag !== "tx.height") continue;
    if (!/^\d{1,18}$/.test(operand)) throw queryError("tx.height is compared with a whole number");
    const height = BigInt(operand);
    const low = operator === "=" || operator === ">=" ? height : operator === ">" ? height + 1n : from;
    const high = operator === "=" || operator === "<=" ? height : operator === "<" ? height - 1n : to;
    if (low > from) from = low;
    if (high < to) to = high;
  }
  return { from, to };
}

function intersection(lists: readonly Position[][]): Position[] {
  const [first = [], ...rest] = [...lists].sort((a, b) => a.length - b.length);
  const sets = rest.map((list) => new Set(list));
  return first.filter((at) => sets.every((set) => set.has(at)));
}

/** Fixed-size, so that any attribute value can be indexed; 128 bits keep two values apart. */
function eventPrefix(entry: string): Buffer {
  return Buffer.concat([Uint8Array.of(KIND.byEvent), sha256(Buffer.from(entry, "utf8")).subarray(0, 16)]);
}

function tail(height: bigint, index: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(height);
  bytes.writeUInt32BE(index, 8);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function tooBroad(): NodeError {
  return new NodeError("query.too_broad", "query: too many transactions match", "narrow it with tx.height bounds");
}
