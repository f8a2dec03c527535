import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, isZero } from "./bytes.js";
import { NilfsError } from "./errors.js";
import { parseScalar } from "./kzg/field.js";
import { rootAsCell } from "./manifest.js";
import { extentOf, parseMdu0 } from "./mdu0.js";
import { merkleRoot } from "./merkle.js";
import { blobsOf, checkPacked, isPacked, unpackRange } from "./packing.js";
import {
  BLOB_BYTES,
  CELLS_PER_BLOB,
  CELL_BYTES,
  COMMITMENT_BYTES,
  MDU_BYTES,
  MDU_PAYLOAD_BYTES,
  checkProfile,
  checkSlabSize,
  isIndex,
  leavesOf,
  shardBytes,
  slotsOf,
  userMdusFor,
  witnessBytes,
} from "./profile.js";
import { mduRoot, packWitness, shardLeaves } from "./slab.js";
import type { KzgProver, SlabCommit, SlabMetadata } from "./types.js";

/** A slab's metadata as it is stored or fetched, nothing checked yet. */
export interface RawMetadata {
  readonly mdu0: Uint8Array;
  readonly witness: readonly Uint8Array[];
  readonly manifest: Uint8Array;
}

/**
 * Checks every byte of a slab's metadata against its commit: the manifest against the root, the manifest's cells against
 * MDU 0's root table, each MDU against its root. What is returned can be trusted as far as the commit.
 * @throws NilfsError `metadata_mismatch` naming the failing part; `bad_manifest`, `bad_mdu0`, `non_canonical_cell`,
 * `bad_witness`, `bad_length`, `bad_profile`, `slab_too_large` for parts that no encoder makes.
 */
export async function parseSlabMetadata(prover: KzgProver, commit: SlabCommit, raw: RawMetadata): Promise<SlabMetadata> {
  const { profile, witnessMdus, totalMdus } = commit;
  const userMdus = checkNumbers(commit);
  checkRawLengths(raw, witnessMdus);
  if (!equalBytes(sha256(raw.mdu0), commit.mdu0Hash)) throw mismatch("mdu_0.bin", "its SHA-256 is not the commit's mdu0_hash");
  checkManifestCells(raw.manifest, totalMdus);
  if (!equalBytes(await prover.commit(raw.manifest), commit.manifestRoot)) throw mismatch("manifest.bin", "it does not commit to the manifest root");

  const { roots, records } = parseMdu0(raw.mdu0, totalMdus);
  const mdu0Root = await mduRoot(prover, raw.mdu0);
  [mdu0Root, ...roots].forEach((root, i) => {
    if (!equalBytes(rootAsCell(root), raw.manifest.subarray(i * CELL_BYTES, (i + 1) * CELL_BYTES))) throw mismatch(`MDU ${i}`, "its root is not the manifest's");
  });
  for (const [w, mdu] of raw.witness.entries()) {
    if (!equalBytes(await mduRoot(prover, mdu), roots[w]!)) throw mismatch(`mdu_${1 + w}.bin`, "its blobs do not commit to its root");
  }
  const commitments = readWitness(raw.witness, userMdus, leavesOf(profile));
  commitments.forEach((leaves, u) => {
    if (!equalBytes(merkleRoot(leaves), roots[witnessMdus + u]!)) throw mismatch(`MDU ${1 + witnessMdus + u}`, "the witness's commitments do not hash to its root");
  });
  const repacked = packWitness(commitments, witnessMdus);
  if (repacked.some((mdu, w) => !equalBytes(mdu, raw.witness[w]!))) throw new NilfsError("bad_witness", "the witness holds bytes beyond the slab's commitments");
  const sizeBytes = extentOf(records);
  if (userMdusFor(sizeBytes) !== userMdus) throw mismatch("mdu_0.bin", `its files end at byte ${sizeBytes}, which does not fill ${userMdus} user MDUs`);
  return {
    ...commit,
    userMdus,
    leafCount: leavesOf(profile),
    sizeBytes,
    mdu0Root,
    witnessRoots: roots.slice(0, witnessMdus),
    userRoots: roots.slice(witnessMdus),
    ...raw,
    commitments,
  };
}

/** True when the bytes are the slot's shard of that user MDU. @throws NilfsError `index_out_of_range` for no such place. */
export async function verifyShard(prover: KzgProver, meta: SlabMetadata, userMdu: number, slot: number, bytes: Uint8Array): Promise<boolean> {
  if (!isIndex(slot, slotsOf(meta.profile))) throw new NilfsError("index_out_of_range", `slot ${slot}: the slab has ${slotsOf(meta.profile)}`);
  if (bytes.length !== shardBytes(meta.profile)) return false;
  return verifyLeaves(prover, meta, userMdu, shardLeaves(meta.profile, slot), blobsOf(bytes));
}

