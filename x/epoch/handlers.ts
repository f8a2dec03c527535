import type { MsgHandlers, MsgValidators } from "nild/sdk";
import { addressFromString } from "nild/sdk";
import { type Msg } from "nild/gen/nil/epoch/v1/tx_pb.js";
import type { EpochErrors } from "./errors.js";
import { checkParams } from "./params.js";
import type { EpochState } from "./state.js";

export function msgHandlers(state: EpochState, err: EpochErrors, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  return {
    // The length takes hold with the next epoch: the current one carries its own.
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      state.params.set(ctx, checkParams(err, params));
      return {};
    },
  };
}

export function msgValidators(err: EpochErrors): MsgValidators<typeof Msg> {
  return {
    updateParams({ authority, params }) {
      addressFromString(authority);
      checkParams(err, params);
      return undefined;
    },
  };
}
