import { RepairCause, type Slot, SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { MAX_MDUS, NilfsError, checkProfile, slotsOf, userMdusFor, witnessMdus } from "nild/nilfs";
import type { Invariant, ReadCtx } from "nild/sdk";
import type { Mode2Env } from "./state.js";
import { countSlots, hasCandidate, hasOtherCandidate, profileOf, slotBytes, spareSlots } from "./volume.js";

export function invariants({ state, deps }: Mode2Env): Record<string, Invariant> {
  return {
    /** Every volume is well formed by itself. */
    volumes_sound(ctx) {
      for (const [dealId, volume] of state.volumes.all(ctx)) {
        const fault = volumeFault(volume);
        if (fault !== undefined) return `deal ${dealId}: ${fault}`;
      }
      return undefined;
    },

    /** The index of holders, the queue and the deadlines say what the slots say. */
    indexes_agree(ctx) {
      const expected = new Set<string>();
      for (const [dealId, volume] of state.volumes.all(ctx)) {
        for (const slot of volume.slots) for (const entry of entriesOf(dealId, slot, spareSlots(volume))) expected.add(entry);
      }
      for (const entry of storedEntries({ state }, ctx)) if (!expected.delete(entry)) return `stray entry: ${entry}`;
      const missing = [...expected][0];
      return missing === undefined ? undefined : `missing entry: ${missing}`;
    },

    /** Providers count exactly the bytes and slots that volumes give them. */
    assignments_counted(ctx) {
      const use = new Map<string, { bytes: bigint; slots: number }>();
      // Whoever can be drawn is looked at, also those in no volume.
      for (let i = 0; i < deps.provider.candidateCount(ctx); i++) use.set(deps.provider.candidateAt(ctx, i), { bytes: 0n, slots: 0 });
      const count = (address: string, bytes: bigint): undefined => {
        const before = use.get(address) ?? { bytes: 0n, slots: 0 };
        use.set(address, { bytes: before.bytes + bytes, slots: before.slots + 1 });
      };
      for (const [, volume] of state.volumes.all(ctx)) {
        for (const slot of volume.slots) {
          if (slot.provider !== "") count(slot.provider, slot.heldBytes);
          if (hasOtherCandidate(slot)) count(slot.candidate, slotBytes(volume));
        }
      }
      for (const [address, { bytes, slots }] of use) {
        const provider = deps.provider.find(ctx, address);
        if (provider?.usedBytes !== bytes || provider.assignedSlots !== slots) {
          return `${address} counts ${provider?.usedBytes} bytes in ${provider?.assignedSlots} slots, volumes give it ${bytes} in ${slots}`;
        }
      }
      return undefined;
    },
  };
}

function entriesOf(dealId: bigint, slot: Slot, spare: number): string[] {
  const entries: string[] = [];
  if (slot.provider !== "") entries.push(`holder ${slot.provider} ${dealId}/${slot.slot}`);
  if (hasOtherCandidate(slot)) entries.push(`holder ${slot.candidate} ${dealId}/${slot.slot}`);
  if (slot.repairDeadlineHeight !== 0n) entries.push(`deadline ${slot.repairDeadlineHeight} ${dealId}/${slot.slot}`);
  else if (slot.status === SlotStatus.REPAIRING) entries.push(`queued ${dealId}/${slot.slot} at ${spare}`);
  return entries;
}

function* storedEntries({ state }: Pick<Mode2Env, "state">, ctx: ReadCtx): IterableIterator<string> {
  for (const [address, dealId, slot] of state.holders.all(ctx)) yield `holder ${address} ${dealId}/${slot}`;
  for (const [height, dealId, slot] of state.deadlines.all(ctx)) yield `deadline ${height} ${dealId}/${slot}`;
  for (const [[dealId, slot], { spareSlots: spare }] of state.repairs.all(ctx)) yield `queued ${dealId}/${slot} at ${spare}`;
}

/** In words, what is wrong with a volume by itself. */
export function volumeFault(volume: Volume): string | undefined {
  return profileFault(volume) ?? contentFault(volume) ?? slotsFault(volume);
}

function profileFault(volume: Volume): string | undefined {
  const profile = profileOf(volume);
  try {
    checkProfile(profile);
  } catch (error) {
    if (error instanceof NilfsError) return error.message;
    throw error;
  }
  const { maxUserMdus, witnessMdus: witness } = volume;
  if (maxUserMdus < 1n || maxUserMdus > BigInt(MAX_MDUS)) return `max_user_mdus ${maxUserMdus} is outside 1 to ${MAX_MDUS}`;
  const expected = witnessMdus(profile, Number(maxUserMdus));
  return witness === BigInt(expected) ? undefined : `witness_mdus ${witness}, expected ${expected}`;
}

function contentFault(volume: Volume): string | undefined {
  const { generation, manifestRoot, mdu0Hash, sizeBytes, totalMdus, witnessMdus: witness, maxUserMdus, snapshot } = volume;
  if (generation === 0n) {
    const isEmpty = manifestRoot.length === 0 && mdu0Hash.length === 0 && sizeBytes === 0n && totalMdus === 0n && !snapshot;
    return isEmpty ? undefined : "generation 0 with content";
  }
  if (manifestRoot.length !== 48 || mdu0Hash.length !== 32) return "manifest_root has not 48 bytes or mdu0_hash not 32";
  if (sizeBytes === 0n || sizeBytes > 1n << 52n) return `size_bytes ${sizeBytes} is 0 or beyond any slab`;
  const userMdus = BigInt(userMdusFor(Number(sizeBytes)));
  if (userMdus > maxUserMdus || totalMdus !== 1n + witness + userMdus) return `total_mdus ${totalMdus} does not follow from size_bytes ${sizeBytes}`;
  if (!snapshot) return undefined;
  if (snapshot.generation === 0n || snapshot.generation >= generation) return `the snapshot holds generation ${snapshot.generation} of ${generation}`;
  // Challenges draw from it as from the content itself.
  if (snapshot.manifestRoot.length !== 48 || snapshot.sizeBytes === 0n || snapshot.sizeBytes > 1n << 52n) return "the snapshot's root has not 48 bytes or its size is none";
  const snapshotMdus = BigInt(userMdusFor(Number(snapshot.sizeBytes)));
  return snapshot.totalMdus === 1n + witness + snapshotMdus ? undefined : `the snapshot's total_mdus ${snapshot.totalMdus} does not follow from its size`;
}

function slotsFault(volume: Volume): string | undefined {
  const profile = profileOf(volume);
  if (volume.slots.length === 0) return volume.generation === 0n ? undefined : "content without slots";
  if (volume.slots.length !== slotsOf(profile)) return `${volume.slots.length} slots, the profile has ${slotsOf(profile)}`;
  const seen = new Set<string>();
  for (const [i, slot] of volume.slots.entries()) {
    if (slot.slot !== i) return `slots[${i}] calls itself ${slot.slot}`;
    const fault = slotFault(volume, slot);
    if (fault !== undefined) return `slots[${i}]: ${fault}`;
    for (const address of hasOtherCandidate(slot) ? [slot.provider, slot.candidate] : [slot.provider]) {
      if (address !== "" && seen.has(address)) return `slots[${i}]: ${address} is in the deal twice`;
      seen.add(address);
    }
  }
  const repairing = countSlots(volume, SlotStatus.REPAIRING);
  return repairing <= profile.m ? undefined : `${repairing} slots repair at once, M is ${profile.m}`;
}

function slotFault(volume: Volume, slot: Slot): string | undefined {
  const isRepairing = slot.status === SlotStatus.REPAIRING;
  if (!isRepairing && slot.status !== SlotStatus.ACTIVE && slot.status !== SlotStatus.VACANT) return `status ${slot.status} is unknown`;
  if (isRepairing !== (slot.repairCause !== RepairCause.UNSPECIFIED)) return "a repair cause goes with REPAIRING, and only with it";
  if (!isRepairing && (slot.candidate !== "" || slot.repairDeadlineHeight !== 0n)) return "a candidate or deadline without a repair";
  if (hasCandidate(slot) && slot.repairDeadlineHeight === 0n) return "a candidate without a deadline";
  if ((slot.status === SlotStatus.VACANT) !== (slot.provider === "")) return "a slot without a provider is VACANT, and only that";
  if (isRepairing && slot.repairGeneration !== volume.generation) return `generation ${slot.repairGeneration} is repaired, the volume is at ${volume.generation}`;
  if (slot.status === SlotStatus.ACTIVE && slot.heldBytes !== slotBytes(volume)) return `ACTIVE and holding ${slot.heldBytes} of ${slotBytes(volume)} bytes`;
  return undefined;
}
