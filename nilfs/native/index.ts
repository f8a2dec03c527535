/** KZG by node-eth-kzg (Node only), with mcl for sums of points. Loading takes about 1.7 s: do it at the first need. */
import { createHash } from "node:crypto";
import type { Kzg } from "../types.js";
import { createFieldKernel } from "../kzg/kernel.js";
import { createProver } from "../kzg/prover.js";
import { sumEncoded } from "../kzg/group_prover.js";
import { createVerifier } from "../kzg/verifier.js";
import { mclGroup } from "../portable/mcl_group.js";
import { toEip4844 } from "./blob_order.js";

/** More than the cores, so that a finished commit never leaves one idle; few, so that a cancelled job ends soon. */
const COMMITS_IN_FLIGHT = 8;

let loading: Promise<Kzg> | undefined;

/** One instance per process. */
export function nativeKzg(): Promise<Kzg> {
  return (loading ??= load());
}

async function load(): Promise<Kzg> {
  const [{ default: kzg }, group] = await Promise.all([import("@crate-crypto/node-eth-kzg"), mclGroup()]);
  const library = kzg.DasContextJs.create({ usePrecomp: false });
  const kernel = createFieldKernel();
  return {
    verifier: createVerifier({
      name: "native",
      group,
      kernel,
      batchAbove: 16,
      verifyOne(commitment, z, y, proof) {
        try {
          return library.verifyKzgProof(commitment, z, y, proof);
        } catch {
          return false; // lengths and scalars are checked, so what it refuses is a bad point
        }
      },
    }),
    prover: createProver({
      name: "native",
      kernel,
      parallel: COMMITS_IN_FLIGHT,
      commit: async (blob) => Uint8Array.from(await library.asyncBlobToKzgCommitment(toEip4844(blob))),
      async open(blob, z) {
        const [proof, y] = await library.asyncComputeKzgProof(toEip4844(blob), z);
        return { y: Uint8Array.from(y!), proof: Uint8Array.from(proof!) };
      },
      sumCommitments: sumEncoded(group),
      sha256: (bytes) => createHash("sha256").update(bytes).digest(),
    }),
  };
}
