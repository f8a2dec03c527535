import type { ReadCtx } from "nild/sdk";
import type { Lock } from "nild/gen/vault/v1/types_pb.js";
import type { ModuleBank } from "nild/x/bank";

// #region ports
/** What the vault needs of its surroundings. */
export interface VaultDeps {
  /** The purse of the vault's own account. */
  readonly bank: Pick<ModuleBank, "balance" | "receive" | "pay">;
}

/** What the vault offers to other modules. */
export interface VaultApi {
  /** One lock; undefined when there never was one or it was released. */
  find(ctx: ReadCtx, id: bigint): Lock | undefined;
}
// #endregion
