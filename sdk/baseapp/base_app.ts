import type { TypeRegistry } from "../codec/index.js";
import { type BlockInfo, type Check, type Checker, ExecCtx, type Host, ReadCtx } from "../context.js";
import { SdkError, isFatal, sdkErr } from "../errors.js";
import { GasMeter } from "../gas.js";
import type { AnyTypes } from "../json/index.js";
import type { AppModule } from "../module/index.js";
import type { MultiStore, State } from "../store/index.js";
import type { AnteStep, ExecMode, Transaction } from "./ante.js";
import type * as abci from "./application.js";
import { executeBlock } from "./block.js";
import { ChainState } from "./chain_state.js";
import { type Executed, execute, refusal } from "./execution.js";
import { anyTypes, exportModules, initModules, parseGenesis } from "./genesis.js";
import { DEFAULT_LIMITS, type Limits } from "./limits.js";
import { type BlockLimits, acceptable, selectTxs } from "./proposal.js";
import { answerQuery } from "./query.js";
import { ReadCache } from "./read_cache.js";
import { MessageRouter, QueryRouter } from "./router.js";
import { readTransaction } from "./transaction.js";
import { VerdictCache } from "./verdicts.js";

export interface BaseAppOptions {
  readonly name: string;
  readonly version: string;
  readonly appVersion: bigint;
  readonly modules: readonly AppModule[];
  /** Module names in the order in which each pass visits them; every module occurs in `initGenesis` once. */
  readonly order: { readonly initGenesis: readonly string[]; readonly beginBlock: readonly string[]; readonly endBlock: readonly string[] };
  readonly registry: TypeRegistry;
  /** Opened with `storeNames(modules)`. */
  readonly store: MultiStore;
  /** Synchronous, by kind of check. */
  readonly checkers: Readonly<Record<string, Checker>>;
  readonly ante: readonly AnteStep[];
  readonly limits?: Partial<Limits>;
  /** Told of every exception that is not an SdkError, and of every blocker that failed. */
  readonly onUnexpected: (error: unknown) => undefined;
}

/** The last committed block, and the state that CheckTx and simulation build on it. */
interface Tip {
  readonly block: BlockInfo;
  readonly initialHeight: bigint;
  readonly limits: BlockLimits;
  readonly checkState: State;
}

/** Runs modules as one application (docs/architecture.md, "A block"). Engine misuse throws SdkError and changes nothing. */
export class BaseApp implements abci.Application {
  readonly messages: MessageRouter;
  readonly queries: QueryRouter;
  readonly chain = new ChainState();
  readonly limits: Limits;
  readonly #verdicts: VerdictCache;
  readonly #reads: ReadCache;
  readonly #host: Host;
  /** What an Any in genesis or in a JSON answer may hold. */
  readonly #anyTypes: AnyTypes;
  readonly #byName: ReadonlyMap<string, AppModule>;
  #genesis: abci.InitChainRequest | undefined;
  /** A block was executed and waits for commit. */
  #executed = false;
  #tip: Tip | undefined;

  constructor(readonly options: BaseAppOptions) {
    const { modules, registry, checkers, onUnexpected } = options;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.messages = new MessageRouter(modules);
    const registered = anyTypes(registry);
    this.#anyTypes = (typeUrl) => registered(typeUrl) ?? this.messages.responseType(typeUrl);
    this.queries = new QueryRouter(modules);
    for (const { desc } of this.messages.routes) registry.registerMsg(desc);
    this.#byName = new Map(modules.map((module) => [module.name, module]));
    this.#requireOrders();
    this.#reads = new ReadCache(this.limits.decodedBytes, (bytes) => readTransaction(bytes, registry, this.messages, this.limits));
    this.#verdicts = new VerdictCache(checkers, this.limits.verdicts);
    this.#host = { verified: (check) => this.#verdicts.verdict(check), unexpected: onUnexpected };
    this.#tip = this.#loadTip();
  }

