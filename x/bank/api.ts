import type { ExecCtx, ReadCtx } from "nild/sdk";

/** The one denomination of fees, bonds and rent (exponent 6, display NIL). */
export const BASE_DENOM = "unil";

export interface Coin {
  readonly denom: string;
  /** Base units; never negative. */
  readonly amount: bigint;
}

/**
 * A module's own purse: it moves that module's account only. Amounts are base units of `unil`, above zero (sdk/10
 * otherwise). app.ts hands out purses; a module never names the account it spends from.
 */
export interface ModuleBank {
  /** Bech32 of the module's account. */
  readonly address: string;
  /** What the module holds; default denom `unil`. */
  balance(ctx: ReadCtx, denom?: string): bigint;
  /** Account → module. sdk/5 if the account is short. */
  receive(ctx: ExecCtx, from: string, amount: bigint): undefined;
  /** Module → account. sdk/5 if the module is short, sdk/4 if `to` is a blocked address. */
  pay(ctx: ExecCtx, to: string, amount: bigint): undefined;
  /** Module → another module's account, by name. sdk/5 if short, sdk/9 if no such module account exists. */
  payModule(ctx: ExecCtx, moduleName: string, amount: bigint): undefined;
}

/** A capability given in app/accounts.ts. */
export interface BurnBank extends ModuleBank {
  /** Destroys `unil` that the module holds; lowers the supply. sdk/5 if short. */
  burn(ctx: ExecCtx, amount: bigint): undefined;
}

/** A capability given in app/accounts.ts. */
export interface MintBank extends ModuleBank {
  /** Creates `unil` on the module's account. sdk/10 past 2^256-1. */
  mint(ctx: ExecCtx, amount: bigint): undefined;
}

/** What bank offers to the wiring and to the base app. */
export interface BankApi {
  balance(ctx: ReadCtx, address: string, denom: string): bigint;
  supply(ctx: ReadCtx, denom: string): bigint;
  /** Moves coins between two accounts with the legacy events; sdk/5 if short. No send-enabled or blocked check. */
  transfer(ctx: ExecCtx, from: string, to: string, coins: readonly Coin[]): undefined;
  /** Only app.ts calls these three; each throws at wiring if app/accounts.ts does not permit it. */
  forModule(name: string): ModuleBank;
  forBurner(name: string): BurnBank;
  forMinter(name: string): MintBank;
}

/** What bank needs of auth: an account for everyone who holds coins. */
export interface AuthPort {
  ensure(ctx: ExecCtx, address: string): undefined;
}

/** Module accounts by name, with the permissions that their modules hold ("minter", "burner"). */
export type ModuleAccounts = Readonly<Record<string, readonly string[]>>;
