import { create } from "@bufbuild/protobuf";
import { type GenesisState as BankGenesis, BalanceSchema } from "nild/gen/cosmos/bank/v1beta1/genesis_pb.js";
import { CoinSchema } from "nild/gen/cosmos/base/v1beta1/coin_pb.js";
import type { GenesisState as EpochGenesis } from "nild/gen/nil/epoch/v1/genesis_pb.js";
import { type AppModule, anyTypes, defaultGenesis, genesisToJson, standardRegistry } from "nild/sdk";
import { BASE_DENOM } from "nild/x/bank";
import { GOVERNANCE } from "./accounts.js";
import { wireModules } from "./app.js";

export interface GenesisPlan {
  /** First balances: bech32 address, `unil`. */
  readonly balances?: readonly { readonly address: string; readonly amount: bigint }[];
  /** Blocks per epoch; default the module's. */
  readonly epochBlocks?: bigint;
}

/** app_state JSON of a new chain: every module's default with the plan's changes. */
export function newAppState(plan: GenesisPlan = {}): string {
  const modules: readonly AppModule[] = Object.values(wireModules(GOVERNANCE));
  const genesis = defaultGenesis(modules);
  const bank = genesis.get("bank") as BankGenesis;
  bank.balances = (plan.balances ?? []).map(({ address, amount }) =>
    create(BalanceSchema, { address, coins: [create(CoinSchema, { denom: BASE_DENOM, amount: amount.toString() })] }),
  );
  const epoch = genesis.get("epoch") as EpochGenesis;
  if (plan.epochBlocks !== undefined) epoch.params!.lengthBlocks = plan.epochBlocks;
  return genesisToJson(genesis, modules, anyTypes(standardRegistry()));
}
