import { type ExecCtx, addressToString, moduleAddress, sdkErr } from "nild/sdk";
import { BASE_DENOM, type BurnBank, type Coin, type MintBank, type ModuleAccounts, type ModuleBank } from "./api.js";
import type { BankKeeper } from "./keeper.js";

/** Hands out purses at wiring; each moves one module's account. */
export class Purses {
  constructor(
    readonly keeper: BankKeeper,
    readonly accounts: ModuleAccounts,
    /** Addresses that nobody may pay by message or payout. */
    readonly blocked: ReadonlySet<string>,
  ) {}

  forModule(name: string): ModuleBank {
    return this.#purse(name);
  }

  forBurner(name: string): BurnBank {
    const purse = this.#purse(name, "burner");
    return { ...purse, burn: (ctx, amount) => this.keeper.burn(ctx, purse.address, unil(amount)) };
  }

  forMinter(name: string): MintBank {
    const purse = this.#purse(name, "minter");
    return { ...purse, mint: (ctx, amount) => this.keeper.mint(ctx, purse.address, unil(amount)) };
  }

  #purse(name: string, permission?: string): ModuleBank {
    const permissions = new Map(Object.entries(this.accounts)).get(name);
    if (!permissions) throw new Error(`module account ${name} is not in the list of module accounts`);
    if (permission !== undefined && !permissions.includes(permission)) throw new Error(`module account ${name} is no ${permission}`);
    const { keeper, accounts, blocked } = this;
    const address = addressToString(moduleAddress(name));
    const move = (ctx: ExecCtx, from: string, to: string, amount: bigint): undefined => keeper.transfer(ctx, from, to, unil(amount));
    return {
      address,
      balance: (ctx, denom = BASE_DENOM) => keeper.balance(ctx, address, denom),
      receive: (ctx, from, amount) => move(ctx, from, address, amount),
      pay(ctx, to, amount) {
        if (blocked.has(to)) throw sdkErr.Unauthorized(`${to} is not allowed to receive funds`);
        return move(ctx, address, to, amount);
      },
      payModule(ctx, other, amount) {
        if (!Object.hasOwn(accounts, other)) throw sdkErr.UnknownAddress(`module account ${other} does not exist`);
        return move(ctx, address, addressToString(moduleAddress(other)), amount);
      },
    };
  }
}

function unil(amount: bigint): Coin[] {
  if (amount <= 0n) throw sdkErr.InvalidCoins(`amount ${amount}${BASE_DENOM} is not positive`);
  return [{ denom: BASE_DENOM, amount }];
}
