import type { ErrorSet } from "nild/sdk";

/** Codespace "epoch"; append only. */
export const EPOCH_ERRORS = { NotStarted: 2, NotFound: 3, InvalidParams: 4, InvalidGenesis: 5 } as const;

export type EpochErrors = ErrorSet<typeof EPOCH_ERRORS>;
