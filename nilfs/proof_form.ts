import { NilfsError } from "./errors.js";
import { bigint48, parseScalar } from "./kzg/field.js";
import { BLOBS_PER_MDU, COMMITMENT_BYTES, MAX_MDUS, MAX_SLOTS, isIndex } from "./profile.js";
import type { OpenedBlob, OpeningsProof } from "./types.js";

/** Modulus of the base field: x of a point is below it. */
const BASE_ORDER = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
const COMPRESSED = 0x80;
const INFINITY = 0x40;
const FLAGS = 0xe0;
/** K=1 with 128 slots has the largest tree, 2^13 leaves. */
const MAX_LEAVES = MAX_SLOTS * BLOBS_PER_MDU;
const MAX_PATH = 13;

/**
 * All that can be told of a proof without curve arithmetic or state: lengths, canonical scalars, point encodings,
 * indices inside the format's limits, no infinity as a root. What passes may still be off the curve or false:
 * `verifyOpeningsProof` decides that.
 * @throws NilfsError `bad_length`, `bad_scalar`, `bad_point`, `infinity_root`, `index_out_of_range`.
 */
export function checkProofForm(proof: OpeningsProof): void {
  checkScalar(proof.z, "z");
  checkPoint(proof.proof, "proof");
  if (proof.groups.length === 0) throw new NilfsError("bad_length", "groups: empty");
  proof.groups.forEach(({ manifestRoot, blobs }, g) => {
    checkRootForm(manifestRoot, `groups[${g}].manifest_root`);
    if (blobs.length === 0) throw new NilfsError("bad_length", `groups[${g}].blobs: empty`);
    blobs.forEach((blob, b) => {
      const at = `groups[${g}].blobs[${b}]`;
      checkHopsForm(blob, at);
      checkScalar(blob.y, `${at}.y`);
    });
  });
}

/** A blob's two hops. @throws NilfsError `bad_length`, `bad_point`, `index_out_of_range`. */
export function checkHopsForm(blob: Omit<OpenedBlob, "y">, at: string): void {
  if (!isIndex(blob.mduIndex, MAX_MDUS)) throw new NilfsError("index_out_of_range", `${at}.mdu_index: ${blob.mduIndex}, a manifest has ${MAX_MDUS} cells`);
  if (!isIndex(blob.leafCount, MAX_LEAVES + 1) || !isIndex(blob.leafIndex, blob.leafCount)) {
    throw new NilfsError("index_out_of_range", `${at}.leaf_index: ${blob.leafIndex} of ${blob.leafCount} leaves`);
  }
  checkHash(blob.mduRoot, `${at}.mdu_root`);
  checkPoint(blob.manifestOpening, `${at}.manifest_opening`);
  checkPoint(blob.commitment, `${at}.commitment`);
  if (blob.merklePath.length > MAX_PATH) throw new NilfsError("bad_length", `${at}.merkle_path: ${blob.merklePath.length} nodes, at most ${MAX_PATH}`);
  blob.merklePath.forEach((node, i) => checkHash(node, `${at}.merkle_path[${i}]`));
}

/** A manifest root: a compressed point that is not infinity. @throws NilfsError `bad_length`, `bad_point`, `infinity_root`. */
export function checkRootForm(root: Uint8Array, name: string): void {
  checkPoint(root, name);
  // Infinity commits to a manifest without MDUs, which every zero root would "open".
  if ((root[0]! & INFINITY) !== 0) throw new NilfsError("infinity_root", `${name}: infinity`);
}

/** Compressed G1: flags and x only. @throws NilfsError `bad_length`, `bad_point`. */
function checkPoint(bytes: Uint8Array, name: string): void {
  if (bytes.length !== COMMITMENT_BYTES) throw new NilfsError("bad_length", `${name}: ${bytes.length} bytes, expected ${COMMITMENT_BYTES}`);
  const flags = bytes[0]! & FLAGS;
  const x = bigint48(bytes) & ((1n << 381n) - 1n);
  const wellFormed = flags === (COMPRESSED | INFINITY) ? x === 0n : (flags & (COMPRESSED | INFINITY)) === COMPRESSED && x < BASE_ORDER;
  if (!wellFormed) throw new NilfsError("bad_point", `${name}: not a compressed point`);
}

function checkScalar(bytes: Uint8Array, name: string): void {
  checkHash(bytes, name);
  if (parseScalar(bytes) === undefined) throw new NilfsError("bad_scalar", `${name}: not below the field's order`);
}

function checkHash(bytes: Uint8Array, name: string): void {
  if (bytes.length !== 32) throw new NilfsError("bad_length", `${name}: ${bytes.length} bytes, expected 32`);
}
