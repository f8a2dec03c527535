import type { GenesisStateSchema } from "nild/gen/cosmos/bank/v1beta1/genesis_pb.js";
import { type GenesisHandlers, SdkError, addressFromString, assertDenom, coins, sdkErr } from "nild/sdk";
import { BASE_DENOM, type Coin } from "./api.js";
import { coinMessage, coinsText, sameCoins, sumCoins } from "./coins.js";
import type { BankKeeper } from "./keeper.js";
import { DEFAULT_PARAMS, validateParams } from "./params.js";

const NIL_METADATA = {
  description: "Pays for fees, bonds and storage.",
  denomUnits: [
    { denom: BASE_DENOM, exponent: 0, aliases: [] },
    { denom: "nil", exponent: 6, aliases: [] },
  ],
  base: BASE_DENOM,
  display: "nil",
  name: "NIL",
  symbol: "NIL",
};

export function bankGenesis(keeper: BankKeeper): GenesisHandlers<typeof GenesisStateSchema> {
  const { state } = keeper;
  return {
    default: () => ({ params: DEFAULT_PARAMS, balances: [], supply: [], denomMetadata: [NIL_METADATA], sendEnabled: [] }),

    validate({ params, balances, supply, denomMetadata, sendEnabled }) {
      validateParams(params);
      requireDistinct(balances.map(({ address }) => address), "bank.balances", "address");
      const held = balances.map((each, i) =>
        at(`bank.balances[${i}]`, () => {
          addressFromString(each.address);
          return coins(each.coins);
        }),
      );
      const total = at("bank.balances", () => sumCoins(held));
      const stated = at("bank.supply", () => coins(supply));
      // An empty supply asks for the sum; a stated one must be right.
      if (stated.length > 0 && !sameCoins(stated, total)) {
        throw sdkErr.InvalidCoins(`bank.supply: ${coinsText(stated)} is not the sum of all balances, ${coinsText(total)}`);
      }
      requireDistinct(denomMetadata.map(({ base }) => base), "bank.denom_metadata", "base");
      for (const [i, { base }] of denomMetadata.entries()) at(`bank.denom_metadata[${i}].base`, () => assertDenom(base));
      requireDistinct(sendEnabled.map(({ denom }) => denom), "bank.send_enabled", "denom");
      for (const [i, { denom }] of sendEnabled.entries()) at(`bank.send_enabled[${i}].denom`, () => assertDenom(denom));
    },

    init(ctx, { params, balances, denomMetadata, sendEnabled }) {
      state.params.set(ctx, params!);
      for (const metadata of denomMetadata) state.metadata.set(ctx, metadata.base, metadata);
      for (const { denom, enabled } of sendEnabled) state.sendEnabled.set(ctx, denom, enabled);
      const all: Coin[][] = [];
      for (const { address, coins: listed } of balances) {
        const held = coins(listed);
        keeper.give(ctx, address, held);
        all.push(held);
      }
      for (const { denom, amount } of sumCoins(all)) state.supply.set(ctx, denom, amount);
    },

    export(ctx) {
      const byOwner = new Map<string, { denom: string; amount: string }[]>();
      for (const [[address, denom], amount] of state.balances.all(ctx)) {
        const held = byOwner.get(address);
        if (held) held.push(coinMessage(denom, amount));
        else byOwner.set(address, [coinMessage(denom, amount)]);
      }
      return {
        params: state.params.get(ctx),
        balances: [...byOwner].map(([address, held]) => ({ address, coins: held })),
        supply: [...state.supply.all(ctx)].map(([denom, amount]) => coinMessage(denom, amount)),
        denomMetadata: [...state.metadata.all(ctx)].map(([, metadata]) => metadata),
        sendEnabled: [...state.sendEnabled.all(ctx)].map(([denom, enabled]) => ({ denom, enabled })),
      };
    },
  };
}

/** Adds the JSON path to what a stateless check throws. */
function at<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    throw new SdkError(error.codespace, error.code, error.condition, `${path}: ${error.detail}`);
  }
}

function requireDistinct(keys: readonly string[], path: string, field: string): void {
  const seen = new Set<string>();
  for (const [i, key] of keys.entries()) {
    if (seen.has(key)) throw sdkErr.InvalidRequest(`${path}[${i}].${field}: ${key} occurs twice`);
    seen.add(key);
  }
}
