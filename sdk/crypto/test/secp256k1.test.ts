import { secp256k1 as noble } from "@noble/curves/secp256k1.js";
import { createHash, createPublicKey, verify as nodeVerify } from "node:crypto";
import secp256k1 from "secp256k1";
import { Secp256k1PubKey, isCanonicalSecp256k1Signature, publicKey, secp256k1PublicKey, sha256, signSecp256k1, verifySecp256k1Digest } from "nild/sdk";
import { Random } from "../../../proto/test/random_message.js";

const N = BigInt("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
const P = 2n ** 256n - 2n ** 32n - 977n;
const URL = "/cosmos.crypto.secp256k1.PubKey";

const word = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const PRIVATE = word(123456789n);
const MESSAGE = new TextEncoder().encode("pay bob");
const KEY = new Secp256k1PubKey(secp256k1PublicKey(PRIVATE));
const SIGNATURE = signSecp256k1(PRIVATE, MESSAGE);
const R = SIGNATURE.subarray(0, 32);
const S = SIGNATURE.subarray(32);

/** What OpenSSL says of R ‖ S over SHA-256(message). */
function opensslVerdict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const uncompressed = noble.Point.fromBytes(key).toBytes(false);
  const url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const jwk = { kty: "EC", crv: "secp256k1", x: url(uncompressed.subarray(1, 33)), y: url(uncompressed.subarray(33)) };
  return nodeVerify("sha256", message, { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, signature);
}

describe("secp256k1 signatures", () => {
  it("verify, are low-S and the same every time", () => {
    expect(KEY.verify(MESSAGE, SIGNATURE)).toBe(true);
    expect(number(S) <= N / 2n).toBe(true);
    expect(signSecp256k1(PRIVATE, MESSAGE)).toEqual(SIGNATURE);
  });

  it.each<[string, Uint8Array]>([
    ["S4 high-S", join(R, word(N - number(S)))],
    ["S5 r = 0", join(word(0n), S)],
    ["S5 r = n", join(word(N), S)],
    ["S5 r > n", join(word(N + 1n), S)],
    ["S5 r + n", join(word((number(R) + N) % 2n ** 256n), S)],
    ["S5 r = 2^256 - 1", join(new Uint8Array(32).fill(255), S)],
    ["S5 s = 0", join(R, word(0n))],
    ["S5 s = n", join(R, word(N))],
    ["S5 s > n", join(R, word(N + 1n))],
    ["S5 both zero", new Uint8Array(64)],
    ["s = n/2 + 1", join(R, word(N / 2n + 1n))],
    ["r and s exchanged", join(S, R)],
    ["S6 DER", new Uint8Array(noble.sign(sha256(MESSAGE), PRIVATE, { prehash: false, format: "der" }))],
    ["S6 63 bytes", SIGNATURE.subarray(0, 63)],
    ["S6 65 bytes, recovery id behind", join(SIGNATURE, Uint8Array.of(0))],
    ["S6 65 bytes, recovery id in front", join(Uint8Array.of(27), SIGNATURE)],
    ["empty", new Uint8Array(0)],
    ["a megabyte", new Uint8Array(1 << 20).fill(1)],
    ["over another message", signSecp256k1(PRIVATE, new TextEncoder().encode("pay eve"))],
    ["by another key", signSecp256k1(word(2n), MESSAGE)],
    ["over the message unhashed", new Uint8Array(noble.sign(new Uint8Array(32).fill(7), PRIVATE, { prehash: false }))],
  ])("%s is refused", (_, signature) => expect(KEY.verify(MESSAGE, signature)).toBe(false));

  it("every flipped bit is refused", () => {
    for (let bit = 0; bit < 512; bit += 7) {
      const flipped = SIGNATURE.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, KEY.verify(MESSAGE, flipped)]).toEqual([bit, false]);
    }
  });

  it("asks the injected verifier only about canonical signatures, and takes its word", () => {
    const asked: [Uint8Array, Uint8Array, Uint8Array][] = [];
    const key = new Secp256k1PubKey(KEY.bytes, (...question) => (asked.push(question), true));
    expect(key.verify(MESSAGE, join(R, word(N - number(S))))).toBe(false);
    expect(key.verify(MESSAGE, new Uint8Array(65))).toBe(false);
    expect(asked).toEqual([]);
    expect(key.verify(MESSAGE, SIGNATURE)).toBe(true);
    expect(asked).toEqual([[SIGNATURE, sha256(MESSAGE), KEY.bytes]]);
  });
});

