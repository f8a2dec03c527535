import { fromBinary } from "@bufbuild/protobuf";
import { OpeningsProofSchema } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { type KzgVerifier, verifyOpeningsProof } from "nild/nilfs";
import type { Checker } from "nild/sdk";

/** The kind of check that costs pairings; its input is the canonical bytes of nil.nilfs.v1.OpeningsProof. */
export const OPENINGS_CHECK = "kzg.openings";

/** Checks every hop and the aggregated opening of a proof. Every back end of nilfs gives the same verdict. */
export function openingsChecker(verifier: KzgVerifier): Checker {
  return (input) => verifyOpeningsProof(verifier, fromBinary(OpeningsProofSchema, input)).ok;
}
