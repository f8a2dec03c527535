/** The order in which each pass visits the modules; a module that is not listed takes no part in a pass. */
export const ORDER = {
  /** Accounts before balances, balances before the modules that hold coins, lower modules before those that call them. */
  initGenesis: ["auth", "bank", "epoch", "provider", "escrow", "mode2", "deal", "retrieval", "challenge"],
  /**
   * The epoch turns first, so that everyone sees the new one. Verdicts come before sessions and deals end, so that a
   * slot is judged on what it still held.
   */
  beginBlock: ["epoch", "challenge", "retrieval", "deal"],
  /** Repairs last: what this block's messages jailed or freed is queued in the same block. */
  endBlock: ["mode2"],
} as const satisfies Record<"initGenesis" | "beginBlock" | "endBlock", readonly string[]>;
