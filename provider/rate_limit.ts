const WINDOW_MS = 60_000;
const MAX_REMOTES = 4096;

/** So many takes per minute and remote address. */
export class RateLimit {
  readonly #taken = new Map<string, { since: number; count: number }>();

  constructor(private readonly perMinute: number) {}

  take(remote: string): boolean {
    const now = Date.now();
    const known = this.#taken.get(remote);
    if (known === undefined || now - known.since >= WINDOW_MS) {
      if (this.#taken.size >= MAX_REMOTES) this.#taken.clear();
      this.#taken.set(remote, { since: now, count: 1 });
      return this.perMinute >= 1;
    }
    known.count++;
    return known.count <= this.perMinute;
  }
}