describe("secp256k1 keys", () => {
  const uncompressed = noble.Point.fromBytes(KEY.bytes).toBytes(false);
  it.each<[string, Uint8Array]>([
    ["S7 uncompressed", uncompressed],
    ["S7 hybrid", join(Uint8Array.of(6), uncompressed.subarray(1))],
    ["S7 bare x", KEY.bytes.subarray(1)],
    ["S7 all zero", new Uint8Array(33)],
    ["prefix 05", join(Uint8Array.of(5), KEY.bytes.subarray(1))],
    ["34 bytes", join(KEY.bytes, Uint8Array.of(0))],
    ["empty", new Uint8Array(0)],
  ])("%s is no key: sdk/8", (_, bytes) => {
    expect(() => publicKey(URL, bytes)).toThrow(expect.objectContaining({ codespace: "sdk", code: 8 }));
  });

  it.each<[string, bigint]>([
    ["S7 off the curve", 5n],
    ["S7 x = p", P],
    ["S7 x > p", P + 1n],
    ["x = 2^256 - 1", 2n ** 256n - 1n],
    ["x = 0", 0n],
  ])("%s is not on the curve: sdk/8, and nothing verifies under it", (_, x) => {
    const key = publicKey(URL, join(Uint8Array.of(2), word(x)));
    expect(() => key.assertOnCurve()).toThrow(expect.objectContaining({ codespace: "sdk", code: 8 }));
    expect(key.verify(MESSAGE, SIGNATURE)).toBe(false);
  });

  it("a good key is on the curve", () => expect(KEY.assertOnCurve()).toBeUndefined());

  it("the address is RIPEMD-160 of SHA-256", () => {
    const expected = createHash("ripemd160").update(createHash("sha256").update(KEY.bytes).digest()).digest();
    expect(KEY.address()).toEqual(new Uint8Array(expected));
  });

  it("other kinds of key: sdk/8", () => {
    expect(() => publicKey("/cosmos.crypto.multisig.LegacyAminoPubKey", KEY.bytes)).toThrow(expect.objectContaining({ code: 8 }));
    expect(() => publicKey("__proto__", KEY.bytes)).toThrow(expect.objectContaining({ code: 8 }));
  });
});

describe("S18 noble, the native library and OpenSSL agree", () => {
  it("on good and broken signatures", () => {
    const random = new Random(42);
    let good = 0;
    for (let round = 0; round < 60; round++) {
      const key = word(BigInt(1 + random.below(2 ** 31)));
      const message = random.bytes(random.below(100));
      const signature = signSecp256k1(key, message);
      const kind = random.below(4);
      if (kind === 1) signature[random.below(64)]! ^= 1 << random.below(8);
      if (kind === 2) signature.set(word(N - number(signature.subarray(32))), 32);
      if (kind === 3) message.fill(0, 0, 1);
      const pub = secp256k1PublicKey(key);
      const ours = new Secp256k1PubKey(pub).verify(message, signature);
      const digest = sha256(message);
      expect(isCanonicalSecp256k1Signature(signature) && secp256k1.ecdsaVerify(signature, digest, pub)).toBe(ours);
      // OpenSSL has no low-S rule.
      expect(isCanonicalSecp256k1Signature(signature) && opensslVerdict(signature, message, pub)).toBe(ours);
      if (ours) good++;
    }
    expect(good).toBeGreaterThan(10);
    expect(good).toBeLessThan(50);
  });

  it("on edge values of r and s that are in range", () => {
    const edges = [1n, 2n, N / 2n, N / 2n - 1n, P - N, N - 1n, 2n ** 255n];
    const digest = sha256(MESSAGE);
    for (const r of edges) {
      for (const s of edges) {
        const signature = join(word(r), word(s));
        if (!isCanonicalSecp256k1Signature(signature)) continue;
        const ours = verifySecp256k1Digest(signature, digest, KEY.bytes);
        expect(secp256k1.ecdsaVerify(signature, digest, KEY.bytes)).toBe(ours);
        expect(opensslVerdict(signature, MESSAGE, KEY.bytes)).toBe(ours);
      }
    }
  });

  it("on a point whose x exceeds n, where r wraps", () => {
    // k such that x(kG) >= n is out of reach; build the key from the signature instead: Q = r^-1 (sR - zG).
    const z = number(sha256(MESSAGE));
    let lifted = 0;
    for (let x = N; x < N + 30n; x++) {
      let point;
      try {
        point = noble.Point.fromBytes(join(Uint8Array.of(2), word(x)));
      } catch {
        continue;
      }
      const r = x - N;
      if (r === 0n) continue;
      lifted++;
      const s = 12345n;
      const inverse = noble.Point.Fn.inv(r);
      const q = point.multiply(s).subtract(noble.Point.BASE.multiply(z % N)).multiply(inverse);
      const signature = join(word(r), word(s));
      expect(new Secp256k1PubKey(q.toBytes(true)).verify(MESSAGE, signature)).toBe(true);
      expect(secp256k1.ecdsaVerify(signature, sha256(MESSAGE), q.toBytes(true))).toBe(true);
      expect(opensslVerdict(signature, MESSAGE, q.toBytes(true))).toBe(true);
    }
    expect(lifted).toBeGreaterThan(0);
  });
});
