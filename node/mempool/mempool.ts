import type { Application, CheckTxResult } from "nild/sdk";
import { hash as digest } from "node:crypto";
import { NodeError } from "../errors.js";
import type { Submitted } from "../engine/chain.js";
import type { MempoolLimits } from "./limits.js";
import type { Prechecks } from "./prechecks.js";
import { SeenCache } from "./seen_cache.js";

interface PooledTx {
  readonly tx: Uint8Array;
  readonly gasWanted: bigint;
}

interface Waiting {
  readonly tx: Uint8Array;
  readonly key: string;
  readonly resolve: (submitted: Submitted) => void;
  readonly reject: (error: unknown) => void;
}

/** Transactions prechecked together: enough to fill the workers' chunks, few enough to keep the queue moving. */
const MAX_BATCH = 1_000;
/** The event loop gets a turn after this much time in CheckTx. */
const CHECK_SLICE_MS = 20;

/**
 * Checked transactions in the order of their arrival, which keeps each sender's sequences in order: the queue is first
 * in, first out, and what arrives while one batch is verified off-thread forms the next batch. Refusals before CheckTx
 * carry CometBFT's exact words, which clients match.
 */
export class Mempool {
  readonly #pool = new Map<string, PooledTx>();
  readonly #seen: SeenCache;
  readonly #queue: Waiting[] = [];
  #bytes = 0;
  #waiting = 0;
  #waitingBytes = 0;
  #pumping = false;
  #locked: Promise<void> | undefined;

  constructor(
    readonly app: Pick<Application, "checkTx">,
    readonly prechecks: Pick<Prechecks, "run">,
    readonly limits: MempoolLimits,
  ) {
    this.#seen = new SeenCache(limits.cacheSize);
  }

  get size(): number {
    return this.#pool.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves with CheckTx's answer, which may be a refusal by code. Rejects with `mempool.*` when nothing was checked. */
  submit(tx: Uint8Array): Promise<Submitted> {
    if (tx.length > this.limits.maxTxBytes) {
      return Promise.reject(new NodeError("mempool.tx_too_large", `Tx too large. Max size is ${this.limits.maxTxBytes}, but got ${tx.length}`));
    }
    const key = keyOf(tx);
    if (this.#seen.has(key)) return Promise.reject(new NodeError("mempool.tx_in_cache", "tx already exists in cache"));
    const full = this.#full(tx.length);
    if (full !== undefined) return Promise.reject(full);
    this.#seen.add(key);
    this.#waiting++;
    this.#waitingBytes += tx.length;
    return new Promise((resolve, reject) => {
      this.#queue.push({ tx, key, resolve, reject });
      if (!this.#pumping) void this.#pump();
    });
  }

  /** The first transactions that fit; the application's prepareProposal has the last word. -1n = no gas limit. */
  reap(maxBytes: number, maxGas: bigint): Uint8Array[] {
    const txs: Uint8Array[] = [];
    let bytes = 0;
    let gas = 0n;
    for (const each of this.#pool.values()) {
      bytes += framedSize(each.tx.length);
      gas += each.gasWanted;
      if (bytes > maxBytes || (maxGas >= 0n && gas > maxGas)) break;
      txs.push(each.tx);
    }
    return txs;
  }

  /**
   * Around the application's commit: CheckTx waits, because the check state is about to be reset. Returns `unlock`,
   * which takes out what the block included and rechecks the rest.
   */
  lock(): (included: readonly Uint8Array[], codes: readonly number[]) => void {
    let release: () => void = () => undefined;
    this.#locked = new Promise((resolve) => (release = resolve));
    return (included, codes) => {
      included.forEach((tx, index) => this.#settle(tx, codes[index] === 0));
      this.#recheck();
      this.#locked = undefined;
      release();
    };
  }

  /** One batch ahead: workers verify the next while CheckTx runs here on the last. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      let ahead = this.#startBatch();
      while (ahead !== undefined) {
        const batch = await ahead;
        ahead = this.#startBatch();
        await this.#checkAll(batch);
        ahead ??= this.#startBatch();
      }
    } finally {
      this.#pumping = false;
    }
  }

  #startBatch(): Promise<readonly Waiting[]> | undefined {
    if (this.#queue.length === 0) return undefined;
    const batch = this.#queue.splice(0, MAX_BATCH);
    return this.prechecks.run(batch.map((each) => each.tx)).then(() => batch);
  }

  async #checkAll(batch: readonly Waiting[]): Promise<void> {
    let sliceEnd = performance.now() + CHECK_SLICE_MS;
    for (const each of batch) {
      if (performance.now() > sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = performance.now() + CHECK_SLICE_MS;
      }
      while (this.#locked !== undefined) await this.#locked;
      this.#check(each);
    }
  }

  #check({ tx, key, resolve, reject }: Waiting): void {
    this.#waiting--;
    this.#waitingBytes -= tx.length;
    try {
      const result = this.app.checkTx(tx, "new");
      if (result.code === 0) this.#add(key, tx, result);
      else this.#seen.delete(key);
      resolve({ hash: Buffer.from(key, "hex"), result });
    } catch (error) {
      this.#seen.delete(key);
      reject(error);
    }
  }

  #add(key: string, tx: Uint8Array, result: CheckTxResult): void {
    this.#pool.set(key, { tx, gasWanted: result.gasWanted });
    this.#bytes += tx.length;
  }

  /** A transaction that failed in a block may be sent again; one that succeeded stays refused. */
  #settle(tx: Uint8Array, succeeded: boolean): void {
    const key = keyOf(tx);
    this.#remove(key);
    if (succeeded) this.#seen.add(key);
    else this.#seen.delete(key);
  }

  #recheck(): void {
    for (const [key, { tx }] of this.#pool) {
      if (this.app.checkTx(tx, "recheck").code === 0) continue;
      this.#remove(key);
      this.#seen.delete(key);
    }
  }

  #remove(key: string): void {
    const pooled = this.#pool.get(key);
    if (pooled === undefined) return;
    this.#pool.delete(key);
    this.#bytes -= pooled.tx.length;
  }

  /** Counts what waits for its check as well: the caps bound memory, not only the pool. */
  #full(txBytes: number): NodeError | undefined {
    const { maxTxs, maxBytes } = this.limits;
    const txs = this.#pool.size + this.#waiting;
    const bytes = this.#bytes + this.#waitingBytes;
    if (txs < maxTxs && bytes + txBytes <= maxBytes) return undefined;
    return new NodeError("mempool.full", `mempool is full: number of txs ${txs} (max: ${maxTxs}), total txs bytes ${bytes} (max: ${maxBytes})`);
  }
}

function keyOf(tx: Uint8Array): string {
  return digest("sha256", tx, "hex");
}

/** A transaction's size inside a block: the field's tag and length count too. */
function framedSize(length: number): number {
  let size = 2 + length;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}
