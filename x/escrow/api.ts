import type { Account } from "nild/gen/nil/escrow/v1/types_pb.js";
import type { ExecCtx, ReadCtx } from "nild/sdk";
import type { BurnBank } from "nild/x/bank";

/** How a retrieval session ended, as its fee sees it. */
export type FeeEnd =
  /** Proved and confirmed: the provider is paid, less the burned share. */
  | "completed"
  /** Proved, expired without confirmation: unconfirmed_bps to the provider, the rest burned. */
  | "unconfirmed"
  /** Expired without a proof, or cancelled: back to who paid. */
  | "unproved";

export interface FeeOutcome {
  readonly end: FeeEnd;
  readonly provider: string;
  /** Who opened the session, as given to `openFee`: decides whom "unproved" gives the fee back to. */
  readonly opener: string;
}

export interface SettledFee {
  readonly paid: bigint;
  readonly burned: bigint;
  readonly returned: bigint;
}

export interface StorageQuote {
  /** unil. */
  readonly amount: bigint;
  /** Started payload blobs (126,976 bytes each) that are charged. */
  readonly blobs: bigint;
}

/** What x/escrow offers: accounts keyed by deal id. Amounts are unil. Every call is O(1) but `close`, which is O(slots). */
export interface EscrowApi {
  find(ctx: ReadCtx, dealId: bigint): Account | undefined;
  /** @throws escrow/2 NotFound */
  get(ctx: ReadCtx, dealId: bigint): Account;
  /** Takes `amount` and the creation fee from the owner. The fee is charged by `activate`; until then `close` refunds both. */
  open(ctx: ExecCtx, deal: { readonly dealId: bigint; readonly owner: string; readonly amount: bigint }): undefined;
  /** Sends the creation fee to the fee collector and fixes the terms of the rent. */
  activate(ctx: ExecCtx, dealId: bigint, terms: { readonly slots: number; readonly endHeight: bigint; readonly maxMonthlySpend: bigint }): undefined;
  /** Pays the rest of the term for the started blobs above the high-water mark; returns what moved from balance to rent pool. @throws escrow/4, escrow/6 */
  fundRent(ctx: ExecCtx, dealId: bigint, sizeBytes: bigint): bigint;
  /** The slot earns from this height on. */
  startSlot(ctx: ExecCtx, dealId: bigint, slot: number): undefined;
  /** Pays what the slot's rent has come to since it was last settled, whole unil; without `payTo` it returns to the deal's balance. 0 for a slot that never started. */
  settleSlot(ctx: ExecCtx, dealId: bigint, slot: number, payTo?: string): bigint;
  /** Burns the base fee, locks the variable one and returns the latter. The deal pays for its owner; anyone else pays from their own account. @throws escrow/4, sdk/5 */
  openFee(ctx: ExecCtx, dealId: bigint, blobs: bigint, opener: string): bigint;
  /** Ends what `openFee` locked. */
  settleFee(ctx: ExecCtx, dealId: bigint, locked: bigint, outcome: FeeOutcome): SettledFee;
  /** Refunds all to the owner, removes the account with its marks and returns the refund. @throws escrow/5 while fees are locked */
  close(ctx: ExecCtx, dealId: bigint): bigint;
  /** Exactly what `fundRent` would charge at this height. */
  quoteStorage(ctx: ReadCtx, dealId: bigint, sizeBytes: bigint): StorageQuote;
  /** Exactly what `openFee` would burn and lock for so many sessions of so many blobs in all. */
  quoteRetrieval(ctx: ReadCtx, blobs: bigint, sessions: bigint): { readonly base: bigint; readonly locked: bigint };
}

/** What x/escrow needs. */
export interface EscrowDeps {
  readonly bank: Pick<BurnBank, "balance" | "receive" | "pay" | "payModule" | "burn">;
}
