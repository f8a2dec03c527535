/** What KZG needs of BLS12-381, so that each curve library is one small adapter. Immutable points of G1's subgroup. */
export interface CurveGroup<Point> {
  readonly generator: Point;
  /** 48 bytes with the flags of a finite point; undefined when x ≥ p, off the curve or outside the subgroup. */
  decodeFinite(bytes: Uint8Array): Point | undefined;
  /** The sum of nothing: infinity. */
  readonly zero: Point;
  isZero(point: Point): boolean;
  encode(point: Point): Uint8Array;
  /** Σ scalarsᵢ·pointsᵢ for scalars in [0, r). */
  sum(points: readonly Point[], scalars: readonly bigint[]): Point;
  /** e(a, [1]₂) = e(b, [τ]₂), neither point infinity. */
  pairingEqual(a: Point, b: Point): boolean;
}

/** [1]₂ and [τ]₂ of the Ethereum ceremony, compressed: all of the setup that verification needs. */
export const G2_GENERATOR =
  "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8";
export const G2_TAU =
  "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2";
export const G1_GENERATOR = "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";

const COMPRESSED = 0x80;
const INFINITY = 0x40;

/** The one legal encoding of infinity: c0 and 47 zero bytes. A fresh copy each time, since callers own what they get. */
export function infinity(): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes[0] = COMPRESSED | INFINITY;
  return bytes;
}

export function isInfinity(bytes: Uint8Array): boolean {
  return bytes.length === 48 && bytes[0] === (COMPRESSED | INFINITY) && bytes.subarray(1).every((byte) => byte === 0);
}

/** Strict decoding. The flag bits are judged here, once for all libraries, because they differ on malformed flags. */
export function decodePoint<Point>(group: CurveGroup<Point>, bytes: Uint8Array): Point | undefined {
  if (bytes.length !== 48) return undefined;
  if (isInfinity(bytes)) return group.zero;
  const flags = bytes[0]! & (COMPRESSED | INFINITY);
  return flags === COMPRESSED ? group.decodeFinite(bytes) : undefined;
}

/** All points, or undefined when one is bad. */
export function decodePoints<Point>(group: CurveGroup<Point>, list: readonly Uint8Array[]): Point[] | undefined {
  const points: Point[] = [];
  for (const bytes of list) {
    const point = decodePoint(group, bytes);
    if (point === undefined) return undefined;
    points.push(point);
  }
  return points;
}
