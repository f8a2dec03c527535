import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { NilfsError, parseArtifactName, rowsOf, BLOBS_PER_MDU, type Artifact } from "nild/nilfs";
import { profileOf } from "nild/client";
import { HttpError } from "./errors.js";

/** The artifact that a URL names. @throws HttpError `bad_path`. */
export function artifactOf(name: string): Artifact {
  try {
    return parseArtifactName(name);
  } catch (error) {
    if (error instanceof NilfsError) throw new HttpError("bad_path", error.message);
    throw error;
  }
}

/** How many blobs an artifact of this volume has. @throws HttpError `wrong_artifact` for one that this slot does not hold. */
export function blobsOfArtifact(volume: Volume, slot: number, artifact: Artifact): number {
  const witness = Number(volume.witnessMdus);
  if (artifact.kind === "manifest") return 1;
  if (artifact.kind === "mdu") {
    if (artifact.mduIndex > witness) throw new HttpError("wrong_artifact", `MDUs 0 to ${witness} are this deal's metadata; user MDUs come as shards`);
    return BLOBS_PER_MDU;
  }
  if (artifact.slot !== slot) throw new HttpError("wrong_artifact", `this provider has slot ${slot}, not ${artifact.slot}`);
  const last = witness + Number(volume.maxUserMdus);
  if (artifact.mduIndex <= witness || artifact.mduIndex > last) throw new HttpError("wrong_artifact", `user MDUs of this deal are ${witness + 1} to ${last}`);
  return rowsOf(profileOf(volume));
}
