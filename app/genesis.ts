import { create } from "@bufbuild/protobuf";
import { type GenesisState as BankGenesis, BalanceSchema } from "nild/gen/cosmos/bank/v1beta1/genesis_pb.js";
import { CoinSchema } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import type { GenesisState as EpochGenesis } from "nild/gen/nil/epoch/v1/genesis_pb.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { type AppGenesis, type AppModule, anyTypes, defaultGenesis, genesisToJson, parseGenesis, sdkErr, standardRegistry } from "nild/sdk";
import { BASE_DENOM } from "nild/x/bank";
import { GOVERNANCE } from "./accounts.js";
import { wireModules } from "./app.js";

export interface GenesisPlan {
  /** First balances: bech32 address, `unil`. */
  readonly balances?: readonly { readonly address: string; readonly amount: bigint }[];
  /** Blocks per epoch; default the module's. */
  readonly epochBlocks?: bigint;
  /** Last changes to the modules' messages, by module name. */
  readonly adjust?: (genesis: AppGenesis) => undefined;
}

/** Every module of the application, unconnected to a state: what genesis files and the reference are made from. */
export function allModules(): readonly AppModule[] {
  return Object.values(wireModules(GOVERNANCE));
}

const types = (): ReturnType<typeof anyTypes> => anyTypes(standardRegistry());

/** app_state JSON of a new chain: every module's default with the plan's changes. */
export function newAppState(plan: GenesisPlan = {}): string {
  const modules = allModules();
  const genesis = defaultGenesis(modules);
  const bank = genesis.get("bank") as BankGenesis;
  bank.balances = (plan.balances ?? []).map(({ address, amount }) => balanceOf(address, amount));
  const epoch = genesis.get("epoch") as EpochGenesis;
  if (plan.epochBlocks !== undefined) epoch.params!.lengthBlocks = plan.epochBlocks;
  plan.adjust?.(genesis);
  return genesisToJson(genesis, modules, types());
}

/** app_state with one more account. @throws SdkError as `validateAppState`, sdk/18 if the account has a balance already. */
export function addGenesisAccount(appState: Uint8Array, address: string, amount: bigint): string {
  const modules = allModules();
  const genesis = parseGenesis(appState, modules, types());
  const bank = genesis.get("bank") as BankGenesis;
  if (bank.balances.some((each) => each.address === address)) throw sdkErr.InvalidRequest(`${address} has a genesis balance already`);
  bank.balances.push(balanceOf(address, amount));
  // A supply that is written down must stay the sum; an empty one is computed.
  bank.supply = [];
  const changed = genesisToJson(genesis, modules, types());
  validateAppState(utf8ToBytes(changed));
  return changed;
}

/** @throws SdkError with the JSON path of what `start` would refuse. */
export function validateAppState(appState: Uint8Array): undefined {
  parseGenesis(appState, allModules(), types());
}

function balanceOf(address: string, amount: bigint) {
  return create(BalanceSchema, { address, coins: [create(CoinSchema, { denom: BASE_DENOM, amount: amount.toString() })] });
}
