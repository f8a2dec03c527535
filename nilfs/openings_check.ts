import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type OpeningsProof, OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { verifyOpeningsProof } from "./proof.js";
import type { KzgVerifier } from "./types.js";

/*
 * The costly part of a proof as a chain handles it: a check that depends on the proof's own bytes only, so that a node
 * may run it before the block does.
 */

/** The kind of the check; its input is the canonical bytes of nil.nilfs.v1.OpeningsProof. */
export const OPENINGS_CHECK = "kzg.openings";

export function openingsCheck(proof: OpeningsProof): { readonly kind: string; readonly input: Uint8Array } {
  return { kind: OPENINGS_CHECK, input: toBinary(OpeningsProofSchema, proof) };
}

/** Decides inputs of that kind: every hop and the aggregated opening. Every back end gives the same verdict. */
export function openingsChecker(verifier: KzgVerifier): (input: Uint8Array) => boolean {
  return (input) => verifyOpeningsProof(verifier, fromBinary(OpeningsProofSchema, input)).ok;
}

/** Openings that a proof stands for, which is what gas is charged by: each blob's, and in each group one per MDU. */
export function openingCount(proof: OpeningsProof): number {
  return proof.groups.reduce((sum, { blobs }) => sum + blobs.length + new Set(blobs.map(({ mduIndex }) => mduIndex)).size, 0);
}
