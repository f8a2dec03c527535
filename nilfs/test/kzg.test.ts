import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { BLOB_BYTES, FIELD_ORDER, loadSetup, parseSetup, pureKzg, toHex, type Kzg, type Opening } from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";
import { portableKzg } from "nild/nilfs/portable";
import { DOMAIN, invertAll, invert, mod, scalarBytes } from "../kzg/field.js";
import { infinity } from "../kzg/group.js";
import { jsFieldKernel, wasmFieldKernel } from "../kzg/kernel.js";
import { mclGroup } from "../portable/mcl_group.js";
import { codeOf, codeOfAsync } from "./codes.js";

const G1 = bls12_381.G1.Point;
const P = bls12_381.fields.Fp.ORDER;

/** Bytes from a seeded hash chain. */
function noise(length: number, seed: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0, block = sha256(Uint8Array.of(seed)); at < length; at += 32, block = sha256(block)) out.set(block.subarray(0, Math.min(32, length - at)), at);
  return out;
}

/** Few cells, so that the pure oracle stays fast; about half of them are ≥ r. */
function sparseBlob(seed: number): Uint8Array {
  const blob = new Uint8Array(BLOB_BYTES);
  blob.set(noise(32 * 6, seed), 32 * 40 * seed);
  blob.fill(0xff, BLOB_BYTES - 32); // the last cell, and the largest number of 32 bytes
  return blob;
}

function compressed(x: bigint, flags = 0x80): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(x.toString(16).padStart(96, "0"), "hex"));
  bytes[0]! |= flags;
  return bytes;
}

const isSquare = (value: bigint): boolean => {
  try {
    bls12_381.fields.Fp.sqrt(value);
    return true;
  } catch {
    return false;
  }
};
const onCurve = (x: bigint): boolean => isSquare(bls12_381.fields.Fp.create(x ** 3n + 4n));
const firstX = (test: (x: bigint) => boolean): bigint => {
  let x = 1n;
  while (!test(x)) x++;
  return x;
};
const generator = G1.BASE.toBytes(true);

/** V1, V3–V5: every way not to be a point. */
const badPoints: [string, Uint8Array][] = [
  ["no bytes", new Uint8Array(0)],
  ["47 bytes", generator.subarray(1)],
  ["49 bytes", Uint8Array.from([...generator, 0])],
  ["96 bytes, uncompressed", G1.BASE.toBytes(false)],
  ["zeros", new Uint8Array(48)],
  ["no compression flag", generator.map((byte, i) => (i === 0 ? byte & 0x7f : byte))],
  ["infinity with the sign flag", compressed(0n, 0xe0)],
  ["infinity with a coordinate", compressed(1n, 0xc0)],
  ["infinity without the compression flag", compressed(0n, 0x40)],
  ["the generator with the infinity flag", generator.map((byte, i) => (i === 0 ? byte | 0x40 : byte))],
  ["x = p", compressed(P)],
  ["x = p + a point's x", compressed(P + firstX(onCurve))],
  ["all bits", new Uint8Array(48).fill(0xff)],
  ["off the curve", compressed(firstX((x) => !onCurve(x)))],
  ["off the curve, other sign", compressed(firstX((x) => !onCurve(x)), 0xa0)],
  ["outside the subgroup", compressed(firstX(onCurve))],
  ["outside the subgroup, other sign", compressed(firstX(onCurve), 0xa0)],
  ["of order 3", compressed(0n)],
];
const badScalars: [string, Uint8Array][] = [
  ["r", scalarBytes(FIELD_ORDER)],
  ["r + 1", scalarBytes(FIELD_ORDER + 1n)],
  ["2^256 - 1", new Uint8Array(32).fill(0xff)],
  ["31 bytes", new Uint8Array(31)],
  ["33 bytes", new Uint8Array(33)],
  ["no bytes", new Uint8Array(0)],
];

let backEnds: Kzg[];
let native: Kzg;
const verdicts = (check: (kzg: Kzg) => boolean): boolean[] => backEnds.map(check);
const all = (verdict: boolean): boolean[] => [verdict, verdict, verdict];

beforeAll(async () => {
  native = await nativeKzg();
  backEnds = [native, await portableKzg(), await pureKzg()];
});

