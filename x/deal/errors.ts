import type { ErrorSet } from "nild/sdk";

/** Codespace "deal"; append only. */
export const DEAL_ERRORS = {
  NotFound: 2,
  NotOwner: 3,
  NotOpen: 4,
  Ended: 5,
  BadDuration: 6,
  BadProfile: 7,
  BadContent: 8,
  BadAcks: 9,
  InvalidParams: 10,
  InvalidGenesis: 11,
} as const;

export type DealErrors = ErrorSet<typeof DEAL_ERRORS>;
