import type { MsgCommitContent, MsgCreateDeal } from "nild/gen/nil/deal/v1/tx_pb.js";
import { Status } from "nild/gen/nil/deal/v1/types_pb.js";
import type { ExecCtx } from "nild/sdk";
import type { DealApi } from "./api.js";
import { beginBlock } from "./blockers.js";
import { commitContent, getDeal } from "./commit.js";
import { createDeal } from "./create.js";
import type { DealEnv } from "./state.js";

/** The rules, one operation per file: create, commit; blockers place and close. */
export interface DealKeeper extends DealApi {
  create(ctx: ExecCtx, msg: MsgCreateDeal): bigint;
  commit(ctx: ExecCtx, msg: MsgCommitContent): { readonly generation: bigint; readonly charged: bigint };
  beginBlock(ctx: ExecCtx): undefined;
}

export function dealKeeper(env: DealEnv): DealKeeper {
  return {
    find: (ctx, id) => env.state.deals.find(ctx, id),
    get: (ctx, id) => getDeal(env, ctx, id),
    isLive: (ctx, deal) => deal.status === Status.OPEN && ctx.height <= deal.endHeight,
    create: (ctx, msg) => createDeal(env, ctx, msg),
    commit: (ctx, msg) => commitContent(env, ctx, msg),
    beginBlock: (ctx) => beginBlock(env, ctx),
  };
}
