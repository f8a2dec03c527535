import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { SdkError, isFatal } from "./errors.js";
import { type Event, legacyEvent, typedEvent } from "./events.js";
import { GAS, GasMeter } from "./gas.js";
import type { KVReader, KVStore, Range, State, StateReader } from "./store/types.js";

/** What the state machine may know of the block that it executes. Heights are bigint; time comes from the header. */
export interface BlockInfo {
  readonly chainId: string;
  readonly height: bigint;
  /** Header time: nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** This block's own hash (32 bytes; empty in queries, simulation and genesis). */
  readonly hash: Uint8Array;
  /** Consensus address of the proposer, 20 bytes. */
  readonly proposer: Uint8Array;
}

/**
 * A stateless fact that is costly to establish (a signature, a KZG proof). The node may verify it off the main thread
 * beforehand; the handler asks `ctx.verified(check)` and gets the verdict or the same sync checker runs in line.
 */
export interface Check {
  /** Names the checker, e.g. "kzg.openings". */
  readonly kind: string;
  /** All that the verdict depends on. */
  readonly input: Uint8Array;
}

/** Decides a check's input, the same on every node. */
export type Checker = (input: Uint8Array) => boolean;

/** What the base app lends to execution. */
export interface Host {
  /** Answers a check from a cache of verdicts or in line: it can save time, never change a result. */
  verified(check: Check): boolean;
  /** Told of every exception that is not an SdkError, each a bug: counted by the node, fatal under test. */
  unexpected(error: unknown): undefined;
}

/** Reads state, charging gas. */
export class ReadCtx {
  readonly #view: StateReader;
  constructor(
    readonly block: BlockInfo,
    view: StateReader,
    readonly gas: GasMeter,
  ) {
    this.#view = view;
  }

  get height(): bigint {
    return this.block.height;
  }

  get chainId(): string {
    return this.block.chainId;
  }

  /** A metered reader of one module's store. Collections use this; modules do not. */
  reader(store: string): KVReader {
    return new MeteredReader(this.#view.reader(store), this.gas);
  }
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; error: SdkError };

/** Also writes, emits and burns gas. */
export class ExecCtx extends ReadCtx {
  readonly #state: State;
  readonly #events: Event[];
  readonly #host: Host;
  constructor(block: BlockInfo, state: State, gas: GasMeter, host: Host, events: Event[] = []) {
    super(block, state, gas);
    this.#state = state;
    this.#events = events;
    this.#host = host;
  }

  /** A metered store of one module. Collections use this; modules do not. */
  store(store: string): KVStore {
    return new MeteredStore(this.#state.store(store), this.gas);
  }

  get events(): readonly Event[] {
    return this.#events;
  }

  /** The verdict of a costly stateless check (docs/architecture.md, "A block"). */
  verified(check: Check): boolean {
    return this.#host.verified(check);
  }

  /** Gives any non-fatal throw a codespace and code; reports the ones that are bugs. */
  asSdkError(error: unknown): SdkError {
    if (error instanceof SdkError) return error;
    this.#host.unexpected(error);
    return new SdkError("undefined", 1, "Internal", error instanceof Error ? error.message : String(error));
  }

  emit<D extends DescMessage>(schema: D, init: MessageInitShape<D>): void {
    this.#events.push(typedEvent(schema, init));
  }

  emitLegacy(type: string, attributes: Readonly<Record<string, string>>): void {
    this.#events.push(legacyEvent(type, attributes));
  }

  /**
   * Runs `work` in its own branch: on success its writes and events are kept, on an SdkError or an unexpected
   * exception both are dropped and the error is returned; fatal faults pass through. `gasLimit` bounds the item.
   */
  isolated<T>(work: (ctx: ExecCtx) => T, options: { gasLimit?: bigint } = {}): Outcome<T> {
    const branch = this.#state.branch();
    const events: Event[] = [];
    const gas = options.gasLimit === undefined ? this.gas : new GasMeter(options.gasLimit);
    try {
      const value = work(new ExecCtx(this.block, branch, gas, this.#host, events));
      branch.merge();
      this.#events.push(...events);
      return { ok: true, value };
    } catch (error) {
      if (isFatal(error)) throw error;
      return { ok: false, error: this.asSdkError(error) };
    }
  }
}

class MeteredReader implements KVReader {
  constructor(
    protected readonly inner: KVReader,
    protected readonly gas: GasMeter,
  ) {}

  get(key: Uint8Array): Uint8Array | undefined {
    this.gas.consume(GAS.readFlat, "ReadFlat");
    const value = this.inner.get(key);
    this.gas.consume(GAS.readByte * BigInt(key.length + (value?.length ?? 0)), "ReadPerByte");
    return value;
  }

  has(key: Uint8Array): boolean {
    this.gas.consume(GAS.has, "Has");
    return this.inner.has(key);
  }

  *scan(range?: Range): IterableIterator<[Uint8Array, Uint8Array]> {
    for (const entry of this.inner.scan(range)) {
      this.gas.consume(GAS.iterNext + GAS.readByte * BigInt(entry[0].length + entry[1].length), "IterNext");
      yield entry;
    }
  }
}

class MeteredStore extends MeteredReader implements KVStore {
  readonly #store: KVStore;
  constructor(store: KVStore, gas: GasMeter) {
    super(store, gas);
    this.#store = store;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.gas.consume(GAS.writeFlat + GAS.writeByte * BigInt(key.length + value.length), "Write");
    this.#store.set(key, value);
  }

  delete(key: Uint8Array): void {
    this.gas.consume(GAS.delete, "Delete");
    this.#store.delete(key);
  }
}