describe("three KZG back ends", () => {
  const z = scalarBytes(mod(BigInt(toHex(noise(32, 99)))));
  let opening: Opening;

  beforeAll(async () => {
    const blob = sparseBlob(1);
    opening = { commitment: await native.prover.commit(blob), z, ...(await native.prover.open(blob, z)) };
  });

  it("commit alike, reducing cells mod r", async () => {
    for (const seed of [1, 2]) {
      const commitments = await Promise.all(backEnds.map(({ prover }) => prover.commit(sparseBlob(seed))));
      expect(new Set(commitments.map(toHex)).size).toBe(1);
    }
    const plusR = new Uint8Array(BLOB_BYTES);
    plusR.set(scalarBytes(FIELD_ORDER + 5n), 0);
    const five = new Uint8Array(BLOB_BYTES);
    five.set(scalarBytes(5n), 0);
    for (const { prover } of backEnds) expect(await prover.commit(plusR)).toEqual(await prover.commit(five));
  });

  it("commit an all-zero blob, and a blob of cells equal to r, to infinity", async () => {
    const multiples = new Uint8Array(BLOB_BYTES);
    multiples.set(scalarBytes(FIELD_ORDER), 32);
    for (const { prover } of backEnds) {
      expect(await prover.commit(new Uint8Array(BLOB_BYTES))).toEqual(infinity());
      expect(await prover.commit(multiples)).toEqual(infinity());
      expect(await prover.commitMany([multiples, new Uint8Array(BLOB_BYTES)])).toEqual([infinity(), infinity()]);
    }
  });

  it.each<[string, Uint8Array]>([
    ["a random point", z],
    ["0", scalarBytes(0n)],
    ["1, in the domain", scalarBytes(1n)],
    ["ω^1234", scalarBytes(DOMAIN[1234]!)],
    ["ω^4095, where the blob's last cell is", scalarBytes(DOMAIN[4095]!)],
    ["r - 1", scalarBytes(FIELD_ORDER - 1n)],
  ])("evaluate alike, and open natively and portably alike, at %s", async (_, at) => {
    const blob = sparseBlob(2);
    const commitment = await native.prover.commit(blob);
    const opened = await native.prover.open(blob, at);
    expect(await backEnds[1]!.prover.open(blob, at)).toEqual(opened);
    for (const { verifier } of backEnds) expect(verifier.evaluate(blob, at)).toEqual(opened.y);
    expect(verdicts(({ verifier }) => verifier.verify(commitment, at, opened.y, opened.proof))).toEqual(all(true));
    const other = scalarBytes(mod(BigInt(toHex(opened.y)) + 1n));
    expect(verdicts(({ verifier }) => verifier.verify(commitment, at, other, opened.proof))).toEqual(all(false));
  });

  it("open purely alike", async () => {
    const one = new Uint8Array(BLOB_BYTES);
    one.set(noise(32, 5), 32 * 7);
    expect(await backEnds[2]!.prover.open(one, z)).toEqual(await native.prover.open(one, z));
  });

  it("take infinity as the commitment and opening of a zero blob", async () => {
    const zero = new Uint8Array(BLOB_BYTES);
    for (const { prover } of backEnds) expect(await prover.open(zero, z)).toEqual({ y: new Uint8Array(32), proof: infinity() });
    expect(verdicts(({ verifier }) => verifier.verify(infinity(), z, new Uint8Array(32), infinity()))).toEqual(all(true));
    expect(verdicts(({ verifier }) => verifier.verify(infinity(), z, scalarBytes(1n), infinity()))).toEqual(all(false));
    // A constant polynomial: a finite commitment, with infinity as every opening.
    expect(verdicts(({ verifier }) => verifier.verify(generator, z, scalarBytes(1n), infinity()))).toEqual(all(true));
    expect(verdicts(({ verifier }) => verifier.verify(generator, z, scalarBytes(2n), infinity()))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verify(infinity(), z, new Uint8Array(32), generator))).toEqual(all(false));
  });

  it.each(badPoints)("refuse a point of %s, as commitment, as opening and in batches", (_, bad) => {
    expect(verdicts(({ verifier }) => verifier.isPoint(bad))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verify(bad, z, opening.y, opening.proof))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verify(opening.commitment, z, opening.y, bad))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verifyOpenings([opening, { ...opening, proof: bad }]))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verifyAggregate([opening.commitment, bad], z, [opening.y, opening.y], opening.proof))).toEqual(all(false));
  });

  it.each(badScalars)("refuse a scalar of %s", (_, bad) => {
    expect(verdicts(({ verifier }) => verifier.verify(opening.commitment, bad, opening.y, opening.proof))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verify(opening.commitment, z, bad, opening.proof))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verifyOpenings([opening, { ...opening, y: bad }]))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verifyAggregate([opening.commitment, opening.commitment], z, [bad, opening.y], opening.proof))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verifyAggregate([opening.commitment, opening.commitment], bad, [opening.y, opening.y], opening.proof))).toEqual(all(false));
    for (const { verifier } of backEnds) expect(codeOf(() => verifier.evaluate(sparseBlob(1), bad))).toBe("bad_scalar");
  });

  it("refuse y + r and z + r, which mean the same number", () => {
    const plusR = (bytes: Uint8Array): Uint8Array => scalarBytes(BigInt(toHex(bytes)) + FIELD_ORDER);
    expect(verdicts(({ verifier }) => verifier.verify(opening.commitment, z, plusR(opening.y), opening.proof))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verify(opening.commitment, plusR(z), opening.y, opening.proof))).toEqual(all(false));
  });

  it("accept the encodings of real points", () => {
    expect(verdicts(({ verifier }) => verifier.isPoint(generator))).toEqual(all(true));
    expect(verdicts(({ verifier }) => verifier.isPoint(infinity()))).toEqual(all(true));
  });

  it("refuse empty and unequal lists", () => {
    expect(verdicts(({ verifier }) => verifier.verifyOpenings([]))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verifyAggregate([], z, [], infinity()))).toEqual(all(false));
    expect(verdicts(({ verifier }) => verifier.verifyAggregate([opening.commitment], z, [], opening.proof))).toEqual(all(false));
  });

  it("provers refuse malformed blobs, scalars and lists by code", async () => {
    for (const { prover } of backEnds) {
      const short = new Uint8Array(BLOB_BYTES - 1);
      expect(await codeOfAsync(() => prover.commit(short))).toBe("bad_length");
      expect(await codeOfAsync(() => prover.commitMany([short]))).toBe("bad_length");
      expect(await codeOfAsync(() => prover.open(short, z))).toBe("bad_length");
      expect(await codeOfAsync(() => prover.open(sparseBlob(1), scalarBytes(FIELD_ORDER)))).toBe("bad_scalar");
      expect(await codeOfAsync(() => prover.openAggregate([sparseBlob(1), short], [generator, generator], z))).toBe("bad_length");
      expect(await codeOfAsync(() => prover.openAggregate([], [], z))).toBe("bad_length");
      expect(await codeOfAsync(() => prover.openAggregate([sparseBlob(1)], [], z))).toBe("bad_length");
    }
  });
});

