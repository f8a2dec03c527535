import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, isZero } from "../bytes.js";
import { NilfsError } from "../errors.js";
import { BLOB_BYTES } from "../profile.js";
import type { KzgProver } from "../types.js";
import { scalarBytes } from "./field.js";
import { infinity } from "./group.js";
import type { FieldKernel } from "./kernel.js";
import { blobFromCells, checkBlob, checkScalar, lagrangeAt } from "./polynomial.js";
import { aggregateWeights, blobWeights } from "./transcript.js";

/** The costly steps, one curve library each. Blobs are checked and not all zero. */
export interface ProverParts {
  readonly name: KzgProver["name"];
  readonly kernel: FieldKernel;
  readonly commit: (blob: Uint8Array) => Promise<Uint8Array>;
  readonly open: (blob: Uint8Array, z: Uint8Array) => Promise<{ y: Uint8Array; proof: Uint8Array }>;
  /** Σ weightsᵢ·Cᵢ, encoded; undefined when a point is bad. */
  readonly sumCommitments: (commitments: readonly Uint8Array[], weights: readonly bigint[]) => Uint8Array | undefined;
  /** How many commits to keep running at once. */
  readonly parallel: number;
  readonly sha256?: (bytes: Uint8Array) => Uint8Array;
}

export function createProver(parts: ProverParts): KzgProver {
  const { kernel } = parts;

  async function commit(blob: Uint8Array): Promise<Uint8Array> {
    checkBlob(blob);
    return isZero(blob) ? infinity() : parts.commit(blob);
  }

  async function open(blob: Uint8Array, z: Uint8Array): Promise<{ y: Uint8Array; proof: Uint8Array }> {
    checkBlob(blob);
    checkScalar(z, "z");
    return isZero(blob) ? { y: new Uint8Array(32), proof: infinity() } : parts.open(blob, z);
  }

  return {
    name: parts.name,
    commit,
    open,
    async commitMany(blobs, onDone) {
      const out = new Array<Uint8Array>(blobs.length);
      let next = 0;
      let done = 0;
      const worker = async (): Promise<void> => {
        for (let i = next++; i < blobs.length; i = next++) {
          out[i] = await commit(blobs[i]!);
          onDone?.(++done);
        }
      };
      await Promise.all(Array.from({ length: Math.min(parts.parallel, blobs.length) }, worker));
      return out;
    },
    async openAggregate(blobs, commitments, z) {
      if (blobs.length === 0 || blobs.length !== commitments.length) {
        throw new NilfsError("bad_length", `${blobs.length} blobs and ${commitments.length} commitments: give one of each, at least one`);
      }
      blobs.forEach(checkBlob);
      const ys = kernel.dots(blobs, lagrangeAt(checkScalar(z, "z"))).map(scalarBytes);
      if (blobs.length === 1) return { ys, proof: (await open(blobs[0]!, z)).proof };
      const sum = kernel.combine(blobs, aggregateWeights(commitments, z, ys));
      return { ys, proof: (await open(blobFromCells(sum), z)).proof };
    },
    async verifyBlobs(blobs, commitments) {
      if (blobs.length === 0 || blobs.length !== commitments.length) return false;
      if (blobs.some((blob) => blob.length !== BLOB_BYTES)) return false;
      const weights = blobWeights(blobs, commitments, parts.sha256 ?? sha256);
      const expected = parts.sumCommitments(commitments, weights);
      if (expected === undefined) return false;
      return equalBytes(expected, await commit(blobFromCells(kernel.combine(blobs, weights))));
    },
  };
}
