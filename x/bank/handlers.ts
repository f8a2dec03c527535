import type { Msg } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { type ExecCtx, type MsgHandlers, type MsgValidators, addressFromString, sdkErr } from "nild/sdk";
import type { Coin } from "./api.js";
import { coinsText, sameCoins, sentCoins, sumCoins } from "./coins.js";
import type { BankKeeper } from "./keeper.js";
import { validateParams } from "./params.js";

const MAX_PARTIES = 1_000;

export function bankHandlers(keeper: BankKeeper, blocked: ReadonlySet<string>, assertAuthority: (signer: string) => undefined): MsgHandlers<typeof Msg> {
  const requireSendable = (ctx: ExecCtx, to: string, coins: readonly Coin[]): void => {
    const disabled = coins.find(({ denom }) => !keeper.isSendEnabled(ctx, denom));
    if (disabled) throw sdkErr.Unauthorized(`${disabled.denom} transfers are currently disabled`);
    if (blocked.has(to)) throw sdkErr.Unauthorized(`${to} is not allowed to receive funds`);
  };
  return {
    send(ctx, { fromAddress, toAddress, amount }) {
      const coins = sentCoins(amount);
      requireSendable(ctx, toAddress, coins);
      keeper.transfer(ctx, fromAddress, toAddress, coins);
      return {};
    },

    multiSend(ctx, { inputs, outputs }) {
      const { address: from, coins } = inputs[0]!;
      keeper.take(ctx, from, sentCoins(coins));
      ctx.emitLegacy("message", { sender: from });
      for (const output of outputs) {
        const received = sentCoins(output.coins);
        requireSendable(ctx, output.address, received);
        keeper.give(ctx, output.address, received);
        ctx.emitLegacy("transfer", { recipient: output.address, amount: coinsText(received) });
      }
      return {};
    },

    updateParams(ctx, { authority, params }) {
      assertAuthority(authority);
      keeper.state.params.set(ctx, params!);
      return {};
    },
  };
}

export const bankValidators: MsgValidators<typeof Msg> = {
  send({ fromAddress, toAddress, amount }) {
    addressFromString(fromAddress);
    addressFromString(toAddress);
    sentCoins(amount);
  },

  /** One sender only: several would have to sign without seeing who pays whom. */
  multiSend({ inputs, outputs }) {
    if (inputs.length !== 1) throw sdkErr.InvalidRequest(`multi-send takes exactly one input, got ${inputs.length}`);
    if (outputs.length < 1 || outputs.length > MAX_PARTIES) throw sdkErr.InvalidRequest(`multi-send takes 1 to ${MAX_PARTIES} outputs, got ${outputs.length}`);
    for (const { address } of [...inputs, ...outputs]) addressFromString(address);
    const spent = sumCoins(inputs.map(({ coins }) => sentCoins(coins)));
    const received = sumCoins(outputs.map(({ coins }) => sentCoins(coins)));
    if (!sameCoins(spent, received)) throw sdkErr.InvalidCoins(`inputs (${coinsText(spent)}) and outputs (${coinsText(received)}) differ`);
  },

  updateParams: ({ params }) => validateParams(params, "params"),
};