/** True when each blob is what the witness says of its leaf; together they cost about one commitment. @throws as `verifyShard`. */
export async function verifyLeaves(prover: KzgProver, meta: SlabMetadata, userMdu: number, leaves: readonly number[], blobs: readonly Uint8Array[]): Promise<boolean> {
  const commitments = meta.commitments[userMdu];
  if (commitments === undefined) throw new NilfsError("index_out_of_range", `user MDU ${userMdu}: the slab has ${meta.userMdus}`);
  const expected = leaves.map((leaf) => {
    const commitment = commitments[leaf];
    if (commitment === undefined) throw new NilfsError("index_out_of_range", `leaf ${leaf}: an MDU of this slab has ${meta.leafCount}`);
    return commitment;
  });
  // Commitments are mod r, so a cell and the same cell plus r commit alike; only packed cells are one of a kind.
  return blobs.length === leaves.length && blobs.every(isPacked) && prover.verifyBlobs(blobs, expected);
}

function mismatch(part: string, why: string): NilfsError {
  return new NilfsError("metadata_mismatch", `${part}: ${why}`);
}

function checkNumbers(commit: SlabCommit): number {
  const { profile, witnessMdus, totalMdus } = commit;
  checkProfile(profile);
  const userMdus = totalMdus - 1 - witnessMdus;
  if (!isIndex(witnessMdus, totalMdus) || !isIndex(userMdus, totalMdus)) throw new NilfsError("bad_integer", `${totalMdus} MDUs with ${witnessMdus} witness MDUs: no such slab`);
  checkSlabSize(witnessMdus, userMdus);
  if (witnessBytes(profile, userMdus) > witnessMdus * MDU_PAYLOAD_BYTES) throw new NilfsError("bad_integer", `${witnessMdus} witness MDUs cannot hold the commitments of ${userMdus} user MDUs`);
  return userMdus;
}

function checkRawLengths(raw: RawMetadata, witnessMdus: number): void {
  if (raw.manifest.length !== BLOB_BYTES) throw new NilfsError("bad_length", `manifest.bin has ${raw.manifest.length} bytes, expected ${BLOB_BYTES}`);
  if (raw.witness.length !== witnessMdus) throw new NilfsError("bad_length", `${raw.witness.length} witness MDUs, expected ${witnessMdus}`);
  raw.witness.forEach((mdu, w) => {
    if (mdu.length !== MDU_BYTES) throw new NilfsError("bad_length", `mdu_${1 + w}.bin has ${mdu.length} bytes, expected ${MDU_BYTES}`);
    checkPacked(mdu, `mdu_${1 + w}.bin`);
  });
}

function checkManifestCells(manifest: Uint8Array, totalMdus: number): void {
  for (let cell = 0; cell < CELLS_PER_BLOB; cell++) {
    if (parseScalar(manifest.subarray(cell * CELL_BYTES, (cell + 1) * CELL_BYTES)) === undefined) {
      throw new NilfsError("non_canonical_cell", `manifest.bin: cell ${cell} is not below the field's order`);
    }
  }
  if (!isZero(manifest.subarray(totalMdus * CELL_BYTES))) throw new NilfsError("bad_manifest", `manifest.bin holds roots beyond the slab's ${totalMdus} MDUs`);
}

/** commitments[userMdu][leaf]: views of one flat copy. */
function readWitness(witness: readonly Uint8Array[], userMdus: number, leafCount: number): Uint8Array[][] {
  const total = userMdus * leafCount * COMMITMENT_BYTES;
  const flat = new Uint8Array(total);
  witness.forEach((mdu, w) => {
    const start = w * MDU_PAYLOAD_BYTES;
    const length = Math.min(MDU_PAYLOAD_BYTES, Math.max(0, total - start));
    flat.set(unpackRange((blob) => mdu.subarray(blob * BLOB_BYTES, (blob + 1) * BLOB_BYTES), length, 0, length), Math.min(start, total));
  });
  return Array.from({ length: userMdus }, (_, u) =>
    Array.from({ length: leafCount }, (_, leaf) => {
      const at = (u * leafCount + leaf) * COMMITMENT_BYTES;
      return flat.subarray(at, at + COMMITMENT_BYTES);
    }),
  );
}
