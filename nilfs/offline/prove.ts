import { join } from "node:path";
import { mduArtifactName, shardArtifactName } from "../artifacts.js";
import { toHex } from "../bytes.js";
import { NilfsError } from "../errors.js";
import { verifyLeaves } from "../metadata.js";
import { blobsOf } from "../packing.js";
import { BLOBS_PER_MDU, BLOB_BYTES, MAX_SLOTS, METADATA_LEAVES, isIndex, slotOfLeaf } from "../profile.js";
import { proveOpenings, verifyOpeningsProof } from "../proof.js";
import { metadataCommitments } from "../slab.js";
import type { BlobToOpen, Hop, KzgProver, KzgVerifier, OpeningsProof, SlabMetadata } from "../types.js";
import { readRange } from "./disk.js";
import { readSlabFolder } from "./folder.js";
import { JsonFields } from "./json.js";

/** A Triple Proof of one blob. Bytes are 0x-hex. */
export interface ProofJson {
  readonly manifest_root: string;
  readonly mdu_index: number;
  readonly mdu_root: string;
  readonly manifest_opening: string;
  readonly blob_commitment: string;
  readonly merkle_path: string[];
  readonly leaf_index: number;
  readonly leaf_count: number;
  readonly z: string;
  readonly y: string;
  readonly kzg_opening: string;
}

/** `exit` is the process's status: 0 the proof holds, 1 it does not (`hop` says where), 2 the file cannot be read. */
export type VerifyResult = { exit: 0 } | { exit: 1; hop: Hop; detail: string } | { exit: 2; error: NilfsError };

const MAX_PROOF_JSON = 65_536;

/**
 * Opens one blob of an encoded folder, user data or metadata, at z (32 bytes below the field's order).
 * @throws NilfsError `index_out_of_range`, `bad_scalar`, `metadata_mismatch` (the stored blob is damaged), `io`.
 */
export async function prove(prover: KzgProver, folder: string, place: { mduIndex: number; leafIndex: number; z: Uint8Array }): Promise<ProofJson> {
  const slab = await readSlabFolder(prover, folder);
  const { mduIndex, leafIndex, z } = place;
  if (!isIndex(mduIndex, slab.totalMdus)) throw new NilfsError("index_out_of_range", `MDU ${mduIndex}: the slab has ${slab.totalMdus}`);
  const blob = mduIndex <= slab.witnessMdus ? await metadataBlob(prover, slab, mduIndex, leafIndex) : await userBlob(prover, slab, folder, mduIndex, leafIndex);
  const proof = await proveOpenings(prover, z, [{ manifest: slab.manifest, manifestRoot: slab.manifestRoot, blobs: [blob] }]);
  return toJson(proof);
}

/** Reads and checks a proof file. Never throws. */
export async function verify(verifier: KzgVerifier, proofFile: string): Promise<VerifyResult> {
  let proof: OpeningsProof;
  try {
    proof = fromJson(await JsonFields.read(proofFile, MAX_PROOF_JSON));
  } catch (error) {
    return { exit: 2, error: error instanceof NilfsError ? error : new NilfsError("io", String(error)) };
  }
  const verdict = verifyOpeningsProof(verifier, proof);
  if (!verdict.ok) return { exit: 1, hop: verdict.hop, detail: verdict.detail };
  const { mduIndex, leafCount } = proof.groups[0]!.blobs[0]!;
  if (mduIndex === 0 ? leafCount === METADATA_LEAVES : isLeafCount(leafCount)) return { exit: 0 };
  return { exit: 1, hop: "merkle", detail: `no MDU ${mduIndex} has ${leafCount} leaves` };
}

/** 64, or (K+M)·64/K of some profile. Which profile a slab has, a proof alone cannot tell. */
function isLeafCount(leafCount: number): boolean {
  if (leafCount === METADATA_LEAVES) return true;
  return [1, 2, 4, 8, 16, 32, 64].some((k) => {
    const slots = (leafCount * k) / BLOBS_PER_MDU;
    return Number.isInteger(slots) && slots > k && slots <= MAX_SLOTS;
  });
}

async function metadataBlob(prover: KzgProver, slab: SlabMetadata, mduIndex: number, leafIndex: number): Promise<BlobToOpen> {
  if (!isIndex(leafIndex, METADATA_LEAVES)) throw new NilfsError("index_out_of_range", `leaf ${leafIndex}: ${mduArtifactName(mduIndex)} has ${METADATA_LEAVES}`);
  const mdu = mduIndex === 0 ? slab.mdu0 : slab.witness[mduIndex - 1]!;
  const mduRoot = mduIndex === 0 ? slab.mdu0Root : slab.witnessRoots[mduIndex - 1]!;
  return { mduIndex, mduRoot, leafIndex, leafCount: METADATA_LEAVES, commitments: await metadataCommitments(prover, mdu), blob: blobsOf(mdu)[leafIndex]! };
}

async function userBlob(prover: KzgProver, slab: SlabMetadata, folder: string, mduIndex: number, leafIndex: number): Promise<BlobToOpen> {
  const userMdu = mduIndex - 1 - slab.witnessMdus;
  const { slot, row } = slotOfLeaf(slab.profile, leafIndex);
  const name = shardArtifactName(mduIndex, slot);
  const blob = await readRange(join(folder, name), row * BLOB_BYTES, BLOB_BYTES);
  if (!(await verifyLeaves(prover, slab, userMdu, [leafIndex], [blob]))) {
    throw new NilfsError("metadata_mismatch", `${name}: row ${row} is not what the slab committed to; it is damaged and cannot be proved`);
  }
  return { mduIndex, mduRoot: slab.userRoots[userMdu]!, leafIndex, leafCount: slab.leafCount, commitments: slab.commitments[userMdu]!, blob };
}

function toJson(proof: OpeningsProof): ProofJson {
  const { manifestRoot, blobs } = proof.groups[0]!;
  const blob = blobs[0]!;
  return {
    manifest_root: toHex(manifestRoot),
    mdu_index: blob.mduIndex,
    mdu_root: toHex(blob.mduRoot),
    manifest_opening: toHex(blob.manifestOpening),
    blob_commitment: toHex(blob.commitment),
    merkle_path: blob.merklePath.map(toHex),
    leaf_index: blob.leafIndex,
    leaf_count: blob.leafCount,
    z: toHex(proof.z),
    y: toHex(blob.y),
    kzg_opening: toHex(proof.proof),
  };
}

function fromJson(json: JsonFields): OpeningsProof {
  const blob = {
    mduIndex: json.integer("mdu_index"),
    mduRoot: json.bytes("mdu_root", 32),
    manifestOpening: json.bytes("manifest_opening", 48),
    commitment: json.bytes("blob_commitment", 48),
    merklePath: json.bytesList("merkle_path", 32),
    leafIndex: json.integer("leaf_index"),
    leafCount: json.integer("leaf_count"),
    y: json.bytes("y", 32),
  };
  const proof = { z: json.bytes("z", 32), groups: [{ manifestRoot: json.bytes("manifest_root", 48), blobs: [blob] }], proof: json.bytes("kzg_opening", 48) };
  json.end();
  return proof;
}
