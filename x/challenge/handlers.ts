import type { MsgHandlers } from "nild/sdk";
import type { Msg } from "nild/gen/nil/challenge/v1/tx_pb.js";
import { checkParams } from "./params.js";
import type { ChallengeKeeper } from "./keeper.js";

export function msgHandlers({ env, proveSlots }: ChallengeKeeper, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  return {
    proveSlots: (ctx, msg) => ({ valid: proveSlots(ctx, msg) }),
    // Takes hold at once: what is due is judged by the new values.
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      env.state.params.set(ctx, checkParams(env.err, params));
      return {};
    },
  };
}
