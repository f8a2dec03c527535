import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { RepairCause, SlotStatus, Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { ExecCtx, HookPoint, Listener, ReadCtx } from "nild/sdk";
import type { Profile } from "nild/nilfs";
import type { ProviderApi, StatusChanged } from "nild/x/provider";

export interface VolumeTerms {
  readonly dealId: bigint;
  readonly owner: string;
  readonly profile: Profile;
  /** Fixes the witness region: user MDUs never move. */
  readonly maxUserMdus: bigint;
  /** "Hot", "Cold", "General" or "". */
  readonly serviceHint: string;
  /** Last height at which the volume is held. */
  readonly endHeight: bigint;
}

/** A slot provider's signature over `ackDigest` (nild/nilfs), 64 bytes ed25519 by its response key. */
export interface SlotAck {
  readonly slot: number;
  readonly signature: Uint8Array;
}

export interface ContentCommit {
  readonly dealId: bigint;
  readonly expectedGeneration: bigint;
  /** 48 bytes. */
  readonly manifestRoot: Uint8Array;
  /** The payload's extent. */
  readonly sizeBytes: bigint;
  readonly totalMdus: bigint;
  /** SHA-256 of MDU 0. */
  readonly mdu0Hash: Uint8Array;
  /** By rising slot. */
  readonly acks: readonly SlotAck[];
}

export interface Content {
  readonly generation: bigint;
  readonly manifestRoot: Uint8Array;
  readonly totalMdus: bigint;
  readonly sizeBytes: bigint;
}

/**
 * A slot is about to change its provider or status, or has just got its first content (then before = after, and the
 * volume holds the content already). A slot that had no content before may have no record with the listener.
 */
export interface SlotChanging {
  readonly dealId: bigint;
  readonly slot: number;
  readonly before: { readonly provider: string; readonly status: SlotStatus };
  readonly after: { readonly provider: string; readonly status: SlotStatus };
  /** The volume has content once the change is done. */
  readonly hasContent: boolean;
}

/** What x/mode2 offers: volumes keyed by deal id. Every call is O(slots) at most, slots ≤ max_slots. */
export interface Mode2Api {
  find(ctx: ReadCtx, dealId: bigint): Volume | undefined;
  /** @throws mode2/2 NotFound */
  get(ctx: ReadCtx, dealId: bigint): Volume;
  /** Reserves an empty volume without slots. @throws mode2/3, mode2/4, mode2/5 */
  open(ctx: ExecCtx, terms: VolumeTerms): undefined;
  /** Draws the slots' providers by this block's hash; their addresses by slot. @throws mode2/5 NotEnoughProviders. Costs up to placement_tries + candidates reads per slot. */
  place(ctx: ExecCtx, dealId: bigint): string[];
  /** Verifies the acks and makes the content the volume's. A replay is a no-op. */
  commit(ctx: ExecCtx, commit: ContentCommit): { readonly generation: bigint; readonly noop: boolean };
  /** Releases every provider and deletes the volume. */
  close(ctx: ExecCtx, dealId: bigint): undefined;
  /** Takes an ACTIVE slot from its provider and queues it for a candidate. Nothing changes when it is not ACTIVE or M slots of the deal repair already. */
  startRepair(ctx: ExecCtx, dealId: bigint, slot: number, cause: RepairCause): undefined;
  /** What the volume held when `epoch` began; `epoch` is the current one, or the one before while nothing was committed in the current. */
  contentAt(ctx: ReadCtx, dealId: bigint, epoch: bigint): Content | undefined;
  /** Bytes of one slot's shards of the present content: user MDUs · rows · 131,072. */
  slotBytes(volume: Volume): bigint;
  /** For the hook provider.statusChanged. */
  readonly onProviderStatus: Listener<StatusChanged>;
}

/** What x/mode2 needs. */
export interface Mode2Deps {
  readonly provider: Pick<ProviderApi, "find" | "get" | "candidateCount" | "candidateAt" | "canHold" | "canTake" | "assign" | "release" | "resize">;
  readonly epoch: { current(ctx: ReadCtx): Epoch; find(ctx: ReadCtx, number: bigint): Epoch | undefined };
  readonly slotChanging: HookPoint<SlotChanging>;
}
