import { pippenger } from "@noble/curves/abstract/curve.js";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import type { Kzg } from "../types.js";
import { bigint48 } from "./field.js";
import { G2_GENERATOR, G2_TAU, infinity, type CurveGroup } from "./group.js";
import { createGroupProver } from "./group_prover.js";
import { createFieldKernel } from "./kernel.js";
import { createVerifier } from "./verifier.js";

const G1 = bls12_381.G1.Point;
type Point = InstanceType<typeof G1>;

/** Pure TypeScript, slow (a full commitment takes about a second): the oracle the other back ends are tested against. */
export async function pureKzg(): Promise<Kzg> {
  const kernel = createFieldKernel();
  const group = nobleGroup();
  return {
    verifier: createVerifier({ name: "pure", group, kernel }),
    prover: createGroupProver("pure", group, ({ x, y }) => G1.fromAffine({ x: bigint48(x), y: bigint48(y) }), kernel),
  };
}

function nobleGroup(): CurveGroup<Point> {
  const one = bls12_381.G2.Point.fromHex(G2_GENERATOR);
  const tau = bls12_381.G2.Point.fromHex(G2_TAU);
  return {
    generator: G1.BASE,
    zero: G1.ZERO,
    isZero: (point) => point.is0(),
    decodeFinite(bytes) {
      try {
        const point = G1.fromBytes(bytes);
        point.assertValidity();
        return point.isTorsionFree() ? point : undefined;
      } catch {
        return undefined; // noble throws on every malformed encoding
      }
    },
    encode: (point) => (point.is0() ? infinity() : point.toBytes(true)),
    sum(points, scalars) {
      const used = points.flatMap((point, i) => (point.is0() || scalars[i] === 0n ? [] : [i]));
      if (used.length === 0) return G1.ZERO;
      return pippenger(G1, used.map((i) => points[i]!), used.map((i) => scalars[i]!));
    },
    pairingEqual(a, b) {
      const product = bls12_381.pairingBatch([{ g1: a, g2: one }, { g1: b.negate(), g2: tau }]);
      return bls12_381.fields.Fp12.eql(product, bls12_381.fields.Fp12.ONE);
    },
  };
}
