import type { ErrorSet } from "nild/sdk";

// #region errors
/** Codespace "vault"; append only: clients know these numbers. */
export const VAULT_ERRORS = {
  NotFound: 2,
  ZeroAmount: 3,
  BadDuration: 4,
  NotOwner: 5,
  InvalidParams: 6,
  InvalidGenesis: 7,
} as const;

export type VaultErrors = ErrorSet<typeof VAULT_ERRORS>;
// #endregion
