import type { Msg } from "nild/gen/nil/deal/v1/tx_pb.js";
import type { MsgHandlers } from "nild/sdk";
import type { DealKeeper } from "./keeper.js";
import { checkParams } from "./params.js";
import type { DealEnv } from "./state.js";

export function msgHandlers({ state, err }: DealEnv, keeper: DealKeeper, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  return {
    createDeal: (ctx, msg) => ({ dealId: keeper.create(ctx, msg) }),
    commitContent(ctx, msg) {
      const { generation, charged } = keeper.commit(ctx, msg);
      return { generation, charged: `${charged}` };
    },
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      state.params.set(ctx, checkParams(err, params));
      return {};
    },
  };
}
