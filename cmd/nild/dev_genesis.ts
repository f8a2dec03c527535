import { create } from "@bufbuild/protobuf";
import type { GenesisState as ChallengeGenesis } from "nild/gen/nil/challenge/v1/genesis_pb.js";
import type { GenesisState as EscrowGenesis } from "nild/gen/nil/escrow/v1/genesis_pb.js";
import type { GenesisState as Mode2Genesis } from "nild/gen/nil/mode2/v1/genesis_pb.js";
import type { GenesisState as ProviderGenesis } from "nild/gen/nil/provider/v1/genesis_pb.js";
import { Capability, ProviderSchema, Status } from "nild/gen/nil/provider/v1/types_pb.js";
import type { GenesisPlan } from "nild/app";
import { addressFromString, addressToString, moduleAddress } from "nild/sdk";

/** Test networks of one machine: quick epochs, loopback endpoints, a missing provider replaced after two silent epochs. */
export interface DevTerms {
  readonly balances: readonly { readonly address: string; readonly amount: bigint }[];
  readonly epochBlocks: bigint;
  /** Providers that are registered from the start; their bonds are minted beside the balances. */
  readonly providers?: readonly { readonly address: string; readonly bond: bigint; readonly totalBytes: bigint; readonly endpoint: string; readonly responseKey: Uint8Array }[];
}

const DEV_HEALTH_MISSING = 350;
/** High enough that a slot of a small file earns whole units in an epoch of ten blocks. */
const DEV_STORAGE_PRICE = "0.0001";

export function devPlan({ balances, epochBlocks, providers = [] }: DevTerms): GenesisPlan {
  const ordered = [...providers].sort((a, b) => Buffer.compare(addressFromString(a.address), addressFromString(b.address)));
  const bonds = providers.reduce((sum, { bond }) => sum + bond, 0n);
  const providerAccount = addressToString(moduleAddress("provider"));
  return {
    balances: bonds === 0n ? balances : [...balances, { address: providerAccount, amount: bonds }],
    epochBlocks,
    adjust(genesis) {
      const provider = genesis.get("provider") as ProviderGenesis;
      provider.params!.allowPrivateEndpoints = true;
      provider.candidates = ordered.map(({ address }) => address);
      provider.providers = ordered.map(({ address, bond, totalBytes, endpoint, responseKey }) =>
        create(ProviderSchema, {
          address,
          status: Status.ACTIVE,
          bond: bond.toString(),
          capability: Capability.GENERAL,
          totalBytes,
          endpoints: [endpoint],
          failureDomain: { asn: "", region: "" },
          responseKey,
          health: 1_000,
          slashed: "0",
        }),
      );
      (genesis.get("escrow") as EscrowGenesis).params!.storagePrice = DEV_STORAGE_PRICE;
      (genesis.get("challenge") as ChallengeGenesis).params!.healthMissing = DEV_HEALTH_MISSING;
      (genesis.get("mode2") as Mode2Genesis).params!.repairTimeoutBlocks = epochBlocks * 3n;
    },
  };
}
