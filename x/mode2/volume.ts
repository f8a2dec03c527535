import { type Slot, SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { BLOB_BYTES, type Profile, type SlabShape, rowsOf } from "nild/nilfs";

/*
 * What follows from a volume alone: pure functions. Indices and counts fit in a number, because a slab has at most 4,096
 * MDUs; byte counts are bigint.
 */

export function profileOf(volume: Volume): Profile {
  const { k = 0, m = 0 } = volume.profile ?? {};
  return { k, m };
}

export function userMdusOf(volume: Volume): bigint {
  return volume.generation === 0n ? 0n : volume.totalMdus - 1n - volume.witnessMdus;
}

/** Bytes of one slot's shard of one user MDU. */
export function mduSlotBytes(profile: Profile): bigint {
  return BigInt(rowsOf(profile) * BLOB_BYTES);
}

/** Bytes of one slot's shards of the present content. Metadata is not counted: every slot of every deal holds its own copy. */
export function slotBytes(volume: Volume): bigint {
  return userMdusOf(volume) * mduSlotBytes(profileOf(volume));
}

/** The content's geometry, as nilfs takes it. */
export function shapeOf(volume: Volume): SlabShape {
  return { profile: profileOf(volume), witnessMdus: Number(volume.witnessMdus), totalMdus: Number(volume.totalMdus), sizeBytes: volume.sizeBytes };
}

export function countSlots(volume: Volume, status: SlotStatus): number {
  return volume.slots.filter((slot) => slot.status === status).length;
}

/** ACTIVE slots beyond the K that the data needs; 0 when there are none to spare. */
export function spareSlots(volume: Volume): number {
  return Math.max(0, countSlots(volume, SlotStatus.ACTIVE) - profileOf(volume).k);
}

/** The REPAIRING slots that wait for a candidate. */
export function queuedSlots(volume: Volume): Slot[] {
  return volume.slots.filter((slot) => slot.status === SlotStatus.REPAIRING && slot.candidate === "" && slot.repairDeadlineHeight === 0n);
}

/** REPAIRING towards a drawn candidate. */
export function hasCandidate(slot: Slot): boolean {
  return slot.status === SlotStatus.REPAIRING && slot.candidate !== "";
}

/** The candidate is another provider than the slot's own, so its bytes are counted beside the provider's. */
export function hasOtherCandidate(slot: Slot): boolean {
  return hasCandidate(slot) && slot.candidate !== slot.provider;
}

export function slotName(volume: Volume, slot: number): string {
  return `slot ${slot} of deal ${volume.dealId}`;
}
