import type { BaseAccount, Params } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import type { ExecCtx, ReadCtx } from "nild/sdk";

/** Module accounts by name, with the permissions that their modules hold ("minter", "burner"). */
export type ModuleAccounts = Readonly<Record<string, readonly string[]>>;

/** What auth offers to other modules and to the ante steps. */
export interface AuthApi {
  params(ctx: ReadCtx): Params;
  find(ctx: ReadCtx, address: string): BaseAccount | undefined;
  /** Throws sdk/9. */
  get(ctx: ReadCtx, address: string): BaseAccount;
  has(ctx: ReadCtx, address: string): boolean;
  /** Creates the account, with the next account number, if it does not exist. */
  ensure(ctx: ExecCtx, address: string): undefined;
  /** For the ante steps: public key and sequence. */
  save(ctx: ExecCtx, account: BaseAccount): undefined;
}

/** What the fee step needs of bank. */
export interface FeePort {
  transfer(ctx: ExecCtx, from: string, to: string, coins: readonly { readonly denom: string; readonly amount: bigint }[]): undefined;
}
