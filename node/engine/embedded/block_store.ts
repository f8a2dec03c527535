import { type DescMessage, type MessageShape, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type BlockResults, BlockResultsSchema, type EngineState, EngineStateSchema } from "nild/gen/nil/node/v1/engine_pb.js";
import { type Block, BlockSchema } from "nild/gen/tendermint/types/block_pb.js";
import { type Commit, CommitSchema } from "nild/gen/tendermint/types/types_pb.js";
import type { Database, DatabaseOp } from "nild/sdk";
import { NodeError } from "../../errors.js";
import { sha256 } from "./merkle.js";

/** Record kinds: the first byte of every key. The transaction index owns 0x10 and up in the same database. */
const KIND = { head: 1, state: 2, block: 3, commit: 4, results: 5 } as const;
const CHECKSUM_BYTES = 8;
/** Decoded blocks and results kept: a page of search results mostly opens the same few. */
const CACHED_HEIGHTS = 8;

/**
 * Blocks, their commits and results, and the engine's state. LevelDB does not check what it reads, so every record
 * carries a checksum (reliability S3). A failed write leaves the outcome unknown: the caller must stop the node (S5).
 */
export class BlockStore {
  #head: bigint;
  readonly #blocks = new Map<bigint, Block>();
  readonly #results = new Map<bigint, BlockResults>();
  constructor(
    readonly db: Database,
    /** The chain's first height. */
    readonly base: bigint,
  ) {
    const stored = this.#read(key(KIND.head));
    this.#head = stored === undefined ? 0n : Buffer.from(stored).readBigUInt64BE();
  }

  /** Height of the newest saved block; 0n for none. It may not be executed yet. */
  get head(): bigint {
    return this.#head;
  }

  /** `unsigned`: the commit that the operator is about to sign, so that a restart signs the same vote. */
  async saveBlock(block: Block, unsigned: Commit): Promise<void> {
    const height = block.header!.height;
    await this.#write([
      record(key(KIND.block, height), toBinary(BlockSchema, block)),
      record(key(KIND.commit, height), toBinary(CommitSchema, unsigned)),
      record(key(KIND.head), u64(height)),
    ]);
    this.#head = height;
    remember(this.#blocks, height, block);
  }

  async saveResults(height: bigint, results: BlockResults, commit: Commit): Promise<void> {
    await this.#write([
      record(key(KIND.results, height), toBinary(BlockResultsSchema, results)),
      record(key(KIND.commit, height), toBinary(CommitSchema, commit)),
    ]);
    remember(this.#results, height, results);
  }

  async saveState(state: EngineState): Promise<void> {
    await this.#write([record(key(KIND.state), toBinary(EngineStateSchema, state))]);
  }

  /** Shared: do not change what it returns. */
  block(height: bigint): Block | undefined {
    return cached(this.#blocks, height, () => this.#message(BlockSchema, key(KIND.block, height)));
  }

  /** The encoded block, for its size and part set. */
  blockBytes(height: bigint): Uint8Array | undefined {
    return this.#read(key(KIND.block, height));
  }

  /** The commit for the block at `height`; unsigned until its results are saved. */
  commit(height: bigint): Commit | undefined {
    return this.#message(CommitSchema, key(KIND.commit, height));
  }

  /** Shared: do not change what it returns. */
  results(height: bigint): BlockResults | undefined {
    return cached(this.#results, height, () => this.#message(BlockResultsSchema, key(KIND.results, height)));
  }

  state(): EngineState | undefined {
    return this.#message(EngineStateSchema, key(KIND.state));
  }

  #message<D extends DescMessage>(schema: D, at: Uint8Array): MessageShape<D> | undefined {
    const bytes = this.#read(at);
    return bytes === undefined ? undefined : fromBinary(schema, bytes);
  }

  #read(at: Uint8Array): Uint8Array | undefined {
    const stored = this.db.get(at);
    if (stored === undefined) return undefined;
    const payload = stored.subarray(CHECKSUM_BYTES);
    if (!Buffer.from(checksum(at, payload)).equals(stored.subarray(0, CHECKSUM_BYTES))) {
      throw new NodeError("block_store.corrupt", `block database: record ${Buffer.from(at).toString("hex")} fails its checksum`, "restore the data directory from a backup");
    }
    return payload;
  }

  #write(ops: readonly DatabaseOp[]): Promise<void> {
    return this.db.batch(ops, { sync: true });
  }
}

function cached<T>(cache: Map<bigint, T>, height: bigint, read: () => T | undefined): T | undefined {
  const hit = cache.get(height);
  if (hit !== undefined) return hit;
  const value = read();
  if (value !== undefined) remember(cache, height, value);
  return value;
}

function remember<T>(cache: Map<bigint, T>, height: bigint, value: T): void {
  cache.delete(height);
  const oldest = cache.keys().next();
  if (cache.size >= CACHED_HEIGHTS && !oldest.done) cache.delete(oldest.value);
  cache.set(height, value);
}

function key(kind: number, height?: bigint): Uint8Array {
  return height === undefined ? Uint8Array.of(kind) : Buffer.concat([Uint8Array.of(kind), u64(height)]);
}

function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function record(at: Uint8Array, payload: Uint8Array): DatabaseOp {
  return { type: "put", key: at, value: Buffer.concat([checksum(at, payload), payload]) };
}

/** Covers the key too: a record under another's key is as wrong as a flipped bit. */
function checksum(at: Uint8Array, payload: Uint8Array): Uint8Array {
  return sha256(at, payload).subarray(0, CHECKSUM_BYTES);
}
