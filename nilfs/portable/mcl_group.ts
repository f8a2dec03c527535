import mcl from "mcl-wasm";
import { scalarBytes } from "../kzg/field.js";
import { G1_GENERATOR, G2_GENERATOR, G2_TAU, infinity, type CurveGroup } from "../kzg/group.js";
import type { AffinePoint } from "../kzg/setup.js";

type Point = InstanceType<typeof mcl.G1>;

/** mcl copies all points of a sum onto its stack, which holds a whole blob's and is not guarded beyond that. */
const SUM_CHUNK = 4096;

// mcl is one global instance: initialising it again would void every point made before.
let loading: Promise<CurveGroup<Point>> | undefined;

export function mclGroup(): Promise<CurveGroup<Point>> {
  return (loading ??= load());
}

/** Only after `mclGroup` has loaded. The point is not checked: the setup's hash vouches for it. */
export function affineToMcl({ x, y }: AffinePoint): Point {
  const point = new mcl.G1();
  point.setX(coordinate(x));
  point.setY(coordinate(y));
  const one = new mcl.Fp();
  one.setInt(1);
  point.setZ(one);
  return point;
}

async function load(): Promise<CurveGroup<Point>> {
  await mcl.init(mcl.BLS12_381);
  mcl.setETHserialization(true); // the big-endian compressed encoding with the flags in the first byte
  mcl.verifyOrderG1(true); // decoding checks the subgroup
  const generator = mcl.deserializeHexStrToG1(G1_GENERATOR);
  const zero = new mcl.G1();
  const one = new mcl.PrecomputedG2(mcl.deserializeHexStrToG2(G2_GENERATOR));
  const tau = new mcl.PrecomputedG2(mcl.deserializeHexStrToG2(G2_TAU));
  return {
    generator,
    zero,
    isZero: (point) => point.isZero(),
    decodeFinite(bytes) {
      const point = new mcl.G1();
      try {
        point.deserialize(bytes);
      } catch {
        return undefined; // mcl throws on every malformed encoding
      }
      return point;
    },
    encode: (point) => (point.isZero() ? infinity() : point.serialize()),
    sum(points, scalars) {
      let total = zero;
      for (let at = 0; at < points.length; at += SUM_CHUNK) {
        const chunk = mcl.mulVec(points.slice(at, at + SUM_CHUNK), scalars.slice(at, at + SUM_CHUNK).map(toFr));
        total = at === 0 ? chunk : mcl.add(total, chunk);
      }
      return total;
    },
    pairingEqual: (a, b) => mcl.finalExp(mcl.precomputedMillerLoop2(a, one, mcl.neg(b), tau)).isOne(),
  };
}

function coordinate(bytes: Uint8Array): InstanceType<typeof mcl.Fp> {
  const value = new mcl.Fp();
  value.deserialize(bytes);
  return value;
}

function toFr(scalar: bigint): InstanceType<typeof mcl.Fr> {
  const value = new mcl.Fr();
  value.deserialize(scalarBytes(scalar));
  return value;
}
