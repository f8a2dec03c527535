import type { Msg } from "nild/gen/nil/provider/v1/tx_pb.js";
import type { MsgHandlers } from "nild/sdk";
import type { ProviderErrors } from "./errors.js";
import type { ProviderKeeper } from "./keeper.js";
import { checkParams } from "./params.js";
import type { ProviderState } from "./state.js";

export function msgHandlers(
  state: ProviderState,
  err: ProviderErrors,
  keeper: ProviderKeeper,
  assertAuthority: (signer: string) => undefined,
): MsgHandlers<typeof Msg> {
  return {
    registerProvider: (ctx, msg) => ({ drawableFromEpoch: keeper.register(ctx, msg) }),
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      state.params.set(ctx, checkParams(err, params));
      return {};
    },
  };
}
