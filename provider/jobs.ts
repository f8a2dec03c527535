/** A piece of work for the chain. */
export interface Job {
  /** One job of a key waits or runs at a time. */
  readonly key: string;
  /** Height after which it is worth nothing: what is due first runs first. */
  readonly deadline: bigint;
  /** At most one of these runs at a time, so that proofs never wait behind rebuilds. */
  readonly slow?: boolean;
  readonly run: () => Promise<void>;
}

/** So many jobs may wait; the watcher asks again for what was turned away. */
const MAX_WAITING = 256;
const MAX_RUNNING = 2;
/** A failed job may come back after so long, doubled at each failure. */
const RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;

/** A bounded queue, earliest deadline first. Jobs are asked for again and again by the watcher, so nothing here need survive a crash. */
export class JobQueue {
  readonly #waiting = new Map<string, Job>();
  readonly #running = new Map<string, { job: Job; done: Promise<void> }>();
  readonly #failures = new Map<string, { count: number; notBefore: number }>();
  #stopped = false;

  constructor(private readonly onError: (job: Job, error: unknown) => void) {}

  get length(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** False when the queue is full, the job is known, or it failed a moment ago. */
  add(job: Job): boolean {
    const failed = this.#failures.get(job.key);
    const later = failed !== undefined && failed.notBefore > Date.now();
    if (this.#stopped || later || this.#running.has(job.key) || this.#waiting.has(job.key) || this.#waiting.size >= MAX_WAITING) return false;
    this.#waiting.set(job.key, job);
    this.#startNext();
    return true;
  }

  /** Drops what waits and lets what runs come to its end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #startNext(): void {
    while (!this.#stopped && this.#running.size < MAX_RUNNING) {
      const next = this.#earliest();
      if (next === undefined) return;
      this.#waiting.delete(next.key);
      const done = this.#run(next).finally(() => {
        this.#running.delete(next.key);
        this.#startNext();
      });
      this.#running.set(next.key, { job: next, done });
    }
  }

  #earliest(): Job | undefined {
    const slowRuns = [...this.#running.values()].some(({ job }) => job.slow === true);
    let best: Job | undefined;
    for (const job of this.#waiting.values()) {
      if (slowRuns && job.slow === true) continue;
      if (best === undefined || job.deadline < best.deadline) best = job;
    }
    return best;
  }

  async #run(job: Job): Promise<void> {
    try {
      await job.run();
      this.#failures.delete(job.key);
    } catch (error) {
      const count = (this.#failures.get(job.key)?.count ?? 0) + 1;
      if (this.#failures.size > MAX_WAITING) this.#failures.clear();
      this.#failures.set(job.key, { count, notBefore: Date.now() + Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (count - 1)) });
      this.onError(job, error);
    }
  }
}
