import type { Check } from "../context.js";
import type { Event } from "../events.js";

/**
 * The application as an engine sees it: ABCI 2.0 semantics as plain synchronous calls; only `commit` is
 * async. The embedded engine and the CometBFT socket server drive this same object. Heights and gas are bigint;
 * times are nanoseconds since 1970.
 */
export interface Application {
  info(): AppInfo;
  initChain(request: InitChainRequest): InitChainResponse;
  checkTx(tx: Uint8Array, kind: "new" | "recheck"): CheckTxResult;
  prepareProposal(request: { txs: readonly Uint8Array[]; maxTxBytes: number; height: bigint; timeNs: bigint }): Uint8Array[];
  processProposal(request: BlockRequest): boolean;
  /** Executes a block in memory. Calling it again for the same height starts over from the last commit. */
  finalizeBlock(request: BlockRequest): FinalizeBlockResult;
  /** Persists what finalizeBlock computed, in one synced batch. */
  commit(): Promise<{ retainHeight: bigint }>;
  /** Reads the last committed state, or an older height's. Never throws for a bad request: see `code`. */
  query(request: QueryRequest): QueryResult;
  /** Costly stateless checks of a transaction, for the node to run off the main thread. Undecodable: none. */
  precheck(tx: Uint8Array): Check[];
  /** Stores verdicts of `precheck`ed checks; a bounded cache. */
  admit(check: Check, verdict: boolean): undefined;
}

/** `lastBlockHeight` is 0 before the first commit. */
export interface AppInfo {
  readonly name: string;
  readonly version: string;
  readonly appVersion: bigint;
  readonly lastBlockHeight: bigint;
  readonly lastBlockAppHash: Uint8Array;
}

/** A validator's new power; 0 removes it. Keys are raw: 32 bytes ed25519, 33 secp256k1. */
export interface ValidatorUpdate {
  readonly pubKeyType: "ed25519" | "secp256k1";
  readonly pubKey: Uint8Array;
  readonly power: bigint;
}

/** Genesis's consensus_params, the names those of CometBFT. */
export interface ConsensusParams {
  readonly block: { readonly maxBytes: bigint; readonly maxGas: bigint };
  readonly evidence: { readonly maxAgeNumBlocks: bigint; readonly maxAgeDurationNs: bigint; readonly maxBytes: bigint };
  readonly validator: { readonly pubKeyTypes: readonly string[] };
  readonly version: { readonly app: bigint };
  readonly abci: { readonly voteExtensionsEnableHeight: bigint };
}

export interface InitChainRequest {
  readonly chainId: string;
  readonly initialHeight: bigint;
  readonly timeNs: bigint;
  readonly consensusParams: ConsensusParams;
  readonly validators: readonly ValidatorUpdate[];
  /** app_state of genesis.json as UTF-8 JSON. */
  readonly appState: Uint8Array;
}

export interface InitChainResponse {
  readonly appHash: Uint8Array;
  /** Empty: keep the request's. */
  readonly validators: readonly ValidatorUpdate[];
}

export interface BlockRequest {
  readonly height: bigint;
  readonly timeNs: bigint;
  /** This block's hash. */
  readonly hash: Uint8Array;
  readonly proposerAddress: Uint8Array;
  readonly txs: readonly Uint8Array[];
}

/** Code 0: taken. Otherwise `codespace` and `code` say why; `log` is for people and in no hash. */
export interface CheckTxResult {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
}

export interface ExecTxResult extends CheckTxResult {
  readonly data: Uint8Array;
  readonly events: readonly Event[];
}

/** `txResults` in the block's order; `events` are those of the blockers. */
export interface FinalizeBlockResult {
  readonly txResults: readonly ExecTxResult[];
  readonly events: readonly Event[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
  readonly appHash: Uint8Array;
}

export interface QueryRequest {
  /** "/cosmos.bank.v1beta1.Query/Balance", "/store/bank/key", "/app/simulate", "/app/version". */
  readonly path: string;
  readonly data: Uint8Array;
  /** 0n = latest. */
  readonly height: bigint;
  readonly prove: boolean;
}

export interface QueryResult {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly height: bigint;
  readonly proofOps: readonly { readonly type: string; readonly key: Uint8Array; readonly data: Uint8Array }[];
}
