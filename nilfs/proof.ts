import { concatBytes, equalBytes, toHex } from "./bytes.js";
import { NilfsError } from "./errors.js";
import { DOMAIN, scalarBytes } from "./kzg/field.js";
import { rootAsCell } from "./manifest.js";
import { merklePath, merkleRoot, verifyMerklePath } from "./merkle.js";
import { CELLS_PER_BLOB, isIndex } from "./profile.js";
import { checkHopsForm, checkProofForm, checkRootForm } from "./proof_form.js";
import type { GroupToOpen, KzgProver, KzgVerifier, OpenedBlob, Opening, OpeningsProof, OpeningsVerdict } from "./types.js";

/*
 * The Triple Proof (storage.md A1, B §2), for any number of blobs at one z:
 * 1. manifest: the manifest opens to mdu_root mod r at ω^mdu_index;
 * 2. merkle:   the commitment is leaf leaf_index of the MDU's tree of leaf_count leaves;
 * 3. opening:  one KZG proof that all blobs, weighted by hashes of the transcript, have the stated values at z.
 * The caller compares what is stated here with what it knows: the root, z, leaf_count, W and the slot of each leaf.
 */

/** Checks a whole message: valid or invalid as one. `hop` names the first check that failed. Never throws. */
export function verifyOpeningsProof(kzg: KzgVerifier, p: OpeningsProof): OpeningsVerdict {
  const malformed = refusal(() => checkProofForm(p));
  if (malformed !== undefined) return { ok: false, hop: "input", detail: malformed };
  if (!kzg.verifyOpenings(manifestOpenings(p))) return { ok: false, hop: "manifest", detail: "a manifest opening does not hold" };
  const blobs = p.groups.flatMap((group) => group.blobs);
  for (const blob of blobs) {
    if (!verifyMerklePath(blob.mduRoot, blob.commitment, blob.leafIndex, blob.leafCount, blob.merklePath)) {
      return { ok: false, hop: "merkle", detail: `MDU ${blob.mduIndex}, leaf ${blob.leafIndex}: the path does not lead to the MDU's root` };
    }
  }
  const opened = kzg.verifyAggregate(blobs.map((blob) => blob.commitment), p.z, blobs.map((blob) => blob.y), p.proof);
  return opened ? { ok: true } : { ok: false, hop: "opening", detail: "the opening at z does not hold" };
}

/** True when a blob's commitment is bound to the manifest root by hops 1 and 2; nothing is said about its bytes. */
export function verifyHops(kzg: KzgVerifier, manifestRoot: Uint8Array, blob: Omit<OpenedBlob, "y">): boolean {
  const malformed = refusal(() => {
    checkRootForm(manifestRoot, "manifest_root");
    checkHopsForm(blob, "blob");
  });
  if (malformed !== undefined) return false;
  const { commitment, z, y, proof } = manifestOpening(manifestRoot, blob);
  return kzg.verify(commitment, z, y, proof) && verifyMerklePath(blob.mduRoot, blob.commitment, blob.leafIndex, blob.leafCount, blob.merklePath);
}

/** Opens all blobs of all groups at z. @throws NilfsError when a blob's place and its tree do not agree. */
export async function proveOpenings(prover: KzgProver, z: Uint8Array, groups: readonly GroupToOpen[]): Promise<OpeningsProof> {
  const openManifest = manifestOpener(prover);
  const bound: { manifestRoot: Uint8Array; blobs: Omit<OpenedBlob, "y">[] }[] = [];
  for (const group of groups) {
    const blobs: Omit<OpenedBlob, "y">[] = [];
    for (const blob of group.blobs) blobs.push({ ...treeHop(blob), manifestOpening: await openManifest(group.manifest, blob.mduIndex) });
    bound.push({ manifestRoot: group.manifestRoot, blobs });
  }
  const blobs = groups.flatMap((group) => group.blobs);
  const { ys, proof } = await prover.openAggregate(blobs.map((blob) => blob.blob), bound.flatMap((group) => group.blobs.map((blob) => blob.commitment)), z);
  let next = 0;
  return { z, groups: bound.map((group) => ({ ...group, blobs: group.blobs.map((blob) => ({ ...blob, y: ys[next++]! })) })), proof };
}

/** Hops 1 and 2 of one blob, as a provider sends them with served bytes. @throws as `proveOpenings`. */
export async function proveHops(prover: KzgProver, group: Omit<GroupToOpen, "blobs">, blob: Omit<GroupToOpen["blobs"][number], "blob">): Promise<Omit<OpenedBlob, "y">> {
  return { ...treeHop(blob), manifestOpening: await manifestOpener(prover)(group.manifest, blob.mduIndex) };
}

function treeHop(blob: Omit<GroupToOpen["blobs"][number], "blob">): Omit<OpenedBlob, "y" | "manifestOpening"> {
  const { mduIndex, mduRoot, leafIndex, leafCount, commitments } = blob;
  if (commitments.length !== leafCount) throw new NilfsError("bad_length", `MDU ${mduIndex}: ${commitments.length} commitments for ${leafCount} leaves`);
  if (!equalBytes(merkleRoot(commitments), mduRoot)) throw new NilfsError("metadata_mismatch", `MDU ${mduIndex}: its commitments do not hash to its root ${toHex(mduRoot)}`);
  return { mduIndex, mduRoot, leafIndex, leafCount, commitment: commitments[leafIndex]!, merklePath: merklePath(commitments, leafIndex) };
}

/** Opens each (manifest, MDU) once. */
function manifestOpener(prover: KzgProver): (manifest: Uint8Array, mduIndex: number) => Promise<Uint8Array> {
  const opened = new Map<Uint8Array, Map<number, Uint8Array>>();
  return async (manifest, mduIndex) => {
    if (!isIndex(mduIndex, CELLS_PER_BLOB)) throw new NilfsError("index_out_of_range", `MDU ${mduIndex}: a manifest has ${CELLS_PER_BLOB}`);
    const ofManifest = opened.get(manifest) ?? new Map<number, Uint8Array>();
    opened.set(manifest, ofManifest);
    const proof = ofManifest.get(mduIndex) ?? (await prover.open(manifest, scalarBytes(DOMAIN[mduIndex]!))).proof;
    ofManifest.set(mduIndex, proof);
    return proof;
  };
}

/** One per distinct (root, MDU, MDU root, opening): blobs of one MDU share their first hop. */
function manifestOpenings(p: OpeningsProof): Opening[] {
  const distinct = new Map<string, Opening>();
  for (const { manifestRoot, blobs } of p.groups) {
    for (const blob of blobs) {
      const opening = manifestOpening(manifestRoot, blob);
      distinct.set(toHex(concatBytes(manifestRoot, opening.z, blob.mduRoot, blob.manifestOpening)), opening);
    }
  }
  return [...distinct.values()];
}

function manifestOpening(manifestRoot: Uint8Array, blob: Pick<OpenedBlob, "mduIndex" | "mduRoot" | "manifestOpening">): Opening {
  return { commitment: manifestRoot, z: scalarBytes(DOMAIN[blob.mduIndex]!), y: rootAsCell(blob.mduRoot), proof: blob.manifestOpening };
}

/** What `check` refuses, in words; undefined when it passes. */
function refusal(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof NilfsError) return error.message;
    throw error;
  }
}
