import type { ExecCtx, Listener, ReadCtx } from "nild/sdk";
import type { RepairCause, SlotStatus, Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";

/** What the challenge module does when others change things; app.ts seals the hook points with these. */
export interface ChallengeApi {
  /** mode2.slotChanging: settles the slot's rent and takes it off or onto the challenge clock. */
  readonly slotChanging: Listener<SlotChanging>;
  /** deal.closing: settles and forgets every slot of the deal (at most K+M). */
  readonly dealClosing: Listener<DealClosing>;
  /** retrieval.completed: counts the opened blobs towards the slot's quota of this epoch. */
  readonly retrievalCompleted: Listener<RetrievalCompleted>;
}

/** Fired before a slot's provider or status changes and when the deal gets its first content. */
export interface SlotChanging {
  readonly dealId: bigint;
  readonly slot: number;
  readonly before: SlotHolder;
  readonly after: SlotHolder;
  /** True when the deal holds content after the change. */
  readonly hasContent: boolean;
}

export interface SlotHolder {
  readonly provider: string;
  readonly status: SlotStatus;
}

export interface DealClosing {
  readonly dealId: bigint;
}

export interface RetrievalCompleted {
  readonly dealId: bigint;
  readonly slot: number;
  readonly provider: string;
  /** The content generation that the session was opened on. */
  readonly generation: bigint;
  /** Height at which the session was opened: its positions and its z were drawn then. */
  readonly openedHeight: bigint;
  /** The epoch in which the session was completed. */
  readonly epoch: bigint;
  /** The blobs that the session's proof opened, at most 8. */
  readonly blobs: readonly { readonly mduIndex: number; readonly leafIndex: number }[];
}

// Ports: what the module needs of others.

export interface EpochPort {
  current(ctx: ReadCtx): Epoch;
}

/** What a deal held when an epoch began. */
export interface Content {
  readonly generation: bigint;
  readonly manifestRoot: Uint8Array;
  readonly totalMdus: bigint;
  readonly sizeBytes: bigint;
}

export interface Mode2Port {
  find(ctx: ReadCtx, dealId: bigint): Volume | undefined;
  contentAt(ctx: ReadCtx, dealId: bigint, epoch: bigint): Content | undefined;
  /** Takes the slot from its provider; nothing changes when it is not ACTIVE or M slots of the deal repair already. */
  startRepair(ctx: ExecCtx, dealId: bigint, slot: number, cause: RepairCause): undefined;
}

export interface ProviderPort {
  get(ctx: ReadCtx, address: string): { readonly bond: string };
  /** Takes at most the bond, burns it and returns what it took. */
  slash(ctx: ExecCtx, address: string, amount: bigint, cause: string): bigint;
  /** `onTime` is true for every right answer, late ones included. May jail the provider. */
  recordVerdict(ctx: ExecCtx, address: string, verdict: { onTime: boolean; slotHealth: number }): undefined;
}

export interface EscrowPort {
  /** The slot's rent counts from now. */
  startSlot(ctx: ExecCtx, dealId: bigint, slot: number): undefined;
  /** Pays the rent since the last settlement to `payTo`, or gives it back to the deal; returns what was moved. */
  settleSlot(ctx: ExecCtx, dealId: bigint, slot: number, payTo?: string): bigint;
}
