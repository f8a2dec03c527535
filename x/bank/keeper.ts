import { type ExecCtx, MAX_AMOUNT, type ReadCtx, sdkErr } from "nild/sdk";
import type { AuthPort, Coin } from "./api.js";
import { coinsText } from "./coins.js";
import type { BankState } from "./state.js";

/** Who holds what. The only code that writes balances and supply. */
export class BankKeeper {
  constructor(
    readonly state: BankState,
    readonly auth: AuthPort,
  ) {}

  balance(ctx: ReadCtx, address: string, denom: string): bigint {
    return this.state.balances.find(ctx, [address, denom]) ?? 0n;
  }

  supply(ctx: ReadCtx, denom: string): bigint {
    return this.state.supply.find(ctx, denom) ?? 0n;
  }

  isSendEnabled(ctx: ReadCtx, denom: string): boolean {
    return this.state.sendEnabled.find(ctx, denom) ?? this.state.params.get(ctx).defaultSendEnabled;
  }

  /** Throws sdk/5 if `from` is short. Creates the receiving account. */
  transfer(ctx: ExecCtx, from: string, to: string, coins: readonly Coin[]): undefined {
    this.take(ctx, from, coins);
    this.give(ctx, to, coins);
    ctx.emitLegacy("transfer", { recipient: to, sender: from, amount: coinsText(coins) });
    ctx.emitLegacy("message", { sender: from });
  }

  take(ctx: ExecCtx, from: string, coins: readonly Coin[]): undefined {
    for (const { denom, amount } of coins) {
      const held = this.balance(ctx, from, denom);
      if (held < amount) throw sdkErr.InsufficientFunds(`spendable balance ${held}${denom} is smaller than ${amount}${denom}`);
      this.#setBalance(ctx, from, denom, held - amount);
    }
    ctx.emitLegacy("coin_spent", { spender: from, amount: coinsText(coins) });
  }

  give(ctx: ExecCtx, to: string, coins: readonly Coin[]): undefined {
    for (const { denom, amount } of coins) this.#setBalance(ctx, to, denom, this.balance(ctx, to, denom) + amount);
    ctx.emitLegacy("coin_received", { receiver: to, amount: coinsText(coins) });
    this.auth.ensure(ctx, to);
  }

  /** Throws sdk/10 past 2^256 − 1: no balance can then overflow. */
  mint(ctx: ExecCtx, to: string, coins: readonly Coin[]): undefined {
    for (const { denom, amount } of coins) {
      const total = this.supply(ctx, denom) + amount;
      if (total > MAX_AMOUNT) throw sdkErr.InvalidCoins(`the supply of ${denom} would pass 2^256 − 1`);
      this.state.supply.set(ctx, denom, total);
    }
    this.give(ctx, to, coins);
    ctx.emitLegacy("coinbase", { minter: to, amount: coinsText(coins) });
  }

  burn(ctx: ExecCtx, from: string, coins: readonly Coin[]): undefined {
    this.take(ctx, from, coins);
    for (const { denom, amount } of coins) {
      const total = this.supply(ctx, denom) - amount;
      if (total === 0n) this.state.supply.remove(ctx, denom);
      else this.state.supply.set(ctx, denom, total);
    }
    ctx.emitLegacy("burn", { burner: from, amount: coinsText(coins) });
  }

  #setBalance(ctx: ExecCtx, address: string, denom: string, amount: bigint): void {
    if (amount === 0n) this.state.balances.remove(ctx, [address, denom]);
    else this.state.balances.set(ctx, [address, denom], amount);
  }
}
