import type { EscrowApi, EscrowDeps } from "./api.js";
import { accountKeeper } from "./accounts.js";
import type { EscrowErrors } from "./errors.js";
import { feeKeeper } from "./fees.js";
import { escrowLedger } from "./ledger.js";
import { rentKeeper } from "./rent.js";
import type { EscrowState } from "./state.js";

/** All the rules: accounts.ts, rent.ts and fees.ts, one ledger beneath them. */
export function escrowKeeper(state: EscrowState, err: EscrowErrors, ports: EscrowDeps): EscrowApi {
  const ledger = escrowLedger(state, err, ports);
  return {
    find: ledger.find,
    get: ledger.get,
    ...accountKeeper(state, err, ledger),
    ...rentKeeper(state, err, ledger),
    ...feeKeeper(state, err, ledger),
  };
}
