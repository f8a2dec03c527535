/** One key with its value. Both are the caller's own copies: changing them never changes the store. */
export type Entry = [key: Uint8Array, value: Uint8Array];

/** Half-open range of keys in bytewise order: start ≤ key < end. An absent bound is open. */
export interface Range {
  start?: Uint8Array;
  /** Exclusive. */
  end?: Uint8Array;
  /** From the greatest key down. */
  reverse?: boolean;
}

export interface KVReader {
  get(key: Uint8Array): Uint8Array | undefined;
  has(key: Uint8Array): boolean;
  /** Entries in bytewise order, as they are at the moment of the call: later writes do not show. */
  scan(range?: Range): IterableIterator<Entry>;
}

export interface KVStore extends KVReader {
  /** Throws StoreError `empty_key` or `empty_value`: ICS-23 cannot prove either. */
  set(key: Uint8Array, value: Uint8Array): void;
  /** Deleting an absent key is no error. */
  delete(key: Uint8Array): void;
}

/** A view of all stores. An unmounted name throws StoreError `unknown_store`. */
export interface StateReader {
  reader(name: string): KVReader;
}

export interface State extends StateReader {
  store(name: string): KVStore;
  /** An overlay on this state; its writes stay in it until merged. */
  branch(): Branch;
}

/** To drop a branch, forget the object. */
export interface Branch extends State {
  /** Moves the writes down into the state that was branched and leaves the branch empty. */
  merge(): void;
}

export type DatabaseOp =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

export interface DatabaseRange extends Range {
  limit?: number;
}

/** The ordered key-value database beneath the stores: reads are synchronous, writes and scans are not. */
export interface Database {
  get(key: Uint8Array): Uint8Array | undefined;
  /** Asynchronous, because LevelDB has no synchronous iterator. State never depends on it. */
  scan(range?: DatabaseRange): AsyncIterable<Entry>;
  /** All or nothing. `sync`: resolves only when the operating system says that the bytes are on the disk. */
  batch(ops: readonly DatabaseOp[], opts: { sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** One layer of a state proof, as CometBFT's `proof_ops` carries it. */
export interface ProofOp {
  readonly type: "ics23:iavl" | "ics23:simple";
  /** Raw key in the first layer, store name (ASCII) in the second. */
  readonly key: Uint8Array;
  /** cosmos.ics23.v1.CommitmentProof, encoded. */
  readonly data: Uint8Array;
}

export interface Proof {
  /** Absent when the proof is one of absence. */
  readonly value?: Uint8Array;
  readonly ops: readonly [ProofOp, ProofOp];
}

export interface CommitId {
  readonly version: bigint;
  /** 32 bytes. */
  readonly appHash: Uint8Array;
}
