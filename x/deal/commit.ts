import type { MsgCommitContent } from "nild/gen/nil/deal/v1/tx_pb.js";
import { type Deal, Status } from "nild/gen/nil/deal/v1/types_pb.js";
import type { ExecCtx, ReadCtx } from "nild/sdk";
import type { DealEnv } from "./state.js";

/** Makes acked content the deal's and pays its storage to the end. A replay changes and charges nothing. O(slots). */
export function commitContent(env: DealEnv, ctx: ExecCtx, msg: MsgCommitContent): { readonly generation: bigint; readonly charged: bigint } {
  const { err, deps } = env;
  const deal = getDeal(env, ctx, msg.dealId);
  if (msg.signer !== deal.owner) throw err.NotOwner(`deal ${deal.id} belongs to ${deal.owner}, not ${msg.signer}`);
  if (deal.status !== Status.OPEN) throw err.NotOpen(`deal ${deal.id}: its slots are drawn in the next block`);
  // In its last block a deal has no term left to pay for.
  if (ctx.height >= deal.endHeight) throw err.Ended(`deal ${deal.id} ends at height ${deal.endHeight}`);
  const { dealId, expectedGeneration, manifestRoot, sizeBytes, totalMdus, mdu0Hash, acks } = msg;
  const { generation, noop } = deps.mode2.commit(ctx, { dealId, expectedGeneration, manifestRoot, sizeBytes, totalMdus, mdu0Hash, acks });
  return { generation, charged: noop ? 0n : deps.escrow.fundRent(ctx, dealId, sizeBytes) };
}

export function getDeal({ state, err }: DealEnv, ctx: ReadCtx, id: bigint): Deal {
  const deal = state.deals.find(ctx, id);
  if (!deal) throw err.NotFound(`there is no deal ${id}`);
  return deal;
}
