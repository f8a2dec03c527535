import type { KzgProver } from "../types.js";
import { scalarBytes } from "./field.js";
import { decodePoints, type CurveGroup } from "./group.js";
import type { FieldKernel } from "./kernel.js";
import { cellsOf, checkScalar, lagrangeAt, quotient } from "./polynomial.js";
import { createProver } from "./prover.js";
import { loadSetup, type AffinePoint } from "./setup.js";

/** A prover from nothing but group arithmetic. The setup (393 KB) is loaded at the first commitment. */
export function createGroupProver<Point>(
  name: KzgProver["name"],
  group: CurveGroup<Point>,
  fromAffine: (point: AffinePoint) => Point,
  kernel: FieldKernel,
): KzgProver {
  let setup: Promise<Point[]> | undefined;
  const lagrange = (): Promise<Point[]> => (setup ??= loadSetup().then((points) => points.map(fromAffine)));

  async function commitCells(cells: readonly bigint[]): Promise<Uint8Array> {
    const points = await lagrange();
    const used = cells.flatMap((cell, i) => (cell === 0n ? [] : [i]));
    return group.encode(group.sum(used.map((i) => points[i]!), used.map((i) => cells[i]!)));
  }

  return createProver({
    name,
    kernel,
    parallel: 1, // the sums below hold the thread
    commit: (blob) => commitCells(cellsOf(blob)),
    async open(blob, zBytes) {
      const z = checkScalar(zBytes, "z");
      const y = kernel.dots([blob], lagrangeAt(z))[0]!;
      return { y: scalarBytes(y), proof: await commitCells(quotient(cellsOf(blob), z, y)) };
    },
    sumCommitments: sumEncoded(group),
  });
}

export function sumEncoded<Point>(group: CurveGroup<Point>) {
  return (commitments: readonly Uint8Array[], weights: readonly bigint[]): Uint8Array | undefined => {
    const points = decodePoints(group, commitments);
    return points === undefined ? undefined : group.encode(group.sum(points, weights));
  };
}
