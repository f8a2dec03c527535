import type { Msg } from "nild/gen/nil/escrow/v1/tx_pb.js";
import type { MsgHandlers } from "nild/sdk";
import type { EscrowErrors } from "./errors.js";
import { checkParams } from "./params.js";
import type { EscrowState } from "./state.js";

export function msgHandlers(state: EscrowState, err: EscrowErrors, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  return {
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      state.params.set(ctx, checkParams(err, params));
      return {};
    },
  };
}
