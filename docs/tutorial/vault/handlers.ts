import { type MsgHandlers, type MsgValidators, addressFromString, amount } from "nild/sdk";
import type { Msg } from "nild/gen/vault/v1/tx_pb.js";
import type { VaultErrors } from "./errors.js";
import type { VaultKeeper } from "./keeper.js";
import { checkParams } from "./params.js";

// #region validate
/** What a message must hold whatever the state is: runs before any fee is taken. */
export function msgValidators(err: VaultErrors): MsgValidators<typeof Msg> {
  return {
    lock({ owner, amount: text, blocks }) {
      addressFromString(owner);
      if (amount(text) === 0n) throw err.ZeroAmount("amount: 0 unil");
      return requireBlocks(err, blocks);
    },
    extend({ owner, blocks }) {
      addressFromString(owner);
      return requireBlocks(err, blocks);
    },
    updateParams({ authority, params }) {
      addressFromString(authority);
      checkParams(err, params);
      return undefined;
    },
  };
}

function requireBlocks(err: VaultErrors, blocks: bigint): undefined {
  if (blocks === 0n) throw err.BadDuration("blocks: 0; give at least 1");
}
// #endregion

// #region handlers
export function msgHandlers(keeper: VaultKeeper, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  return {
    lock(ctx, { owner, amount: text, blocks }) {
      const { id, releaseHeight } = keeper.lock(ctx, owner, amount(text), blocks);
      return { id, releaseHeight };
    },
    extend(ctx, { owner, id, blocks }) {
      const { releaseHeight } = keeper.extend(ctx, owner, id, blocks);
      return { releaseHeight };
    },
    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      keeper.state.params.set(ctx, checkParams(keeper.err, params));
      return {};
    },
  };
}
// #endregion
