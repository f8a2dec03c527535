import { create, toBinary } from "@bufbuild/protobuf";
import { OpeningsProofSchema, type OpeningsProof as OpeningsProofMessage } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { openingCount, type Kzg, type OpenedBlob, type Position } from "nild/nilfs";
import type { HeldSlab } from "./slabs.js";

/** What one slot must open. */
export interface Demand {
  readonly slab: HeldSlab;
  readonly positions: readonly Position[];
}

/**
 * One aggregated opening of all demands at z, as messages carry it. The hops come from the slab, which keeps them between
 * epochs; only the aggregate is new each time.
 * @throws HttpError `corrupt_object`, `object_missing`: then nothing is sent, for a wrong proof costs more than none.
 */
export async function openDemands(kzg: () => Promise<Kzg>, z: Uint8Array, demands: readonly Demand[]): Promise<OpeningsProofMessage> {
  const blobs: Uint8Array[] = [];
  const hops: Omit<OpenedBlob, "y">[] = [];
  for (const { slab, positions } of demands) {
    for (const position of positions) {
      blobs.push(await slab.blob(position));
      hops.push(await slab.hops(position));
    }
  }
  const { ys, proof } = await (await kzg()).prover.openAggregate(blobs, hops.map(({ commitment }) => commitment), z);
  let next = 0;
  return create(OpeningsProofSchema, {
    z,
    proof,
    groups: demands.map(({ slab, positions }) => ({
      manifestRoot: slab.metadata.manifestRoot,
      blobs: positions.map(() => {
        const { merklePath, ...rest } = hops[next]!;
        return { ...rest, merklePath: [...merklePath], y: ys[next++]! };
      }),
    })),
  });
}

const GAS_BASE = 400_000n;
const GAS_PER_OPENING = 1_000_000n;
/** Bytes of a transaction and what handlers read and write per slot. */
const GAS_PER_BYTE = 20n;
const GAS_PER_SLOT = 150_000n;

/** Gas limit for messages that carry these proofs. A simulation would make the node verify them once more. */
export function proofGas(proofs: readonly OpeningsProofMessage[]): bigint {
  return proofs.reduce((gas, proof) => {
    const bytes = BigInt(toBinary(OpeningsProofSchema, proof).length);
    return gas + GAS_PER_OPENING * BigInt(openingCount(proof)) + GAS_PER_BYTE * bytes + GAS_PER_SLOT * BigInt(proof.groups.length);
  }, GAS_BASE);
}
