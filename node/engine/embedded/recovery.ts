import { NodeError } from "../../errors.js";

/** Heights found at start; 0n = none. */
export interface FoundHeights {
  /** Last block that the application committed. */
  readonly app: bigint;
  /** Last block saved. */
  readonly blocks: bigint;
  /** Last block whose resulting engine state was saved. */
  readonly state: bigint;
  /** Height of the last signature. */
  readonly signed: bigint;
  /** The chain's first height. */
  readonly initial: bigint;
}

export interface RecoveryPlan {
  /** The application holds nothing yet (or lost an uncommitted genesis): initialise it first. */
  readonly initChain: boolean;
  /** Execute and commit these blocks on the application only: the engine has their outcome. */
  readonly replay: { readonly from: bigint; readonly to: bigint };
  /** The last saved block: nothing; execute it in full; or take its saved results, since the application has it. */
  readonly last: "none" | "execute" | "adopt";
}

/**
 * What to do at start, by CometBFT's handshake rules, given that writes happen in this order: block,
 * signature, results, application commit, engine state. Anything this order cannot leave behind is refused.
 */
export function planRecovery(found: FoundHeights): RecoveryPlan {
  const before = found.initial - 1n;
  const app = found.app === 0n ? before : found.app;
  const blocks = found.blocks === 0n ? before : found.blocks;
  const state = found.state === 0n ? before : found.state;
  if (app > blocks) {
    throw new NodeError(
      "recovery.app_ahead",
      `the application is at height ${found.app}, the block database ends at ${found.blocks}: the two do not belong together`,
      "restore both from one backup, or remove the application database to replay every block",
    );
  }
  if (blocks < state || blocks > state + 1n) {
    throw new NodeError(
      "recovery.blocks_out_of_step",
      `the block database ends at height ${found.blocks}, the engine's state is of height ${found.state}: blocks were lost`,
      "restore the data directory from a backup",
    );
  }
  if (found.signed > found.blocks) {
    throw new NodeError(
      "recovery.signed_ahead",
      `height ${found.signed} was signed, but the block database ends at ${found.blocks}: blocks were lost`,
      "restore the block database; going on would sign a height twice",
    );
  }
  const replay = { from: app + 1n, to: state };
  if (blocks === state) return { initChain: found.app === 0n, replay, last: "none" };
  return { initChain: found.app === 0n, replay, last: app === blocks ? "adopt" : "execute" };
}
