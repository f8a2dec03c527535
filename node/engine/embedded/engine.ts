import { create } from "@bufbuild/protobuf";
import type { BlockResults, EngineState } from "nild/gen/nil/node/v1/engine_pb.js";
import type { Block } from "nild/gen/tendermint/types/block_pb.js";
import { type Commit, VoteSchema } from "nild/gen/tendermint/types/types_pb.js";
import type { Validator } from "nild/gen/tendermint/types/validator_pb.js";
import type { Application, Database, FinalizeBlockResult } from "nild/sdk";
import type { Clock } from "../../clock.js";
import type { GenesisDoc } from "../../config/genesis.js";
import { NodeError } from "../../errors.js";
import type { Log } from "../../log/log.js";
import type { MempoolLimits } from "../../mempool/limits.js";
import { Mempool } from "../../mempool/mempool.js";
import { type AsyncCheckers, Prechecks } from "../../mempool/prechecks.js";
import { hex } from "../../hex.js";
import { nsFromTimestamp } from "../../time.js";
import { TxIndex } from "../../tx_index/tx_index.js";
import type { BlockSummary, Chain, ChainStatus, CommittedTx, NewBlock, StoredBlock, Submitted, TxPage } from "../chain.js";
import { buildBlock, emptyCommit, maxTxBytes, signedCommit, unsignedCommit, voteTime } from "./block_builder.js";
import { BlockStore } from "./block_store.js";
import { headerHash } from "./hashes.js";
import { planRecovery } from "./recovery.js";
import { blockResults, genesisState, stateAfter } from "./results.js";
import { type BlockSigner, voteOf } from "./signer.js";

export interface EmbeddedEngineOptions {
  readonly app: Application;
  readonly genesis: GenesisDoc;
  /** Blocks, results, state and index. The engine does not close it. */
  readonly db: Database;
  readonly signer: BlockSigner;
  readonly clock: Clock;
  readonly log: Log;
  readonly mempool: MempoolLimits;
  readonly checkers: AsyncCheckers;
  /** Time from one block to the next; undefined: only `produceBlock` makes blocks. */
  readonly blockTimeMs?: number;
  /** Told once, when a block cannot be finished: what is on the disk is then unknown, so the process must end. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * A chain of one validator in this process, with CometBFT's blocks: same header, same hashes, a real commit. Each
 * height is written in an order that `planRecovery` can pick up after a crash at any point.
 */
export class EmbeddedEngine implements Chain {
  readonly #app: Application;
  readonly #genesis: GenesisDoc;
  readonly #options: EmbeddedEngineOptions;
  readonly #store: BlockStore;
  readonly #index: TxIndex;
  readonly #mempool: Mempool;
  readonly #listeners = new Set<(block: NewBlock) => void>();
  #state: EngineState | undefined;
  #production: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #failed = false;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
    this.#app = options.app;
    this.#genesis = options.genesis;
    this.#store = new BlockStore(options.db, options.genesis.initialHeight);
    this.#index = new TxIndex(options.db, this.#store);
    this.#mempool = new Mempool(options.app, new Prechecks(options.app, options.checkers, options.log), options.mempool);
  }

  /** Recovers, makes the first block if there is none (RPC clients cannot do without), then keeps the interval. */
  async start(): Promise<void> {
    this.#assertOnlyValidator();
    await this.#recover();
    await this.#index.catchUp(this.height);
    if (this.height < this.base) await this.produceBlock();
    this.#schedule(performance.now());
  }

  /** Lets the block in work finish; makes no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#production.catch(() => undefined);
  }

  /** Makes one block of what the mempool holds and returns its height. Calls queue up. */
  produceBlock(): Promise<bigint> {
    const next = this.#production.then(() => this.#produce());
    this.#production = next.catch(() => undefined);
    return next;
  }

  get chainId(): string {
    return this.#genesis.chainId;
  }

  get base(): bigint {
    return this.#store.base;
  }

  get height(): bigint {
    return this.#state?.height ?? 0n;
  }

  submit(tx: Uint8Array): Promise<Submitted> {
    return this.#mempool.submit(tx);
  }

