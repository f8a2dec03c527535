import type { ExecCtx, HookPoint, Listener, ReadCtx } from "nild/sdk";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { Session } from "nild/gen/nil/retrieval/v1/types_pb.js";

export interface RetrievalApi {
  find(ctx: ReadCtx, sessionId: Uint8Array): Session | undefined;
  /** deal.closing: ends the deal's live sessions. Throws retrieval/SessionsLeft when there are too many for one call. */
  readonly dealClosing: Listener<DealClosing>;
}

export interface DealClosing {
  readonly dealId: bigint;
}

/** Fired when a session is both proved and confirmed. */
export interface RetrievalCompleted {
  readonly dealId: bigint;
  readonly slot: number;
  readonly provider: string;
  readonly generation: bigint;
  /** Height at which the session was opened: its positions and its z were drawn then. */
  readonly openedHeight: bigint;
  /** The epoch in which the session was completed. */
  readonly epoch: bigint;
  /** The blobs that the session's proof opened, at most 8. */
  readonly blobs: readonly { readonly mduIndex: number; readonly leafIndex: number }[];
}

export type CompletedHook = Pick<HookPoint<RetrievalCompleted>, "fire">;

// Ports: what the module needs of others.

export interface EpochPort {
  current(ctx: ReadCtx): Epoch;
}

export interface DealPort {
  find(ctx: ReadCtx, dealId: bigint): { readonly publicRead: boolean } | undefined;
}

export interface Mode2Port {
  find(ctx: ReadCtx, dealId: bigint): Volume | undefined;
}

export interface EscrowPort {
  /** `locked`: unil that the deal's live sessions hold. */
  find(ctx: ReadCtx, dealId: bigint): { readonly locked: string } | undefined;
  /** Burns the base fee, locks the variable one and returns the latter. */
  openFee(ctx: ExecCtx, dealId: bigint, blobs: bigint, opener: string): bigint;
  settleFee(
    ctx: ExecCtx,
    dealId: bigint,
    locked: bigint,
    outcome: { readonly end: "completed" | "unconfirmed" | "unproved"; readonly provider: string; readonly opener: string },
  ): { readonly paid: bigint };
}
