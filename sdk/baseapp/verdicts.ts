import type { Check, Checker } from "../context.js";
import { sha256Latin1 } from "../crypto/hash.js";

/**
 * Verdicts of costly stateless checks. Bounded by two generations: when the young one is full it becomes the old one
 * and the old one is dropped. A miss runs the checker in line, so the cache saves time and never changes a result.
 */
export class VerdictCache {
  #young = new Map<string, boolean>();
  #old = new Map<string, boolean>();
  readonly #checkers: ReadonlyMap<string, Checker>;

  constructor(
    checkers: Readonly<Record<string, Checker>>,
    /** Verdicts per generation. */
    readonly capacity: number,
  ) {
    this.#checkers = new Map(Object.entries(checkers));
  }

  /** Throws for a kind without a checker: a wiring error, never a transaction's. */
  verdict(check: Check): boolean {
    const key = keyOf(check);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined) return known;
    const checker = this.#checkers.get(check.kind);
    if (!checker) throw new Error(`no checker was wired for ${check.kind}`);
    const verdict = checker(check.input);
    this.#remember(key, verdict);
    return verdict;
  }

  admit(check: Check, verdict: boolean): undefined {
    this.#remember(keyOf(check), verdict);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #remember(key: string, verdict: boolean): void {
    if (this.#young.size >= this.capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, verdict);
  }
}

function keyOf(check: Check): string {
  return `${check.kind}:${sha256Latin1(check.input)}`;
}