  mempoolSize(): { txs: number; bytes: number } {
    return { txs: this.#mempool.size, bytes: this.#mempool.bytes };
  }

  block(height: bigint): StoredBlock | undefined {
    const block = height > this.height ? undefined : this.#store.block(height);
    const id = this.#store.commit(height)?.blockId;
    if (block === undefined || id === undefined) return undefined;
    const store = this.#store;
    return {
      id,
      block,
      get size() {
        return store.blockBytes(height)!.length;
      },
    };
  }

  results(height: bigint): BlockResults | undefined {
    return height > this.height ? undefined : this.#store.results(height);
  }

  commit(height: bigint): Commit | undefined {
    return height > this.height ? undefined : this.#store.commit(height);
  }

  validators(): readonly Validator[] {
    return this.#state?.validators ?? [];
  }

  tx(hash: Uint8Array): CommittedTx | undefined {
    return this.#index.find(hash);
  }

  searchTxs(query: string, page: { limit: number; offset: number; newestFirst: boolean }): Promise<TxPage> {
    return this.#index.search(query, page);
  }

  subscribe(listener: (block: NewBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): ChainStatus {
    const { address, pubKey } = this.#options.signer.key;
    const power = this.validators().find((each) => Buffer.from(each.address).equals(address))?.votingPower ?? 0n;
    return { validator: { address, pubKey, power }, latest: this.#summary(this.height), earliest: this.#summary(this.base) };
  }

  #summary(height: bigint): BlockSummary {
    const header = this.#store.block(height)?.header;
    if (header === undefined) throw new NodeError("engine.no_blocks", "the chain has no block yet");
    return { height, hash: this.#store.commit(height)!.blockId!.hash, appHash: header.appHash, timeNs: nsFromTimestamp(header.time!) };
  }

  #schedule(lastStart: number): void {
    const { blockTimeMs } = this.#options;
    if (blockTimeMs === undefined || this.#stopped || this.#failed) return;
    this.#timer = setTimeout(
      () => {
        const start = performance.now();
        void this.produceBlock().then(
          () => this.#schedule(start),
          () => undefined,
        );
      },
      Math.max(0, lastStart + blockTimeMs - performance.now()),
    );
  }

  async #produce(): Promise<bigint> {
    if (this.#stopped) throw new NodeError("engine.stopped", "the engine is stopping");
    if (this.#failed) throw new NodeError("engine.failed", "a block could not be finished; the node must restart");
    try {
      const state = this.#state!;
      const lastCommit = state.height < this.base ? emptyCommit() : this.#store.commit(state.height)!;
      const block = this.#propose(state, lastCommit);
      const unsigned = unsignedCommit(block, voteTime(block, this.#options.clock.nowNs()));
      await this.#store.saveBlock(block, unsigned);
      await this.#finish(block, unsigned);
      return block.header!.height;
    } catch (error) {
      this.#failed = true;
      this.#options.onFatal(error);
      throw error;
    }
  }

  #propose(state: EngineState, lastCommit: Commit): Block {
    const params = this.#genesis.consensusParams;
    const { address } = this.#options.signer.key;
    const limit = maxTxBytes(params.block.maxBytes);
    const height = state.height + 1n;
    const timeNs = nsFromTimestamp(lastCommit.signatures[0]?.timestamp ?? state.time!);
    const txs = this.#app.prepareProposal({ txs: this.#mempool.reap(limit, params.block.maxGas), maxTxBytes: limit, height, timeNs });
    const block = buildBlock(state, lastCommit, txs, params, address);
    if (this.#app.processProposal(blockRequest(block))) return block;
    this.#options.log.error({ height: String(height), txs: txs.length }, "the application refuses its own proposal; an empty block goes out instead");
    return buildBlock(state, lastCommit, [], params, address);
  }

  /** From a saved block to a committed one. Also the way back after a crash, so every step may run again. */
  async #finish(block: Block, unsigned: Commit): Promise<void> {
    const height = block.header!.height;
    const start = performance.now();
    const commit = signedCommit(unsigned, await this.#options.signer.signPrecommit(this.chainId, create(VoteSchema, voteOf(unsigned, 0))));
    const results = blockResults(this.#execute(block));
    this.#warnOfOtherValidators(results);
    await this.#store.saveResults(height, results, commit);
    const txs = block.data!.txs;
    // Should the commit fail, the mempool stays locked: the node is about to end.
    const unlock = this.#mempool.lock();
    await this.#app.commit();
    unlock(txs, results.txResults.map((each) => each.code));
    await this.#advance(block, commit, results);
    this.#options.log.info({ height: String(height), txs: txs.length, ms: Math.round(performance.now() - start), appHash: hex(results.appHash) }, "block");
  }

  #warnOfOtherValidators({ validatorUpdates }: BlockResults): void {
    const { pubKey } = this.#options.signer.key;
    const others = validatorUpdates.filter((update) => !same(update.pubKey!.sum.value!, pubKey));
    if (others.length > 0) this.#options.log.warn({ updates: others.length }, "updates of other validators are not applied: this engine has one");
  }

  #execute(block: Block): FinalizeBlockResult {
    const result = this.#app.finalizeBlock(blockRequest(block));
    if (result.txResults.length !== block.data!.txs.length) {
      throw new NodeError("engine.bad_results", `the application answered ${block.data!.txs.length} transactions with ${result.txResults.length} results`);
    }
    return result;
  }

  /** The application has the block: record that the engine knows, index it, tell the listeners. */
  async #advance(block: Block, commit: Commit, results: BlockResults): Promise<void> {
    const next = stateAfter(this.#state!, block, commit.blockId!, results);
    await this.#store.saveState(next);
    this.#state = next;
    await this.#index.add(next.height);
    const stored = this.block(next.height)!;
    for (const listener of this.#listeners) {
      try {
        listener({ height: next.height, stored, results });
      } catch (error) {
        this.#options.log.error({ err: error }, "a block listener failed");
      }
    }
  }

  async #recover(): Promise<void> {
    const { signer, log } = this.#options;
    const info = this.#app.info();
    const saved = this.#store.state();
    if (saved !== undefined && saved.chainId !== this.chainId) {
      throw new NodeError("recovery.other_chain", `the block database is of chain ${saved.chainId}, genesis.json of ${this.chainId}`, "use the home directory of that chain");
    }
    const plan = planRecovery({
      app: info.lastBlockHeight,
      blocks: this.#store.head,
      state: saved?.height ?? 0n,
      signed: signer.lastHeight,
      initial: this.base,
    });
    this.#state = saved;
    if (plan.initChain) await this.#initChain();
    const before = this.#state!.height;
    if (plan.replay.from <= plan.replay.to || plan.last !== "none") {
      log.info({ app: String(info.lastBlockHeight), blocks: String(this.#store.head), state: String(before), last: plan.last }, "recovering");
    }
    for (let height = plan.replay.from; height <= plan.replay.to; height++) await this.#replay(height);
    if (plan.last === "adopt") await this.#adopt(this.#store.head);
    if (plan.last === "execute") {
      this.#assertAppHash(before, this.#state!.appHash);
      await this.#finish(this.#store.block(this.#store.head)!, this.#store.commit(this.#store.head)!);
    }
    if (this.height >= this.base) this.#assertAppHash(this.height, this.#state!.appHash);
  }

  async #initChain(): Promise<void> {
    const { chainId, initialHeight, timeNs, consensusParams, validators, appState } = this.#genesis;
    const response = this.#app.initChain({ chainId, initialHeight, timeNs, consensusParams, validators, appState });
    const state = genesisState(chainId, initialHeight, timeNs, response.appHash, response.validators.length > 0 ? response.validators : validators);
    const first = this.#store.block(initialHeight);
    if (first !== undefined && !same(first.header!.appHash, state.appHash)) {
      throw mismatch(initialHeight - 1n, state.appHash, first.header!.appHash, "genesis.json changed since block 1 was made");
    }
    if (this.#state !== undefined && this.#state.height >= initialHeight) return;
    await this.#store.saveState(state);
    this.#state = state;
  }

  /** A block whose outcome the engine has, executed again by an application that lost it. */
  async #replay(height: bigint): Promise<void> {
    const block = this.#store.block(height);
    if (block === undefined) throw new NodeError("recovery.block_missing", `block ${height} is not in the block database`, "restore the data directory from a backup");
    const result = this.#execute(block);
    const expected = height === this.#state!.height ? this.#state!.appHash : this.#store.block(height + 1n)!.header!.appHash;
    if (!same(result.appHash, expected)) throw mismatch(height, result.appHash, expected, "the program or its state changed");
    await this.#app.commit();
  }

  /** The application committed the block and the engine did not hear: the saved results count, nothing runs twice. */
  async #adopt(height: bigint): Promise<void> {
    const results = this.#store.results(height);
    const commit = this.#store.commit(height);
    if (results === undefined || commit === undefined) throw new NodeError("recovery.results_missing", `the application has block ${height}, its results were lost`, "restore the data directory from a backup");
    await this.#advance(this.#store.block(height)!, commit, results);
  }

  #assertAppHash(height: bigint, expected: Uint8Array): void {
    const info = this.#app.info();
    if (info.lastBlockHeight !== 0n && !same(info.lastBlockAppHash, expected)) throw mismatch(height, info.lastBlockAppHash, expected, "the databases do not belong together");
  }

  #assertOnlyValidator(): void {
    const { pubKey } = this.#options.signer.key;
    const [only, ...others] = this.#genesis.validators;
    if (only === undefined || others.length > 0 || !same(only.pubKey, pubKey)) {
      throw new NodeError("engine.not_the_validator", "the embedded engine needs a genesis whose one validator is this node's consensus key", "use the CometBFT engine for several validators, or restore config/priv_validator_key.json");
    }
  }
}

function blockRequest(block: Block): { height: bigint; timeNs: bigint; hash: Uint8Array; proposerAddress: Uint8Array; txs: readonly Uint8Array[] } {
  const header = block.header!;
  return { height: header.height, timeNs: nsFromTimestamp(header.time!), hash: headerHash(header), proposerAddress: header.proposerAddress, txs: block.data!.txs };
}

function mismatch(height: bigint, found: Uint8Array, expected: Uint8Array, why: string): NodeError {
  return new NodeError("recovery.app_hash_mismatch", `app hash at height ${height} is ${hex(found)}, the chain says ${hex(expected)}: ${why}`, "restore the data directory from a backup, or run the program that made it");
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