describe("many openings at once", () => {
  const z = scalarBytes(123_456_789n);
  const seeds = [1, 2, 3, 4, 5, 6];
  let blobs: Uint8Array[];
  let commitments: Uint8Array[];
  let items: Opening[];

  beforeAll(async () => {
    blobs = [...seeds.map(sparseBlob), new Uint8Array(BLOB_BYTES)];
    commitments = await native.prover.commitMany(blobs);
    items = await Promise.all(blobs.map(async (blob, i) => ({ commitment: commitments[i]!, z, ...(await native.prover.open(blob, z)) })));
  });

  it("batches hold when all hold, and fail for one bad item of 64 (V15)", () => {
    const many = Array.from({ length: 64 }, (_, i) => items[i % items.length]!);
    const bad = many.map((item, i) => (i === 41 ? { ...item, y: scalarBytes(mod(BigInt(toHex(item.y)) + 1n)) } : item));
    for (const { verifier } of backEnds.slice(0, 2)) {
      expect(verifier.verifyOpenings(many)).toBe(true);
      expect(verifier.verifyOpenings(bad)).toBe(false);
    }
    expect(verdicts(({ verifier }) => verifier.verifyOpenings(items))).toEqual(all(true));
    expect(verdicts(({ verifier }) => verifier.verifyOpenings([...items.slice(0, 5), { ...items[5]!, proof: items[4]!.proof }]))).toEqual(all(false));
  });

  it("errors that cancel under equal weights do not cancel (V15)", () => {
    const shift = (y: Uint8Array, by: bigint): Uint8Array => scalarBytes(mod(BigInt(toHex(y)) + by));
    const cancelling = items.map((item, i) => (i < 2 ? { ...item, y: shift(item.y, i === 0 ? 1n : -1n) } : item));
    expect(verdicts(({ verifier }) => verifier.verifyOpenings(cancelling))).toEqual(all(false));
  });

  it("one aggregated opening serves all blobs", async () => {
    const { ys, proof } = await native.prover.openAggregate(blobs, commitments, z);
    expect(ys).toEqual(items.map((item) => item.y));
    expect(verdicts(({ verifier }) => verifier.verifyAggregate(commitments, z, ys, proof))).toEqual(all(true));
    expect(await backEnds[1]!.prover.openAggregate(blobs, commitments, z)).toEqual({ ys, proof });
  });

  it("an aggregated opening fails for any change", async () => {
    const { ys, proof } = await native.prover.openAggregate(blobs, commitments, z);
    const changes: [Uint8Array[], Uint8Array, Uint8Array[], Uint8Array][] = [
      [commitments, scalarBytes(123_456_790n), ys, proof],
      [commitments, z, ys.map((y, i) => (i === 3 ? scalarBytes(mod(BigInt(toHex(y)) + 1n)) : y)), proof],
      [commitments.map((c, i) => (i === 3 ? commitments[2]! : c)), z, ys, proof],
      [[...commitments].reverse(), z, [...ys].reverse(), proof],
      [commitments.slice(1), z, ys.slice(1), proof],
      [commitments, z, ys, items[0]!.proof],
      [commitments, z, ys, infinity()],
    ];
    for (const [cs, at, values, pi] of changes) expect(verdicts(({ verifier }) => verifier.verifyAggregate(cs, at, values, pi))).toEqual(all(false));
  });

  it("an opening made over one wrong blob fails", async () => {
    const wrong = blobs.map((blob, i) => (i === 2 ? sparseBlob(9) : blob));
    const { ys, proof } = await native.prover.openAggregate(wrong, commitments, z);
    expect(verdicts(({ verifier }) => verifier.verifyAggregate(commitments, z, ys, proof))).toEqual(all(false));
  });

  it("verifyBlobs sees one flipped bit", async () => {
    for (const { prover } of backEnds.slice(0, 2)) {
      expect(await prover.verifyBlobs(blobs, commitments)).toBe(true);
      for (const at of [0, 77_777, BLOB_BYTES - 1]) {
        const flipped = blobs.map((blob, i) => (i === 4 ? blob.map((byte, b) => (b === at ? byte ^ 1 : byte)) : blob));
        expect(await prover.verifyBlobs(flipped, commitments)).toBe(false);
      }
    }
    expect(await backEnds[2]!.prover.verifyBlobs(blobs.slice(0, 2), commitments.slice(0, 2))).toBe(true);
    expect(await backEnds[2]!.prover.verifyBlobs(blobs.slice(0, 2), commitments.slice(1, 3))).toBe(false);
  });

  it("verifyBlobs refuses exchanged blobs, bad points and unequal lists", async () => {
    for (const { prover } of backEnds) {
      expect(await prover.verifyBlobs([blobs[1]!, blobs[0]!], [commitments[0]!, commitments[1]!])).toBe(false);
      expect(await prover.verifyBlobs([], [])).toBe(false);
      expect(await prover.verifyBlobs(blobs, commitments.slice(1))).toBe(false);
      expect(await prover.verifyBlobs([blobs[0]!.subarray(1)], [commitments[0]!])).toBe(false);
      expect(await prover.verifyBlobs([blobs[6]!], [new Uint8Array(48)])).toBe(false);
    }
  });
});

