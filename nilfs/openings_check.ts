import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type OpenedBlob, type OpeningsProof, OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { toHex } from "./bytes.js";
import { verifyOpeningsProof } from "./proof.js";
import type { KzgVerifier } from "./types.js";

/*
 * The costly part of a proof as a chain handles it: a check that depends on the proof's own bytes only, so that a node
 * may run it before the block does.
 */

/** The kind of the check; its input is the canonical bytes of nil.nilfs.v1.OpeningsProof. */
export const OPENINGS_CHECK = "kzg.openings";

/** The check of a proof, as `precheck` returns it and `verified` takes it. */
export function openingsCheck(proof: OpeningsProof): { readonly kind: string; readonly input: Uint8Array } {
  return { kind: OPENINGS_CHECK, input: toBinary(OpeningsProofSchema, proof) };
}

/** Decides inputs of that kind: every hop and the aggregated opening. Every back end gives the same verdict. */
export function openingsChecker(verifier: KzgVerifier): (input: Uint8Array) => boolean {
  return (input) => verifyOpeningsProof(verifier, fromBinary(OpeningsProofSchema, input)).ok;
}

/**
 * Openings that are verified for a proof, which is what gas is charged by: each blob's, and in each group one per distinct
 * first hop. An honest proof has one per MDU; one that states several for an MDU pays for each.
 */
export function openingCount(proof: OpeningsProof): number {
  return proof.groups.reduce((sum, { blobs }) => sum + blobs.length + new Set(blobs.map(firstHop)).size, 0);
}

function firstHop({ mduIndex, mduRoot, manifestOpening }: OpenedBlob): string {
  return `${mduIndex}/${toHex(mduRoot)}/${toHex(manifestOpening)}`;
}
