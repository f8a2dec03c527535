import { type BlockInfo, type Checker, ExecCtx, type Host, ReadCtx } from "../context.js";
import { GasMeter } from "../gas.js";
import { OverlayState } from "../store/branch.js";
import type { KVReader, State } from "../store/types.js";

export interface ContextOptions extends Partial<BlockInfo> {
  /** Default: unmetered. */
  readonly gasLimit?: bigint;
  /** By kind of check; a check of another kind fails the test. */
  readonly checkers?: Readonly<Record<string, Checker>>;
  /** Default: a new empty state. Share one to act at several heights. */
  readonly state?: State;
}

export const TEST_BLOCK: BlockInfo = {
  chainId: "nild-test-1",
  height: 1n,
  timeNs: 1_800_000_000_000_000_000n,
  hash: new Uint8Array(32).fill(0xab),
  proposer: new Uint8Array(20).fill(0x01),
};

/** An exception that is not an SdkError is a bug: it ends the test instead of becoming a result. */
export class UnexpectedError extends Error {
  readonly fatal = true;
  constructor(cause: unknown) {
    super(`not an SdkError: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export function testHost(checkers: Readonly<Record<string, Checker>> = {}): Host {
  return {
    verified({ kind, input }) {
      const checker = new Map(Object.entries(checkers)).get(kind);
      if (!checker) throw new UnexpectedError(`the test gave no checker for ${kind}`);
      return checker(input);
    },
    unexpected(error) {
      throw new UnexpectedError(error);
    },
  };
}

const EMPTY: KVReader = {
  get: () => undefined,
  has: () => false,
  scan: () => [].values(),
};

/** An empty state of any stores, without a tree beneath; share it between contexts. */
export function testState(): State {
  return new OverlayState({ reader: () => EMPTY });
}

/**
 * A context for keeper tests. With nothing given: height 1, chain nild-test-1, no gas limit, an empty state.
 * Events are in `ctx.events`. A later block of the same state: `execCtx({ state, height: 2n })`.
 */
export function execCtx(options: ContextOptions = {}): ExecCtx {
  return new ExecCtx(blockOf(options), options.state ?? testState(), new GasMeter(options.gasLimit), testHost(options.checkers));
}

/** As `execCtx`, but it cannot write. */
export function readCtx(options: ContextOptions = {}): ReadCtx {
  return new ReadCtx(blockOf(options), options.state ?? testState(), new GasMeter(options.gasLimit));
}

function blockOf(options: ContextOptions): BlockInfo {
  const { chainId, height, timeNs, hash, proposer } = { ...TEST_BLOCK, ...options };
  return { chainId, height, timeNs, hash, proposer };
}
