import type { Msg } from "nild/gen/nil/escrow/v1/tx_pb.js";
import { type MsgValidators, addressFromString } from "nild/sdk";
import type { EscrowErrors } from "./errors.js";
import { checkParams } from "./params.js";

export function msgValidators(err: EscrowErrors): MsgValidators<typeof Msg> {
  return {
    updateParams({ authority, params }) {
      addressFromString(authority);
      checkParams(err, params);
      return undefined;
    },
  };
}
