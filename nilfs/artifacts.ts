import { NilfsError } from "./errors.js";
import { MAX_MDUS, MAX_SLOTS } from "./profile.js";

/** The files of a slab, as they are named on disk and in URLs (`mode2-artifacts-v1`). */
export type Artifact =
  | { readonly kind: "manifest" }
  /** MDU 0 or a witness MDU, 8,388,608 bytes. */
  | { readonly kind: "mdu"; readonly mduIndex: number }
  /** One slot's shard of a user MDU. */
  | { readonly kind: "shard"; readonly mduIndex: number; readonly slot: number };

export const ARTIFACT_SPEC = "mode2-artifacts-v1";
export const MANIFEST_ARTIFACT = "manifest.bin";

export function mduArtifactName(mduIndex: number): string {
  return `mdu_${mduIndex}.bin`;
}

export function shardArtifactName(mduIndex: number, slot: number): string {
  return `mdu_${mduIndex}_slot_${slot}.bin`;
}

/** The one name of an artifact. */
export function artifactName(artifact: Artifact): string {
  if (artifact.kind === "manifest") return MANIFEST_ARTIFACT;
  return artifact.kind === "mdu" ? mduArtifactName(artifact.mduIndex) : shardArtifactName(artifact.mduIndex, artifact.slot);
}

/** Strict: exactly the names that `artifactName` makes, indices below the format's limits. @throws NilfsError `bad_artifact_name`. */
export function parseArtifactName(name: string): Artifact {
  if (name === MANIFEST_ARTIFACT) return { kind: "manifest" };
  const match = /^mdu_(0|[1-9][0-9]{0,3})(?:_slot_(0|[1-9][0-9]{0,2}))?\.bin$/.exec(name);
  const mduIndex = Number(match?.[1]);
  const slot = match?.[2] === undefined ? undefined : Number(match[2]);
  if (match === null || mduIndex >= MAX_MDUS || (slot !== undefined && (slot >= MAX_SLOTS || mduIndex === 0))) {
    throw new NilfsError("bad_artifact_name", `"${name.slice(0, 64)}": expected ${MANIFEST_ARTIFACT}, mdu_<i>.bin or mdu_<i>_slot_<s>.bin`);
  }
  return slot === undefined ? { kind: "mdu", mduIndex } : { kind: "shard", mduIndex, slot };
}
