import { type Message, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { type BaseAccount, BaseAccountSchema, ModuleAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { addressToString, moduleAddress } from "nild/sdk";
import type { ModuleAccounts } from "./api.js";

export const BASE_ACCOUNT_URL = `/${BaseAccountSchema.typeName}`;
export const MODULE_ACCOUNT_URL = `/${ModuleAccountSchema.typeName}`;

/** Shows accounts as clients know them: module accounts, which the wiring names, carry name and permissions. */
export class AccountView {
  readonly #names: ReadonlyMap<string, string>;
  constructor(readonly modules: ModuleAccounts) {
    this.#names = new Map(Object.keys(modules).map((name) => [addressToString(moduleAddress(name)), name]));
  }

  /** Name of the module whose account this is. */
  moduleName(address: string): string | undefined {
    return this.#names.get(address);
  }

  /** Addresses of all module accounts, sorted by module name. */
  addresses(): string[] {
    return [...this.#names].sort(([, a], [, b]) => (a < b ? -1 : 1)).map(([address]) => address);
  }

  pack(account: BaseAccount): Any {
    const name = this.moduleName(account.address);
    if (name === undefined) return any(BASE_ACCOUNT_URL, toBinary(BaseAccountSchema, account));
    const permissions = [...this.modules[name]!];
    return any(MODULE_ACCOUNT_URL, toBinary(ModuleAccountSchema, create(ModuleAccountSchema, { baseAccount: account, name, permissions })));
  }

  /** Undefined: not an account that this chain could hold. */
  unpack({ typeUrl, value }: Any): BaseAccount | undefined {
    if (typeUrl === BASE_ACCOUNT_URL) {
      const account = fromBinary(BaseAccountSchema, value);
      return this.moduleName(account.address) === undefined ? account : undefined;
    }
    if (typeUrl !== MODULE_ACCOUNT_URL) return undefined;
    const account = fromBinary(ModuleAccountSchema, value);
    const { baseAccount } = account;
    return baseAccount && this.moduleName(baseAccount.address) === account.name ? baseAccount : undefined;
  }
}

function any(typeUrl: string, value: Uint8Array): Any & Message {
  return create(AnySchema, { typeUrl, value });
}
