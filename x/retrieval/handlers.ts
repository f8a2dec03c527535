import type { MsgHandlers } from "nild/sdk";
import type { Msg } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { type RetrievalEnv, confirmSession, openSession, proveSession } from "./keeper.js";
import { checkParams } from "./params.js";

export function msgHandlers(env: RetrievalEnv, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  return {
    openSession: (ctx, msg) => ({ sessionId: openSession(env, ctx, msg) }),
    proveSession: (ctx, msg) => ({ valid: proveSession(env, ctx, msg) }),
    confirmSession(ctx, msg) {
      confirmSession(env, ctx, msg);
      return {};
    },
    // Open sessions keep the terms that they were opened on.
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      env.state.params.set(ctx, checkParams(env.err, params));
      return {};
    },
  };
}
