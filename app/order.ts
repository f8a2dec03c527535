/** The order in which each pass visits the modules; a module that is not listed takes no part in a pass. */
export const ORDER = {
  /** Accounts before balances, balances before the modules that hold coins. */
  initGenesis: ["auth", "bank", "epoch", "provider"],
  /** The epoch turns first, so that everyone sees the new one. */
  beginBlock: ["epoch"],
  endBlock: [],
} as const satisfies Record<"initGenesis" | "beginBlock" | "endBlock", readonly string[]>;
