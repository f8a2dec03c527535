import { join } from "node:path";
import { ARTIFACT_SPEC, MANIFEST_ARTIFACT, mduArtifactName } from "../artifacts.js";
import { NilfsError } from "../errors.js";
import { parseSlabMetadata } from "../metadata.js";
import { BLOB_BYTES, MDU_BYTES, checkSlabSize, parseProfile } from "../profile.js";
import type { KzgProver, SlabMetadata } from "../types.js";
import { readSized } from "./disk.js";
import { JsonFields } from "./json.js";

const MAX_SLAB_JSON = 4_000_000;

/**
 * The metadata of an encoded folder, every byte checked against slab.json's root and hash.
 * @throws NilfsError `io`, `bad_json`, and as `parseSlabMetadata`.
 */
export async function readSlabFolder(prover: KzgProver, folder: string): Promise<SlabMetadata> {
  const file = join(folder, "slab.json");
  const json = await JsonFields.read(file, MAX_SLAB_JSON);
  if (json.string("spec") !== ARTIFACT_SPEC) throw new NilfsError("bad_json", `${file}: field spec is not ${ARTIFACT_SPEC}`);
  const commit = {
    profile: parseProfile(json.string("profile")),
    manifestRoot: json.bytes("manifest_root", 48),
    mdu0Hash: json.bytes("mdu0_hash", 32),
    totalMdus: json.integer("total_mdus"),
    witnessMdus: json.integer("witness_mdus"),
  };
  checkSlabSize(commit.witnessMdus, 0); // before reading that many files
  const witness: Uint8Array[] = [];
  for (let i = 1; i <= commit.witnessMdus; i++) witness.push(await readSized(join(folder, mduArtifactName(i)), MDU_BYTES));
  return parseSlabMetadata(prover, commit, {
    mdu0: await readSized(join(folder, mduArtifactName(0)), MDU_BYTES),
    witness,
    manifest: await readSized(join(folder, MANIFEST_ARTIFACT), BLOB_BYTES),
  });
}
