export { escrowModule } from "./module.js";
export type { EscrowApi, EscrowDeps, FeeEnd, FeeOutcome, SettledFee, StorageQuote } from "./api.js";
