/** KZG by mcl-wasm: the same results as the native back end, wherever WebAssembly runs. */
import type { Kzg } from "../types.js";
import { createGroupProver } from "../kzg/group_prover.js";
import { createFieldKernel } from "../kzg/kernel.js";
import { createVerifier } from "../kzg/verifier.js";
import { affineToMcl, mclGroup } from "./mcl_group.js";

export async function portableKzg(): Promise<Kzg> {
  const group = await mclGroup();
  const kernel = createFieldKernel();
  return {
    verifier: createVerifier({ name: "portable", group, kernel }),
    prover: createGroupProver("portable", group, affineToMcl, kernel),
  };
}
