import type { ReadCtx } from "nild/sdk";
import type { ModuleBank } from "nild/x/bank";

// #region ports
/** What the vault needs of its surroundings. */
export interface VaultDeps {
  /** The vault's own purse: it can move no other account. */
  readonly bank: Pick<ModuleBank, "balance" | "receive" | "pay">;
}

/** What the vault offers to other modules. */
export interface VaultApi {
  /** unil that is locked for `owner`; reads at most 1,000 locks. */
  lockedBy(ctx: ReadCtx, owner: string): bigint;
}
// #endregion
