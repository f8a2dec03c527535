import type { ErrorSet } from "nild/sdk";

/** Codespace "escrow"; append only. */
export const ESCROW_ERRORS = {
  NotFound: 2,
  AlreadyOpen: 3,
  InsufficientBalance: 4,
  FeesLocked: 5,
  Ended: 6,
  AmountTooLarge: 7,
  BadBlobCount: 8,
  NotActive: 9,
  InvalidParams: 10,
  InvalidGenesis: 11,
} as const;

export type EscrowErrors = ErrorSet<typeof ESCROW_ERRORS>;
