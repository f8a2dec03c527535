import type { KzgVerifier, Opening } from "../types.js";
import { FIELD_ORDER, mod, parseScalar, scalarBytes } from "./field.js";
import { decodePoint, decodePoints, type CurveGroup } from "./group.js";
import { checkBlob, checkScalar, lagrangeAt } from "./polynomial.js";
import type { FieldKernel } from "./kernel.js";
import { aggregateWeights, batchWeights } from "./transcript.js";

/** One opening checked by a library of its own; all arguments have passed the length and scalar checks. */
export type VerifyOne = (commitment: Uint8Array, z: Uint8Array, y: Uint8Array, proof: Uint8Array) => boolean;

export interface VerifierParts<Point> {
  readonly name: KzgVerifier["name"];
  readonly group: CurveGroup<Point>;
  readonly kernel: FieldKernel;
  /** Faster than the group's own pairing check, with the same answers. */
  readonly verifyOne?: VerifyOne;
  /** Batches up to this size are checked one by one, where that is faster. */
  readonly batchAbove?: number;
}

export function createVerifier<Point>(parts: VerifierParts<Point>): KzgVerifier {
  const { group, kernel } = parts;

  function verify(commitment: Uint8Array, z: Uint8Array, y: Uint8Array, proof: Uint8Array): boolean {
    if (parts.verifyOne !== undefined) {
      const wellFormed = commitment.length === 48 && proof.length === 48 && parseScalar(z) !== undefined && parseScalar(y) !== undefined;
      return wellFormed && parts.verifyOne(commitment, z, y, proof);
    }
    return verifyWeighted([{ commitment, z, y, proof }], [1n]);
  }

  /** Σ wᵢ·(Cᵢ − yᵢ·G + zᵢ·πᵢ) and Σ wᵢ·πᵢ differ by the factor τ, if and only if every opening holds (but for 2^-128). */
  function verifyWeighted(items: readonly Opening[], weights: readonly bigint[]): boolean {
    const commitments = decodePoints(group, items.map((item) => item.commitment));
    const proofs = decodePoints(group, items.map((item) => item.proof));
    const zs = items.map((item) => parseScalar(item.z));
    const ys = items.map((item) => parseScalar(item.y));
    if (commitments === undefined || proofs === undefined || zs.includes(undefined) || ys.includes(undefined)) return false;
    const total = ys.reduce<bigint>((sum, y, i) => sum + weights[i]! * y!, 0n);
    const zWeights = zs.map((z, i) => (weights[i]! * z!) % FIELD_ORDER);
    const left = group.sum([...commitments, ...proofs, group.generator], [...weights, ...zWeights, mod(-total)]);
    const right = items.length === 1 && weights[0] === 1n ? proofs[0]! : group.sum(proofs, weights);
    if (group.isZero(left) || group.isZero(right)) return group.isZero(left) && group.isZero(right);
    return group.pairingEqual(left, right);
  }

  return {
    name: parts.name,
    verify,
    verifyOpenings(items) {
      if (items.length === 0) return false;
      if (parts.verifyOne !== undefined && items.length <= (parts.batchAbove ?? 0)) {
        return items.every((item) => verify(item.commitment, item.z, item.y, item.proof));
      }
      return verifyWeighted(items, batchWeights(items));
    },
    verifyAggregate(commitments, z, ys, proof) {
      if (commitments.length === 0 || commitments.length !== ys.length) return false;
      if (commitments.length === 1) return verify(commitments[0]!, z, ys[0]!, proof);
      const points = decodePoints(group, commitments);
      const values = ys.map((y) => parseScalar(y));
      if (points === undefined || values.includes(undefined) || parseScalar(z) === undefined) return false;
      const weights = aggregateWeights(commitments, z, ys);
      const y = values.reduce<bigint>((sum, value, i) => sum + weights[i]! * value!, 0n) % FIELD_ORDER;
      return verify(group.encode(group.sum(points, weights)), z, scalarBytes(y), proof);
    },
    evaluate(blob, z) {
      checkBlob(blob);
      return scalarBytes(kernel.dots([blob], lagrangeAt(checkScalar(z, "z")))[0]!);
    },
    isPoint: (bytes) => decodePoint(group, bytes) !== undefined,
  };
}