  info(): abci.AppInfo {
    const { name, version, appVersion, store } = this.options;
    return { name, version, appVersion, lastBlockHeight: this.#tip?.block.height ?? 0n, lastBlockAppHash: store.appHash };
  }

  initChain(request: abci.InitChainRequest): abci.InitChainResponse {
    if (this.#tip) throw sdkErr.InvalidRequest(`the state is at height ${this.#tip.block.height} already; a chain starts once`);
    if (request.appState.length > this.limits.maxGenesisBytes) {
      throw sdkErr.InvalidRequest(`genesis app_state has ${request.appState.length} bytes, at most ${this.limits.maxGenesisBytes}`);
    }
    if (request.chainId.length < 1 || request.chainId.length > 50) throw sdkErr.InvalidChainId("chain_id: 1 to 50 characters");
    if (request.initialHeight < 1n) throw sdkErr.InvalidHeight(`initial_height ${request.initialHeight}: at least 1`);
    this.#applyGenesis(request);
    this.#genesis = request;
    this.#executed = false;
    return { appHash: this.options.store.workingHash(), validators: [] };
  }

  checkTx(bytes: Uint8Array, kind: "new" | "recheck"): abci.CheckTxResult {
    try {
      const { code, codespace, log, gasWanted, gasUsed } = this.#runOnCheckState(this.#reads.get(bytes), kind === "new" ? "check" : "recheck");
      return { code, codespace, log, gasWanted, gasUsed };
    } catch (error) {
      if (!(error instanceof SdkError)) throw error;
      const { code, codespace, log, gasWanted, gasUsed } = refusal(error);
      return { code, codespace, log, gasWanted, gasUsed };
    }
  }

  prepareProposal(request: { txs: readonly Uint8Array[]; maxTxBytes: number; height: bigint; timeNs: bigint }): Uint8Array[] {
    const { maxGas, maxBytes } = this.#blockLimits();
    return selectTxs(request.txs, { maxGas, maxBytes: Math.min(request.maxTxBytes, maxBytes ?? request.maxTxBytes) }, (tx) => this.#tryRead(tx));
  }

  processProposal(request: abci.BlockRequest): boolean {
    return acceptable(request.txs, this.#blockLimits(), (tx) => this.#tryRead(tx));
  }

  finalizeBlock(request: abci.BlockRequest): abci.FinalizeBlockResult {
    const { store, ante } = this.options;
    const block = this.#blockInfo(request);
    this.#executed = false;
    store.discardWorking();
    if (!this.#tip) this.#applyGenesis(this.#genesis!);
    const state = store.branch();
    const { maxGas } = this.#blockLimits();
    const { txResults, events } = executeBlock(state, block, request.txs, {
      host: this.#host,
      ante,
      maxGas,
      beginBlockers: this.#ordered("beginBlock"),
      endBlockers: this.#ordered("endBlock"),
      read: (tx) => this.#reads.take(tx),
    });
    this.chain.setBlockTime(this.#execCtx(block, state));
    state.merge();
    this.#executed = true;
    return { txResults, events, validatorUpdates: [], appHash: store.workingHash() };
  }

  async commit(): Promise<{ retainHeight: bigint }> {
    if (!this.#executed) throw sdkErr.InvalidRequest("commit: no block was finalized since the last commit");
    await this.options.store.commit();
    this.#executed = false;
    this.#genesis = undefined;
    this.#tip = this.#loadTip();
    return { retainHeight: 0n };
  }

  query(request: abci.QueryRequest): abci.QueryResult {
    return answerQuery(request, {
      name: this.options.name,
      version: this.options.version,
      limits: this.limits,
      routes: this.queries,
      store: this.options.store,
      anyTypes: this.#anyTypes,
      tip: this.#tip && { height: this.#tip.block.height, initialHeight: this.#tip.initialHeight },
      readCtx: (height, gasLimit) => this.readCtx(height, gasLimit),
      simulate: (tx) => this.#runOnCheckState(this.#reads.take(tx), "simulate"),
      unexpected: (error) => this.options.onUnexpected(error),
    });
  }

  precheck(bytes: Uint8Array): Check[] {
    const tx = this.#tryRead(bytes);
    if (!tx || !this.#tip) return [];
    const ctx = new ReadCtx(this.#nextBlock(this.#tip), this.#tip.checkState, new GasMeter(undefined));
    const signatures = this.options.ante.flatMap((step) => step.checks?.(ctx, tx) ?? []);
    return [...signatures, ...tx.messages.flatMap(({ route, value }) => route.checks(value))];
  }

  admit(check: Check, verdict: boolean): undefined {
    this.#verdicts.admit(check, verdict);
  }

  /** Reads a committed height; default the last. Throws sdk/26 for one that is not kept. */
  readCtx(height?: bigint, gasLimit?: bigint): ReadCtx {
    const { store } = this.options;
    const tip = this.#requireTip();
    const wanted = height ?? tip.block.height;
    const version = wanted - tip.initialHeight + 1n;
    const kept = store.versions();
    if (!kept || version < kept.earliest || version > kept.latest) {
      throw sdkErr.InvalidHeight(`height ${wanted} is not available; the last is ${tip.block.height}`);
    }
    const view = store.at(version);
    const block = { ...tip.block, height: wanted };
    const timeNs = this.chain.blockTimeNs(new ReadCtx(block, view, new GasMeter(undefined)));
    return new ReadCtx({ ...block, timeNs }, view, new GasMeter(gasLimit));
  }

  /** What is broken at the last committed height, in words, by "module/invariant"; undefined = holds. */
  invariants(): Record<string, string | undefined> {
    const results: Record<string, string | undefined> = {};
    for (const module of this.options.modules) {
      for (const [name, invariant] of Object.entries(module.parts.invariants)) {
        results[`${module.name}/${name}`] = invariant(this.readCtx());
      }
    }
    return results;
  }

  /** app_state of the last committed height (or another) as JSON. */
  exportGenesis(height?: bigint): string {
    return exportModules(this.readCtx(height), this.options.modules, this.#anyTypes);
  }

  #runOnCheckState(tx: Transaction, mode: ExecMode): Executed {
    const tip = this.#requireTip();
    const { maxGas } = tip.limits;
    const options = { host: this.#host, ante: this.options.ante };
    if (mode !== "simulate") return execute(tip.checkState, this.#nextBlock(tip), tx, mode, { ...options, maxGas });
    // Nobody pays for a simulation: it is bounded as queries are, also where blocks are not.
    const { queryGas } = this.limits;
    return execute(tip.checkState.branch(), this.#nextBlock(tip), tx, mode, { ...options, maxGas: maxGas !== undefined && maxGas < queryGas ? maxGas : queryGas });
  }

  #applyGenesis(request: abci.InitChainRequest): undefined {
    const { store, modules } = this.options;
    const genesis = parseGenesis(request.appState, modules, this.#anyTypes);
    store.discardWorking();
    const state = store.branch();
    const ctx = this.#execCtx(genesisBlock(request), state);
    const { maxBytes, maxGas } = request.consensusParams.block;
    this.chain.init(ctx, { chainId: request.chainId, initialHeight: request.initialHeight, maxBytes, maxGas }, modules);
    try {
      initModules(ctx, genesis, this.#ordered("initGenesis"));
      requireInvariants(ctx, modules);
    } catch (error) {
      if (isFatal(error)) throw error;
      throw ctx.asSdkError(error);
    }
    state.merge();
  }

  #blockInfo({ height, timeNs, hash, proposerAddress: proposer }: abci.BlockRequest): BlockInfo {
    const expected = this.#tip ? this.#tip.block.height + 1n : this.#genesis?.initialHeight;
    if (expected === undefined) throw sdkErr.InvalidRequest("finalizeBlock: the chain has no genesis yet");
    if (height !== expected) throw sdkErr.InvalidHeight(`finalizeBlock: expected height ${expected}, got ${height}`);
    return { chainId: this.#tip?.block.chainId ?? this.#genesis!.chainId, height, timeNs, hash, proposer };
  }

  #blockLimits(): BlockLimits {
    if (this.#tip) return this.#tip.limits;
    const block = this.#genesis?.consensusParams.block;
    return {
      maxBytes: block && block.maxBytes >= 0n ? Number(block.maxBytes) : undefined,
      maxGas: block && block.maxGas >= 0n ? block.maxGas : undefined,
    };
  }

  #loadTip(): Tip | undefined {
    const { store, modules } = this.options;
    if (store.version === 0n) return undefined;
    const unknown: BlockInfo = { chainId: "", height: 0n, timeNs: 0n, hash: new Uint8Array(0), proposer: new Uint8Array(0) };
    const ctx = new ReadCtx(unknown, store.at(store.version), new GasMeter(undefined));
    this.chain.requireVersions(ctx, modules);
    const initialHeight = this.chain.initialHeight(ctx);
    const maxBytes = this.chain.maxBytes(ctx);
    return {
      block: { ...unknown, chainId: this.chain.chainId(ctx), height: initialHeight + store.version - 1n, timeNs: this.chain.blockTimeNs(ctx) },
      initialHeight,
      limits: { maxBytes: maxBytes === undefined ? undefined : Number(maxBytes), maxGas: this.chain.maxGas(ctx) },
      checkState: store.fork(),
    };
  }

  #requireTip(): Tip {
    if (!this.#tip) throw sdkErr.InvalidRequest("the chain has no committed block yet");
    return this.#tip;
  }

  /** The block that a transaction would enter; its time is not known yet, so the last one's stands in. */
  #nextBlock(tip: Tip): BlockInfo {
    return { ...tip.block, height: tip.block.height + 1n };
  }

  #execCtx(block: BlockInfo, state: State): ExecCtx {
    return new ExecCtx(block, state, new GasMeter(undefined), this.#host);
  }

  #tryRead(bytes: Uint8Array): Transaction | undefined {
    try {
      return this.#reads.get(bytes);
    } catch (error) {
      if (error instanceof SdkError) return undefined;
      throw error;
    }
  }

  #ordered(pass: keyof BaseAppOptions["order"]): AppModule[] {
    return this.options.order[pass].map((name) => this.#byName.get(name)!);
  }

  #requireOrders(): undefined {
    const { order, modules } = this.options;
    for (const [pass, names] of Object.entries(order)) {
      const unknown = names.find((name) => !this.#byName.has(name));
      if (unknown !== undefined || new Set(names).size !== names.length) throw new Error(`order.${pass}: ${unknown ?? "a module"} is unknown or listed twice`);
    }
    const missing = (pass: readonly string[], has: (module: AppModule) => boolean): AppModule | undefined =>
      modules.find((module) => has(module) && !pass.includes(module.name));
    const forgotten =
      missing(order.initGenesis, () => true) ??
      missing(order.beginBlock, (module) => module.parts.beginBlock !== undefined) ??
      missing(order.endBlock, (module) => module.parts.endBlock !== undefined);
    if (forgotten) throw new Error(`order: module ${forgotten.name} is missing from a pass that it takes part in`);
  }
}

/** A genesis whose modules contradict each other is refused: each one's own validation cannot see it. Throws sdk/18. */
function requireInvariants(ctx: ReadCtx, modules: readonly AppModule[]): undefined {
  for (const { name, parts } of modules) {
    for (const [invariant, holds] of Object.entries(parts.invariants)) {
      const words = holds(ctx);
      if (words !== undefined) throw sdkErr.InvalidRequest(`genesis app_state: ${name}/${invariant}: ${words}`);
    }
  }
}

function genesisBlock(request: abci.InitChainRequest): BlockInfo {
  return { chainId: request.chainId, height: 0n, timeNs: request.timeNs, hash: new Uint8Array(0), proposer: new Uint8Array(0) };
}
