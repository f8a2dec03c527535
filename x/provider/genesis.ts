import type { GenesisStateSchema } from "nild/gen/nil/provider/v1/genesis_pb.js";
import { type Provider, Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { Ed25519PubKey, type GenesisHandlers, addressFromString, amount } from "nild/sdk";
import type { ProviderDeps } from "./api.js";
import type { CandidateArray } from "./candidates.js";
import type { ProviderErrors } from "./errors.js";
import { DEFAULT_PARAMS, FULL_HEALTH, checkParams } from "./params.js";
import type { ProviderState } from "./state.js";
import { checkClaims, checkOperator } from "./validate.js";

export function genesisHandlers(
  state: ProviderState,
  err: ProviderErrors,
  candidates: CandidateArray,
  { bank }: Pick<ProviderDeps, "bank">,
): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS, providers: [], candidates: [] }),

    validate({ params, providers, candidates: order }) {
      checkParams(err, params);
      const active = new Set<string>();
      for (const [i, provider] of providers.entries()) {
        checkProvider(err, provider, `providers[${i}]`);
        const before = providers[i - 1];
        if (before && !isAscending(before.address, provider.address)) {
          throw err.InvalidGenesis(`providers[${i}].address: ${provider.address} is given twice or out of address order`);
        }
        if (provider.status === Status.ACTIVE) active.add(provider.address);
      }
      for (const [i, address] of order.entries()) {
        if (!active.delete(address)) throw err.InvalidGenesis(`candidates[${i}]: ${address} is not an ACTIVE provider or is given twice`);
      }
      const missing = [...active][0];
      if (missing !== undefined) throw err.InvalidGenesis(`candidates: the ACTIVE provider ${missing} is missing`);
      return undefined;
    },

    init(ctx, { params, providers, candidates: order }) {
      state.params.set(ctx, params!);
      for (const provider of providers) state.providers.set(ctx, provider.address, provider);
      for (const address of order) candidates.enter(ctx, address);
      const bonds = providers.reduce((sum, provider) => sum + amount(provider.bond), 0n);
      if (bank.balance(ctx) < bonds) throw err.InvalidGenesis(`providers: bonds of ${bonds} unil, but the module account holds ${bank.balance(ctx)}`);
      return undefined;
    },

    export: (ctx) => ({
      params: state.params.get(ctx),
      providers: [...state.providers.all(ctx)].map(([, provider]) => provider),
      candidates: [...state.candidates.all(ctx)].map(([, address]) => address),
    }),
  };
}

/** Store order: by length, then bytewise. */
function isAscending(a: string, b: string): boolean {
  const [x, y] = [addressFromString(a), addressFromString(b)];
  if (x.length !== y.length) return x.length < y.length;
  const at = x.findIndex((byte, i) => byte !== y[i]);
  return at >= 0 && x[at]! < y[at]!;
}

function checkProvider(err: ProviderErrors, provider: Provider, path: string): undefined {
  checkOperator(provider.address);
  checkClaims(err, provider);
  new Ed25519PubKey(provider.responseKey).assertOnCurve();
  amount(provider.bond);
  amount(provider.slashed);
  const known = provider.status >= Status.ACTIVE && provider.status <= Status.EXITED;
  if (!known) throw err.InvalidGenesis(`${path}.status: ${provider.status} is unknown`);
  if (provider.health > FULL_HEALTH) throw err.InvalidGenesis(`${path}.health: ${provider.health} is over ${FULL_HEALTH}`);
  if (provider.usedBytes > 0n && provider.assignedSlots === 0) throw err.InvalidGenesis(`${path}.used_bytes: ${provider.usedBytes} without a slot`);
}
