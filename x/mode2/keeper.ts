import type { MsgProveReadiness } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { Status } from "nild/gen/nil/provider/v1/types_pb.js";
import type { ExecCtx } from "nild/sdk";
import type { Mode2Api } from "./api.js";
import { endBlock } from "./blockers.js";
import { commitContent, contentAt } from "./commit.js";
import { closeVolume, getVolume, openVolume, placeSlots } from "./lifecycle.js";
import { proveReadiness } from "./readiness.js";
import { startRepair } from "./repair.js";
import type { Mode2Env } from "./state.js";
import { slotBytes } from "./volume.js";

/** The rules, one operation per file: lifecycle, placement, commit, repair, readiness; blockers sweep the queues. */
export interface Mode2Keeper extends Mode2Api {
  proveReadiness(ctx: ExecCtx, msg: MsgProveReadiness): boolean;
  endBlock(ctx: ExecCtx): undefined;
}

export function mode2Keeper(env: Mode2Env): Mode2Keeper {
  return {
    find: (ctx, dealId) => env.state.volumes.find(ctx, dealId),
    get: (ctx, dealId) => getVolume(env, ctx, dealId),
    open: (ctx, terms) => openVolume(env, ctx, terms),
    place: (ctx, dealId) => placeSlots(env, ctx, dealId),
    commit: (ctx, commit) => commitContent(env, ctx, commit),
    close: (ctx, dealId) => closeVolume(env, ctx, dealId),
    startRepair(ctx, dealId, index, cause) {
      const volume = getVolume(env, ctx, dealId);
      const slot = volume.slots[index];
      if (slot) startRepair(env, ctx, volume, slot, cause);
    },
    contentAt: (ctx, dealId, epoch) => contentAt(env, ctx, dealId, epoch),
    slotBytes,
    // A provider may hold many slots: they are queued by the end blocker, a bounded number per block.
    onProviderStatus(ctx, { provider, to }) {
      if (to === Status.JAILED) env.state.jailed.set(ctx, provider, 0n);
    },
    proveReadiness: (ctx, msg) => proveReadiness(env, ctx, msg),
    endBlock: (ctx) => endBlock(env, ctx),
  };
}
