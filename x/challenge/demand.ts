import { mulDivUp, quoUp } from "nild/sdk";
import {
  BLOB_BYTES,
  METADATA_LEAVES,
  type Position,
  type SlabShape,
  drawPositions,
  leavesOf,
  metadataPosition,
  poolSize,
  rowsOf,
} from "nild/nilfs";
import type { Params } from "nild/gen/nil/challenge/v1/types_pb.js";
import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { Content } from "./api.js";
import { FULL_BPS, MAX_QUOTA } from "./params.js";

/* What a slot must open (storage A5, B §5). */

/** What a slot must open in an epoch. */
export interface Demand {
  /** C_0 … C_{quota−1}, then the metadata position. */
  readonly positions: readonly Position[];
  /** So many of the C_i suffice. */
  readonly needed: number;
}

export interface DemandTerms {
  /** R_e, 32 bytes. */
  readonly beacon: Uint8Array;
  readonly volume: Volume;
  readonly slot: number;
  /** What the deal held when the epoch began. */
  readonly content: Content;
  /** Blobs credited in the epoch. */
  readonly credits: number;
}

export function shapeOf(volume: Volume, content: Pick<Content, "totalMdus" | "sizeBytes">): SlabShape {
  return {
    profile: volume.profile!,
    witnessMdus: Number(volume.witnessMdus),
    totalMdus: Number(content.totalMdus),
    sizeBytes: content.sizeBytes,
  };
}

/**
 * Blobs of payload to open: target = ceil(ceil(slot_bytes · bps / 10⁴) / 131,072), slot_bytes = user MDUs · rows ·
 * 131,072; quota = clamp(min, target, max), at most the slot's payload blobs and 63.
 */
export function quotaOf(params: Params, volume: Volume, slot: number, content: Pick<Content, "totalMdus" | "sizeBytes">): number {
  const shape = shapeOf(volume, content);
  const blobBytes = BigInt(BLOB_BYTES);
  const slotBytes = BigInt(shape.totalMdus - 1 - shape.witnessMdus) * BigInt(rowsOf(shape.profile)) * blobBytes;
  const bps = volume.serviceHint === "Hot" ? params.quotaBpsHot : params.quotaBpsCold;
  const target = quoUp(mulDivUp(slotBytes, BigInt(bps), BigInt(FULL_BPS)), blobBytes);
  const clamped = Math.max(params.quotaMinBlobs, Math.min(Number(target), params.quotaMaxBlobs));
  return Math.min(clamped, poolSize(shape, slot), MAX_QUOTA);
}

/** Credits excuse the tail of the list, at most credit_cap_bps of it; the metadata position is never excused. */
export function demandOf(params: Params, terms: DemandTerms): Demand {
  const { volume, slot, content, beacon } = terms;
  const quota = quotaOf(params, volume, slot, content);
  const cap = mulDivUp(BigInt(quota), BigInt(params.creditCapBps), BigInt(FULL_BPS));
  const seed = { beacon, dealId: volume.dealId, generation: content.generation, slot, ...shapeOf(volume, content) };
  return {
    positions: [...drawPositions({ ...seed, count: quota }), metadataPosition(seed)],
    needed: quota - Math.min(terms.credits, Number(cap)),
  };
}

/** Leaves of the tree that a position belongs to. */
export function leafCountOf(volume: Volume, position: Position): number {
  return position.mduIndex <= Number(volume.witnessMdus) ? METADATA_LEAVES : leavesOf(volume.profile!);
}
