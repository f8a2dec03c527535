import type { ExecCtx } from "nild/sdk";
import type { MsgProveSlots } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { proveSlots } from "./answers.js";
import type { ChallengeApi } from "./api.js";
import { forgetCredits, retrievalCompleted } from "./credits.js";
import { type ChallengeEnv, dealClosing, slotChanging } from "./records.js";
import { sweep } from "./verdicts.js";

/** The rules, one operation per file: records (on and off the clock), answers, verdicts, credits. */
export interface ChallengeKeeper extends ChallengeApi {
  readonly env: ChallengeEnv;
  proveSlots(ctx: ExecCtx, msg: MsgProveSlots): boolean;
  beginBlock(ctx: ExecCtx): undefined;
}

export function challengeKeeper(env: ChallengeEnv): ChallengeKeeper {
  return {
    env,
    slotChanging: (ctx, event) => slotChanging(env, ctx, event),
    dealClosing: (ctx, event) => dealClosing(env, ctx, event),
    retrievalCompleted: (ctx, event) => retrievalCompleted(env, ctx, event),
    proveSlots: (ctx, msg) => proveSlots(env, ctx, msg),
    beginBlock(ctx) {
      sweep(env, ctx);
      forgetCredits(env, ctx, env.deps.epoch.current(ctx).number);
      return undefined;
    },
  };
}