describe("field kernels", () => {
  it("sum alike, at the limits of their widths", () => {
    const wasm = wasmFieldKernel()!;
    const blobs = [new Uint8Array(BLOB_BYTES).fill(0xff), noise(BLOB_BYTES, 3), new Uint8Array(BLOB_BYTES)];
    const weights = [2n ** 128n - 1n, 2n ** 127n + 12_345n, 7n];
    expect(wasm.combine(blobs, weights)).toEqual(jsFieldKernel.combine(blobs, weights));
    const table = Array.from({ length: 4096 }, (_, i) => FIELD_ORDER - 1n - BigInt(i));
    expect(wasm.dots(blobs, table)).toEqual(jsFieldKernel.dots(blobs, table));
    expect(wasm.combine([blobs[1]!], [1n])).toEqual(jsFieldKernel.combine([blobs[1]!], [1n])); // nothing is left of earlier calls
  });

  it("inverses are inverses", () => {
    const values = [1n, 2n, FIELD_ORDER - 1n, 12_345n];
    expect(values.map((value) => mod(value * invert(value)))).toEqual([1n, 1n, 1n, 1n]);
    expect(invertAll(values)).toEqual(values.map(invert));
  });

  it("the domain has 4096 distinct points", () => {
    expect(new Set(DOMAIN).size).toBe(4096);
    expect(mod(DOMAIN[4095]! * DOMAIN[1]!)).toBe(1n);
  });
});

describe("sums of points", () => {
  it("may be longer than a blob", async () => {
    const group = await mclGroup();
    const points = new Array<typeof group.generator>(9000).fill(group.generator);
    const sum = group.sum(points, points.map((_, i) => BigInt(i)));
    expect(group.encode(sum)).toEqual(G1.BASE.multiply((9000n * 8999n) / 2n).toBytes(true));
    expect(group.isZero(group.sum([], []))).toBe(true);
  });
});

describe("the trusted setup", () => {
  it("is loaded whole, and refused when a bit differs (V17)", async () => {
    const points = await loadSetup();
    expect(points).toHaveLength(4096);
    const bytes = new Uint8Array(4096 * 96);
    points.forEach(({ x, y }, i) => {
      bytes.set(x, 96 * i);
      bytes.set(y, 96 * i + 48);
    });
    expect(codeOf(() => parseSetup(bytes))).toBe("none");
    bytes[200_000]! ^= 1;
    expect(codeOf(() => parseSetup(bytes))).toBe("bad_setup");
    expect(codeOf(() => parseSetup(bytes.subarray(96)))).toBe("bad_setup");
  });
});
