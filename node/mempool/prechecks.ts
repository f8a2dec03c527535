import type { Application, Check } from "nild/sdk";
import type { Log } from "../log/log.js";

/** Verifies many inputs of one kind of check off the main thread; verdicts in the order of the inputs. */
export type AsyncChecker = (inputs: readonly Uint8Array[]) => Promise<readonly boolean[]>;
export type AsyncCheckers = Readonly<Record<string, AsyncChecker>>;

/**
 * Runs the costly stateless checks of transactions and gives the application the verdicts. A kind without a checker,
 * or a checker that fails, costs nothing but time: the application then runs the same check in line.
 */
export class Prechecks {
  readonly #checkers: ReadonlyMap<string, AsyncChecker>;
  constructor(
    readonly app: Pick<Application, "precheck" | "admit">,
    checkers: AsyncCheckers,
    readonly log: Log,
  ) {
    this.#checkers = new Map(Object.entries(checkers));
  }

  async run(txs: readonly Uint8Array[]): Promise<void> {
    const byKind = new Map<string, Check[]>();
    for (const tx of txs) {
      for (const check of this.#checksOf(tx)) {
        const list = byKind.get(check.kind);
        if (list === undefined) byKind.set(check.kind, [check]);
        else list.push(check);
      }
    }
    await Promise.all([...byKind].map(([kind, checks]) => this.#verify(kind, checks)));
  }

  /** A throw here is a bug of the application; it must not cost more than this transaction's head start. */
  #checksOf(tx: Uint8Array): readonly Check[] {
    try {
      return this.app.precheck(tx);
    } catch (error) {
      this.log.error({ err: error }, "precheck failed");
      return [];
    }
  }

  async #verify(kind: string, checks: readonly Check[]): Promise<void> {
    const checker = this.#checkers.get(kind);
    if (checker === undefined) return;
    try {
      const verdicts = await checker(checks.map((check) => check.input));
      checks.forEach((check, index) => {
        const verdict = verdicts[index];
        if (verdict !== undefined) this.app.admit(check, verdict);
      });
    } catch (error) {
      this.log.warn({ kind, checks: checks.length, err: error }, "prechecks failed; the application checks in line");
    }
  }
}
