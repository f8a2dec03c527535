import { EventCandidateDrawnSchema, EventPlacementFailedSchema, EventRepairStartedSchema, EventSlotPromotedSchema, EventSlotVacantSchema } from "nild/gen/nil/mode2/v1/events_pb.js";
import { RepairCause, type Slot, SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Status } from "nild/gen/nil/provider/v1/types_pb.js";
import type { ExecCtx } from "nild/sdk";
import { domainOf, drawProvider } from "./placement.js";
import { dequeue, enqueue, requeue, setDeadline } from "./repair_queue.js";
import type { Mode2Env } from "./state.js";
import { countSlots, hasOtherCandidate, profileOf, slotBytes } from "./volume.js";

/*
 * A slot's way through a repair: ACTIVE → REPAIRING and queued → a candidate is drawn → promoted to ACTIVE, or dropped
 * and queued again → after repair_tries candidates VACANT. Evicted and jailed providers are neither challenged nor paid
 * meanwhile; they keep the slot's name until another has proved that it holds the data.
 */

/** Nothing happens to a slot that is not ACTIVE, or while M slots of the deal repair: K slots must stay at work. O(1) and the hook. */
export function startRepair(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot, cause: RepairCause): undefined {
  if (slot.status !== SlotStatus.ACTIVE || countSlots(volume, SlotStatus.REPAIRING) >= profileOf(volume).m) return;
  beginRepairing(env, ctx, volume, slot, cause, volume.generation > 0n);
  enqueue(env, ctx, volume, slot);
  env.state.volumes.set(ctx, volume.dealId, volume);
}

/** Marks the slot REPAIRING and tells the listeners first. The caller queues it and writes the volume. */
export function beginRepairing({ deps }: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot, cause: RepairCause, hasContent: boolean): undefined {
  const { provider } = slot;
  const before = { provider, status: slot.status };
  deps.slotChanging.fire(ctx, { dealId: volume.dealId, slot: slot.slot, before, after: { provider, status: SlotStatus.REPAIRING }, hasContent });
  slot.status = SlotStatus.REPAIRING;
  slot.statusHeight = ctx.height;
  slot.repairCause = cause;
  slot.repairGeneration = volume.generation;
  slot.repairTries = 0;
  slot.candidate = "";
  ctx.emit(EventRepairStartedSchema, { dealId: volume.dealId, slot: slot.slot, provider, cause });
}

/**
 * Draws the next candidate of a queued slot. Nobody eligible is not a try, unless the volume is empty: the draw is repeated
 * after the timeout. Costs one draw.
 */
export function drawCandidate(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  const { state, deps } = env;
  const { dealId } = volume;
  const bytes = slotBytes(volume);
  const candidate = drawProvider(env, ctx, {
    tag: "nil/repairdraw/v1",
    dealId,
    slot: slot.slot,
    serviceHint: volume.serviceHint,
    bytes,
    ...othersOf(env, ctx, volume, slot),
    m: profileOf(volume).m,
  });
  setDeadline(env, ctx, volume, slot);
  if (candidate === undefined) {
    // An empty slot holds up the deal's first content, so its wait is bounded: it becomes VACANT.
    if (volume.generation === 0n) slot.repairTries += 1;
    state.volumes.set(ctx, dealId, volume);
    ctx.emit(EventPlacementFailedSchema, { dealId, reason: `no eligible candidate for slot ${slot.slot}` });
    return;
  }
  slot.candidate = candidate;
  slot.repairTries += 1;
  deps.provider.assign(ctx, candidate, bytes);
  state.holders.add(ctx, [candidate, dealId, slot.slot]);
  state.volumes.set(ctx, dealId, volume);
  ctx.emit(EventCandidateDrawnSchema, { dealId, slot: slot.slot, candidate, deadlineHeight: slot.repairDeadlineHeight });
  // An empty slot asks for no proof.
  if (volume.generation === 0n) promote(env, ctx, volume, slot);
}

