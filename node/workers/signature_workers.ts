import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Log } from "../log/log.js";
import type { AsyncChecker } from "../mempool/prechecks.js";
import { NodeError } from "../errors.js";
import { SECP256K1_INPUT_BYTES, type Secp256k1Implementation, loadSecp256k1 } from "./secp256k1_verify.js";
import type { Answer, Job } from "./secp256k1_worker.js";

/** Fewer signatures than this are verified where they are: handing them over would cost more. */
const MIN_OFFLOADED = 16;
/** A chunk keeps a worker busy long enough to hide the hand-over. */
const CHUNK = 200;
const RESPAWN_DELAY_MS = 1_000;

export interface SignatureWorkers {
  readonly implementation: Secp256k1Implementation["name"];
  /** For the node's prechecks. */
  readonly check: AsyncChecker;
  /** For the application's own, in-line checks. */
  readonly checkNow: (input: Uint8Array) => boolean;
  stop(): Promise<void>;
}

/**
 * Verifies secp256k1 signatures in worker threads, one per core but the first. A worker that dies fails its jobs (the
 * application then checks in line) and is replaced. Run from sources, where there is no compiled worker, all in-thread.
 */
export function startSignatureWorkers(log: Log, options: { readonly workers?: number } = {}): SignatureWorkers {
  const { name, verify } = loadSecp256k1();
  const file = new URL("./secp256k1_worker.js", import.meta.url);
  const count = import.meta.url.endsWith(".ts") ? 0 : (options.workers ?? Math.max(1, availableParallelism() - 1));
  if (name === "portable") log.warn("libsecp256k1's prebuilt addon does not load here: signatures are verified by portable code, about 25 times slower");
  else log.info({ implementation: name, workers: count }, "signature verification");
  const pool = Array.from({ length: count }, () => new SignatureWorker(file, log));
  return {
    implementation: name,
    checkNow: verify,
    check: async (inputs) => {
      const wellFormed = inputs.every((input) => input.length === SECP256K1_INPUT_BYTES);
      if (pool.length === 0 || inputs.length < MIN_OFFLOADED || !wellFormed) return inputs.map(verify);
      const size = Math.max(CHUNK, Math.ceil(inputs.length / pool.length));
      const chunks: Promise<boolean[]>[] = [];
      for (let start = 0; start < inputs.length; start += size) {
        chunks.push(pool[chunks.length % pool.length]!.run(inputs.slice(start, start + size)));
      }
      return (await Promise.all(chunks)).flat();
    },
    stop: async () => {
      await Promise.all(pool.map((worker) => worker.stop()));
    },
  };
}

interface Pending {
  readonly resolve: (verdicts: boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

class SignatureWorker {
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #respawn: NodeJS.Timeout | undefined;
  #nextId = 0;
  #stopped = false;

  constructor(
    readonly file: URL,
    readonly log: Log,
  ) {
    this.#spawn();
  }

  run(inputs: readonly Uint8Array[]): Promise<boolean[]> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.reject(new NodeError("worker.down", "the signature worker is restarting"));
    const packed = new Uint8Array(inputs.length * SECP256K1_INPUT_BYTES);
    inputs.forEach((input, index) => packed.set(input, index * SECP256K1_INPUT_BYTES));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ id, inputs: packed } satisfies Job, [packed.buffer]);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#respawn);
    await this.#worker?.terminate();
  }

  #spawn(): void {
    // Flags meant for the main program (--input-type, --inspect) have no business here.
    const worker = new Worker(this.file, { execArgv: [] });
    this.#worker = worker;
    worker.unref();
    worker.on("message", ({ id, verdicts }: Answer) => {
      this.#pending.get(id)?.resolve(Array.from(verdicts, (verdict) => verdict === 1));
      this.#pending.delete(id);
    });
    worker.on("error", (error) => this.log.error({ err: error }, "a signature worker failed"));
    worker.on("exit", () => this.#lost());
  }

  #lost(): void {
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(new NodeError("worker.down", "the signature worker ended"));
    this.#pending.clear();
    if (this.#stopped) return;
    this.#respawn = setTimeout(() => this.#spawn(), RESPAWN_DELAY_MS);
    this.#respawn.unref();
  }
}
