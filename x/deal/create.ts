import { create } from "@bufbuild/protobuf";
import { EventDealCreatedSchema } from "nild/gen/nil/deal/v1/events_pb.js";
import type { MsgCreateDeal } from "nild/gen/nil/deal/v1/tx_pb.js";
import { DealSchema, Status } from "nild/gen/nil/deal/v1/types_pb.js";
import { type ExecCtx, amount } from "nild/sdk";
import type { DealEnv } from "./state.js";

const MAX_HEIGHT = (1n << 63n) - 1n;

/** Takes the money and reserves the volume; the slots are drawn in the next block. O(1) and mode2's check of who is eligible. */
export function createDeal(env: DealEnv, ctx: ExecCtx, msg: MsgCreateDeal): bigint {
  const { state, err, deps } = env;
  const { owner, durationBlocks, serviceHint, maxUserMdus, maxMonthlySpend, publicRead } = msg;
  const { minDurationBlocks, maxDurationBlocks } = state.params.get(ctx);
  if (durationBlocks < minDurationBlocks || durationBlocks > maxDurationBlocks) {
    throw err.BadDuration(`duration_blocks ${durationBlocks}: expected ${minDurationBlocks} to ${maxDurationBlocks}`);
  }
  const endHeight = ctx.height + durationBlocks;
  if (endHeight > MAX_HEIGHT) throw err.BadDuration(`duration_blocks ${durationBlocks}: the deal would end beyond the last height`);
  const { k, m } = msg.profile!;
  const id = state.nextId.next(ctx);
  deps.mode2.open(ctx, { dealId: id, owner, profile: { k, m }, maxUserMdus, serviceHint, endHeight });
  deps.escrow.open(ctx, { dealId: id, owner, amount: amount(msg.initialEscrow) });
  const deal = { id, owner, status: Status.PLACING, createdHeight: ctx.height, endHeight, serviceHint, maxUserMdus, maxMonthlySpend, publicRead };
  state.deals.set(ctx, id, create(DealSchema, deal));
  state.placing.add(ctx, id);
  ctx.emit(EventDealCreatedSchema, { dealId: id, owner, endHeight, initialEscrow: msg.initialEscrow });
  return id;
}
