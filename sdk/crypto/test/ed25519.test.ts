import { ed25519 as noble } from "@noble/curves/ed25519.js";
import { createHash, createPublicKey, verify as nodeVerify } from "node:crypto";
import { Ed25519PubKey, ed25519PublicKey, publicKey, signEd25519, verifyEd25519 } from "nild/sdk";
import { Random } from "../../../proto/test/random_message.js";

const URL = "/cosmos.crypto.ed25519.PubKey";
const L = noble.Point.Fn.ORDER;

function littleEndian(value: bigint): Uint8Array {
  const bytes = Buffer.from(value.toString(16).padStart(64, "0"), "hex");
  return Uint8Array.from(bytes.reverse());
}
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const SEED = new Uint8Array(32).fill(9);
const KEY = ed25519PublicKey(SEED);
const MESSAGE = new TextEncoder().encode("pay bob");
const SIGNATURE = signEd25519(SEED, MESSAGE);
const R = SIGNATURE.subarray(0, 32);
const S = SIGNATURE.subarray(32);

/** The points of order 1, 2, 4 and 8, in canonical and in sloppy encodings. */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
const TORSION = noble.Point.fromBytes(SMALL_ORDER[4]!);

function opensslVerdict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key).toString("base64url") };
  return nodeVerify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature);
}

describe("ed25519 signatures", () => {
  it("verify", () => expect(new Ed25519PubKey(KEY).verify(MESSAGE, SIGNATURE)).toBe(true));

  it("are those of RFC 8032, test 2", () => {
    const seed = Uint8Array.from(Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex"));
    const expected = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    expect(Buffer.from(signEd25519(seed, Uint8Array.of(0x72))).toString("hex")).toBe(expected);
  });

  it.each<[string, Uint8Array]>([
    ["S15 s + L", join(R, littleEndian(number(S) + L))],
    ["S15 s = L", join(R, littleEndian(L))],
    ["s = 2^256 - 1", join(R, new Uint8Array(32).fill(255))],
    ["s = 0", join(R, new Uint8Array(32))],
    ["R of small order", join(SMALL_ORDER[0]!, S)],
    ["R plus torsion, which only a check with the cofactor takes", join(noble.Point.fromBytes(R).add(TORSION).toBytes(), S)],
    ["63 bytes", SIGNATURE.subarray(0, 63)],
    ["65 bytes", join(SIGNATURE, Uint8Array.of(0))],
    ["empty", new Uint8Array(0)],
    ["over another message", signEd25519(SEED, new Uint8Array(3))],
    ["by another key", signEd25519(new Uint8Array(32).fill(8), MESSAGE)],
  ])("%s is refused", (_, signature) => expect(new Ed25519PubKey(KEY).verify(MESSAGE, signature)).toBe(false));

  it("a signature made with torsion in R is refused, as OpenSSL refuses it", () => {
    // R' = rB + T with S computed over R': valid with the cofactor, invalid without.
    const scalar = number(createHash("sha512").update(SEED).digest().subarray(0, 32));
    const clamped = (scalar & ~7n & (2n ** 254n - 1n)) | 2n ** 254n;
    const nonce = 424242n;
    const point = noble.Point.BASE.multiply(nonce).add(TORSION).toBytes();
    const k = number(new Uint8Array(createHash("sha512").update(point).update(KEY).update(MESSAGE).digest())) % L;
    const forged = join(point, littleEndian((nonce + k * (clamped % L)) % L));
    expect(noble.verify(forged, MESSAGE, KEY, { zip215: true })).toBe(true);
    expect(verifyEd25519(forged, MESSAGE, KEY)).toBe(false);
    expect(opensslVerdict(forged, MESSAGE, KEY)).toBe(false);
  });
});

describe("ed25519 keys", () => {
  it.each(SMALL_ORDER.map((key, i) => [i, key] as const))("S15 small-order key %s: sdk/8, and nothing verifies under it", (_, key) => {
    expect(() => publicKey(URL, key).assertOnCurve()).toThrow(expect.objectContaining({ codespace: "sdk", code: 8 }));
    // R = identity, S = 0 satisfies the equation for every message.
    expect(verifyEd25519(join(SMALL_ORDER[0]!, new Uint8Array(32)), MESSAGE, key)).toBe(false);
  });

  it("a key with a torsion part: sdk/8", () => {
    const mixed = noble.Point.fromBytes(KEY).add(TORSION).toBytes();
    expect(() => publicKey(URL, mixed).assertOnCurve()).toThrow(expect.objectContaining({ code: 8 }));
  });

  it("off the curve: sdk/8, and nothing verifies under it", () => {
    const key = Uint8Array.of(2, ...new Uint8Array(31));
    expect(() => publicKey(URL, key).assertOnCurve()).toThrow(expect.objectContaining({ code: 8 }));
    expect(publicKey(URL, key).verify(MESSAGE, SIGNATURE)).toBe(false);
  });

  it.each([0, 31, 33, 64])("%s bytes: sdk/8", (length) => {
    expect(() => publicKey(URL, new Uint8Array(length))).toThrow(expect.objectContaining({ code: 8 }));
  });

  it("the address is the start of SHA-256", () => {
    expect(publicKey(URL, KEY).address()).toEqual(new Uint8Array(createHash("sha256").update(KEY).digest().subarray(0, 20)));
    expect(publicKey(URL, KEY).assertOnCurve()).toBeUndefined();
  });
});

describe("S18 ours and OpenSSL agree", () => {
  it("on good and broken signatures", () => {
    const random = new Random(7);
    let good = 0;
    for (let round = 0; round < 80; round++) {
      const seed = random.bytes(32);
      const key = ed25519PublicKey(seed);
      const message = random.bytes(random.below(80));
      const signature = signEd25519(seed, message);
      const kind = random.below(4);
      if (kind === 1) signature[random.below(64)]! ^= 1 << random.below(8);
      if (kind === 2) signature.set(littleEndian(number(signature.subarray(32)) + L), 32);
      if (kind === 3) signature.set(noble.Point.fromBytes(signature.subarray(0, 32)).add(TORSION).toBytes(), 0);
      const ours = verifyEd25519(signature, message, key);
      expect(opensslVerdict(signature, message, key)).toBe(ours);
      if (ours) good++;
    }
    expect(good).toBeGreaterThan(10);
    expect(good).toBeLessThan(40);
  });
});
