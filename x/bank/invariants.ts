import type { Invariant } from "nild/sdk";
import { coinsText, sameCoins, sumCoins } from "./coins.js";
import type { BankState } from "./state.js";

export function bankInvariants(state: BankState): Record<string, Invariant> {
  return {
    supply_is_sum_of_balances(ctx) {
      const held = sumCoins([...state.balances.all(ctx)].map(([[, denom], amount]) => [{ denom, amount }]));
      const supply = [...state.supply.all(ctx)].map(([denom, amount]) => ({ denom, amount }));
      return sameCoins(held, supply) ? undefined : `supply is ${coinsText(supply)}, balances add up to ${coinsText(held)}`;
    },
    no_zero_balance(ctx) {
      for (const [[address, denom], amount] of state.balances.all(ctx)) {
        if (amount <= 0n) return `${address} holds ${amount}${denom}: an empty balance is not stored`;
      }
      return undefined;
    },
  };
}
