import type { BlockResults } from "nild/gen/nil/node/v1/engine_pb.js";
import type { ExecTxResult } from "nild/gen/tendermint/abci/types_pb.js";
import type { Block } from "nild/gen/tendermint/types/block_pb.js";
import type { BlockID, Commit } from "nild/gen/tendermint/types/types_pb.js";
import type { Validator } from "nild/gen/tendermint/types/validator_pb.js";
import type { CheckTxResult } from "nild/sdk";

/** The chain as servers and clients in this process see it, whichever engine drives the application. */
export interface Chain {
  readonly chainId: string;
  /** First height of the chain. */
  readonly base: bigint;
  /** Last height executed and committed. */
  readonly height: bigint;
  status(): ChainStatus;
  block(height: bigint): StoredBlock | undefined;
  results(height: bigint): BlockResults | undefined;
  /** The commit for the block at `height`. */
  commit(height: bigint): Commit | undefined;
  validators(): readonly Validator[];
  /** By SHA-256 of the transaction. */
  tx(hash: Uint8Array): CommittedTx | undefined;
  /** Transactions that match a query, in block order. Throws NodeError `query.*` for one that cannot be answered. */
  searchTxs(query: string, page: { readonly limit: number; readonly offset: number; readonly newestFirst: boolean }): Promise<TxPage>;
  /** Checks a transaction and takes it into the mempool. Throws NodeError `mempool.*` when it is refused unchecked. */
  submit(tx: Uint8Array): Promise<Submitted>;
  /** Called after each block is committed and indexed, in order. Returns the way to unsubscribe. */
  subscribe(listener: (block: NewBlock) => void): () => void;
  mempoolSize(): { readonly txs: number; readonly bytes: number };
}

export interface ChainStatus {
  readonly validator: { readonly address: Uint8Array; readonly pubKey: Uint8Array; readonly power: bigint };
  readonly latest: BlockSummary;
  readonly earliest: BlockSummary;
}

export interface BlockSummary {
  readonly height: bigint;
  readonly hash: Uint8Array;
  /** As in the header: the state before this block. */
  readonly appHash: Uint8Array;
  readonly timeNs: bigint;
}

export interface StoredBlock {
  readonly id: BlockID;
  readonly block: Block;
  /** Encoded size in bytes. */
  readonly size: number;
}

export interface CommittedTx {
  readonly hash: Uint8Array;
  readonly height: bigint;
  readonly index: number;
  readonly tx: Uint8Array;
  readonly result: ExecTxResult;
}

export interface TxPage {
  readonly txs: readonly CommittedTx[];
  readonly total: number;
}

export interface Submitted {
  /** SHA-256 of the transaction. */
  readonly hash: Uint8Array;
  readonly result: CheckTxResult;
}

export interface NewBlock {
  readonly height: bigint;
  readonly stored: StoredBlock;
  readonly results: BlockResults;
}
