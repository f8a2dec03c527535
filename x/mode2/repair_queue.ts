import { create } from "@bufbuild/protobuf";
import { QueuedRepairSchema } from "nild/gen/nil/mode2/v1/genesis_pb.js";
import type { Slot, Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { ExecCtx } from "nild/sdk";
import type { Mode2Env } from "./state.js";
import { queuedSlots, spareSlots } from "./volume.js";

/*
 * Where a REPAIRING slot waits, in exactly one of two places: the queue of slots that want a candidate, or the deadlines
 * of those that have one (or found nobody).
 */

/** Waits for a candidate; the fewer slots the deal can spare, the earlier. The caller writes the volume. */
export function enqueue(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  dequeue(env, ctx, volume, slot);
  requeue(env, ctx, volume);
}

/** The deal has more or fewer slots to spare: all its queued slots move to their new place. O(slots). */
export function requeue({ state }: Mode2Env, ctx: ExecCtx, volume: Volume): undefined {
  const { dealId } = volume;
  for (const { slot } of queuedSlots(volume)) {
    state.repairs.set(ctx, [dealId, slot], create(QueuedRepairSchema, { spareSlots: spareSlots(volume), dealId, slot }));
  }
}

/** Waits for the deadline, repair_timeout_blocks from now. The caller writes the volume. */
export function setDeadline(env: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  dequeue(env, ctx, volume, slot);
  slot.repairDeadlineHeight = ctx.height + env.state.params.get(ctx).repairTimeoutBlocks;
  env.state.deadlines.add(ctx, [slot.repairDeadlineHeight, volume.dealId, slot.slot]);
}

/** Waits nowhere. The caller writes the volume. */
export function dequeue({ state }: Mode2Env, ctx: ExecCtx, volume: Volume, slot: Slot): undefined {
  state.repairs.remove(ctx, [volume.dealId, slot.slot]);
  if (slot.repairDeadlineHeight !== 0n) state.deadlines.remove(ctx, [slot.repairDeadlineHeight, volume.dealId, slot.slot]);
  slot.repairDeadlineHeight = 0n;
}
