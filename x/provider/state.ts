import { ParamsSchema, ProviderSchema } from "nild/gen/nil/provider/v1/types_pb.js";
import { type StateSchema, type ValueCodec, addressFromString, addressToString, k, v } from "nild/sdk";

export type ProviderState = ReturnType<typeof providerState>;

const addressValue: ValueCodec<string> = {
  encode: (address) => addressFromString(address),
  decode: (bytes) => addressToString(bytes),
};

export function providerState(s: StateSchema) {
  return {
    params: s.item(0, "params", ParamsSchema),
    providers: s.indexedMap(1, "providers", k.address, ProviderSchema, (multi) => ({
      byStatus: multi(2, k.u32, (provider) => provider.status),
    })),
    // The ACTIVE providers as a dense array: candidates[0 … candidateCount), and where each stands in it.
    candidates: s.map(3, "candidates", k.u32, addressValue),
    candidateIndex: s.map(4, "candidate_index", k.address, v.u64),
    candidateCount: s.item(5, "candidate_count", v.u64),
  };
}
