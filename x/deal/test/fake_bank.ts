import { type ExecCtx, type ReadCtx, StateSchema, addressToString, k, moduleAddress, sdkErr, v } from "nild/sdk";
import type { BurnBank } from "nild/x/bank";

const balances = new StateSchema("bank").map(0, "balances", k.address, v.amount);

export function moduleAccount(name: string): string {
  return addressToString(moduleAddress(name));
}

/** Plain balances in the context's own state, so that they follow its branches. Burned coins are kept on record. */
export class FakeBank {
  static readonly burned = moduleAccount("burned");

  balance(ctx: ReadCtx, address: string): bigint {
    return balances.find(ctx, address) ?? 0n;
  }

  mint(ctx: ExecCtx, to: string, amount: bigint): void {
    balances.set(ctx, to, this.balance(ctx, to) + amount);
  }

  supply(ctx: ReadCtx): bigint {
    return [...balances.all(ctx)].reduce((sum, [, amount]) => sum + amount, 0n);
  }

  purse(name: string): BurnBank {
    const address = moduleAccount(name);
    const move = (ctx: ExecCtx, from: string, to: string, amount: bigint): undefined => {
      if (amount <= 0n) throw sdkErr.InvalidCoins(`${amount}`);
      const left = this.balance(ctx, from) - amount;
      if (left < 0n) throw sdkErr.InsufficientFunds(`${from} is short of ${-left}`);
      balances.set(ctx, from, left);
      balances.set(ctx, to, this.balance(ctx, to) + amount);
    };
    return {
      address,
      balance: (ctx) => this.balance(ctx, address),
      receive: (ctx, from, amount) => move(ctx, from, address, amount),
      pay: (ctx, to, amount) => move(ctx, address, to, amount),
      payModule: (ctx, to, amount) => move(ctx, address, moduleAccount(to), amount),
      burn: (ctx, amount) => move(ctx, address, FakeBank.burned, amount),
    };
  }
}
