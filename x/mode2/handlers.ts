import type { Msg } from "nild/gen/nil/mode2/v1/tx_pb.js";
import type { MsgHandlers } from "nild/sdk";
import type { Mode2Keeper } from "./keeper.js";
import { checkParams } from "./params.js";
import type { Mode2Env } from "./state.js";

export function msgHandlers({ state, err }: Mode2Env, keeper: Mode2Keeper, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  return {
    proveReadiness: (ctx, msg) => ({ valid: keeper.proveReadiness(ctx, msg) }),
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      state.params.set(ctx, checkParams(err, params));
      return {};
    },
  };
}
