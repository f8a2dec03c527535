import type { Coin as CoinMessage } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import { MAX_AMOUNT, coins, sdkErr } from "nild/sdk";
import type { Coin } from "./api.js";

/** "5foo,10unil", as events and logs show coins. */
export function coinsText(list: readonly Coin[]): string {
  return list.map(({ denom, amount }) => `${amount}${denom}`).join(",");
}

/** What a message sends: at least one coin. Throws sdk/10. */
export function sentCoins(list: readonly CoinMessage[]): Coin[] {
  const parsed = coins(list);
  if (parsed.length === 0) throw sdkErr.InvalidCoins("send at least one coin");
  return parsed;
}

export function coinMessage(denom: string, amount: bigint): { denom: string; amount: string } {
  return { denom, amount: amount.toString() };
}

/** Adds up by denomination, sorted. Throws sdk/10 past 2^256 − 1. */
export function sumCoins(lists: Iterable<readonly Coin[]>): Coin[] {
  const totals = new Map<string, bigint>();
  for (const list of lists) {
    for (const { denom, amount } of list) {
      const total = (totals.get(denom) ?? 0n) + amount;
      if (total > MAX_AMOUNT) throw sdkErr.InvalidCoins(`the sum of ${denom} passes 2^256 − 1`);
      totals.set(denom, total);
    }
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([denom, amount]) => ({ denom, amount }));
}

export function sameCoins(a: readonly Coin[], b: readonly Coin[]): boolean {
  return a.length === b.length && a.every(({ denom, amount }, i) => denom === b[i]!.denom && amount === b[i]!.amount);
}
