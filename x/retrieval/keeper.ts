import type { CompletedHook, DealPort, EpochPort, EscrowPort, Mode2Port } from "./api.js";
import type { RetrievalErrors } from "./errors.js";
import type { RetrievalState } from "./state.js";

/*
 * The rules, one stage of a session per file: open.ts, prove.ts (proofs and confirmations, in either order), end.ts
 * (completion, expiry, the sweep).
 */
export { openSession } from "./open.js";
export { confirmSession, proveSession } from "./prove.js";
export { dealClosing, sweep } from "./end.js";

export interface RetrievalDeps {
  readonly epoch: EpochPort;
  readonly deal: DealPort;
  readonly mode2: Mode2Port;
  readonly escrow: EscrowPort;
  readonly completed: CompletedHook;
}

/** What every operation of this module works with. */
export interface RetrievalEnv {
  readonly state: RetrievalState;
  readonly err: RetrievalErrors;
  readonly deps: RetrievalDeps;
}