/** Everybody in the deal, and the domains of who holds the other slots. O(slots) reads. */
function othersOf({ deps }: Mode2Env, ctx: ExecCtx, volume: Volume, drawn: Slot): { taken: ReadonlySet<string>; domains: ReadonlyMap<string, number> } {
  const taken = new Set<string>();
  const domains = new Map<string, number>();
  for (const slot of volume.slots) {
    for (const address of [slot.provider, slot.candidate]) if (address !== "") taken.add(address);
    const holder = hasOtherCandidate(slot) ? slot.candidate : slot.provider;
    if (slot.slot === drawn.slot || holder === "") continue;
    const domain = domainOf(deps.provider.get(ctx, holder));
    domains.set(domain, (domains.get(domain) ?? 0) + 1);
  }
  return { taken, domains };
}

/** The candidate becomes the slot's provider, all at once. The caller has seen its proof. O(slots). */
export function promote(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  const { state, deps } = env;
  const { dealId } = volume;
  const { provider: old, candidate } = slot;
  const before = { provider: old, status: slot.status };
  const after = { provider: candidate, status: SlotStatus.ACTIVE };
  deps.slotChanging.fire(ctx, { dealId, slot: slot.slot, before, after, hasContent: volume.generation > 0n });
  const bytes = slotBytes(volume);
  if (candidate === old) deps.provider.resize(ctx, old, slot.heldBytes, bytes);
  else leave(env, ctx, volume, slot);
  dequeue(env, ctx, volume, slot);
  slot.provider = candidate;
  slot.heldBytes = bytes;
  slot.challengedFromEpoch = deps.epoch.current(ctx).number + 1n;
  setAtRest(ctx, slot, SlotStatus.ACTIVE);
  requeue(env, ctx, volume);
  state.volumes.set(ctx, dealId, volume);
  ctx.emit(EventSlotPromotedSchema, { dealId, slot: slot.slot, oldProvider: old, provider: candidate });
  startWaiting(env, ctx, volume);
}

/** The candidate failed: the next one is drawn, or the slot is given up. O(slots). */
export function dropCandidate(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  const { state, deps } = env;
  if (hasOtherCandidate(slot)) {
    deps.provider.release(ctx, slot.candidate, slotBytes(volume));
    state.holders.remove(ctx, [slot.candidate, volume.dealId, slot.slot]);
  }
  slot.candidate = "";
  if (slot.repairTries >= state.params.get(ctx).repairTries) return vacate(env, ctx, volume, slot);
  enqueue(env, ctx, volume, slot);
  state.volumes.set(ctx, volume.dealId, volume);
}

/** Gives the slot up: it waits for the owner and blocks nothing. O(slots). */
function vacate(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  const { dealId } = volume;
  const before = { provider: slot.provider, status: slot.status };
  env.deps.slotChanging.fire(ctx, { dealId, slot: slot.slot, before, after: { provider: "", status: SlotStatus.VACANT }, hasContent: volume.generation > 0n });
  leave(env, ctx, volume, slot);
  dequeue(env, ctx, volume, slot);
  setAtRest(ctx, slot, SlotStatus.VACANT);
  env.state.volumes.set(ctx, dealId, volume);
  ctx.emit(EventSlotVacantSchema, { dealId, slot: slot.slot });
  startWaiting(env, ctx, volume);
}

/** The provider's share in the slot ends. */
function leave({ state, deps }: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  deps.provider.release(ctx, slot.provider, slot.heldBytes);
  state.holders.remove(ctx, [slot.provider, volume.dealId, slot.slot]);
  slot.provider = "";
  slot.heldBytes = 0n;
}

function setAtRest(ctx: ExecCtx, slot: Slot, status: SlotStatus): undefined {
  slot.status = status;
  slot.statusHeight = ctx.height;
  slot.candidate = "";
  slot.repairCause = RepairCause.UNSPECIFIED;
  slot.repairGeneration = 0n;
  slot.repairTries = 0;
}

/** A repair has ended: a jailed provider's slot that found M others repairing can start now. O(slots) reads. */
function startWaiting(env: Mode2Env, ctx: ExecCtx, volume: Volume): undefined {
  for (const slot of volume.slots) {
    if (slot.status !== SlotStatus.ACTIVE) continue;
    if (env.deps.provider.get(ctx, slot.provider).status === Status.JAILED) startRepair(env, ctx, volume, slot, RepairCause.JAILED);
  }
}
