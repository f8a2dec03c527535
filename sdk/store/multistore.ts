import type { Branch, CommitId, Database, DatabaseOp, Proof, State, StateReader } from "./types.js";

export interface MultiStoreOptions {
  /** Tree nodes kept in memory, over all stores. */
  cacheNodes?: number;
}

export declare class MultiStore {
  static open(db: Database, names: readonly string[], options?: MultiStoreOptions): MultiStore;
  /** Last committed version; 0n before the first commit. */
  get version(): bigint;
  /** App hash of `version`; SHA-256 of nothing before the first commit. */
  get appHash(): Uint8Array;
  /** A branch over the working state: the last commit plus what was merged since. */
  branch(): Branch;
  /** A throw-away state over a committed version (default: the last): for CheckTx, simulation, queries that execute. */
  fork(version?: bigint): State;
  /** App hash that commit() would give. */
  workingHash(): Uint8Array;
  /** Persists the working state as version + 1 in one synced batch, together with `extra`. */
  commit(extra?: readonly DatabaseOp[]): Promise<CommitId>;
  /** Forgets everything merged since the last commit. */
  discardWorking(): void;
  /** A committed version, read-only. Throws StoreError `unknown_version`. */
  at(version: bigint): StateReader;
  prove(version: bigint, name: string, key: Uint8Array): Proof;
  /** Oldest and newest readable version; undefined before the first commit. */
  versions(): { earliest: bigint; latest: bigint } | undefined;
  /** Root hash of every store at a version. */
  storeRoots(version: bigint): Map<string, Uint8Array>;
  /** Reads every node of every version and checks its hash; throws CorruptionError at the first bad one. */
  verify(): { versions: number; nodes: number };
}
