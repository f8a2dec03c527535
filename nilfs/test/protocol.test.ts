import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { FIELD_ORDER, ackDigest, challengeZ, fromHex, repairSeed, responseDigest, sessionId, sessionSeed, toHex, zFromDigest } from "nild/nilfs";
import { codeOf } from "./codes.js";

const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const u64 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(16, "0"), "hex");
const asInteger = (bytes: Uint8Array): bigint => BigInt(toHex(bytes));

describe("seeds", () => {
  it("z is the tagged hash of seed and prover, reduced", () => {
    const z = challengeZ(fill(32, 1), fill(20, 2));
    const hash = sha256(Buffer.concat([Buffer.from("nil/z/v1"), fill(32, 1), fill(20, 2)]));
    expect(asInteger(z)).toBe(asInteger(hash) % FIELD_ORDER);
    expect(asInteger(zFromDigest(fill(32, 0xff)))).toBe((2n ** 256n - 1n) % FIELD_ORDER);
  });

  it("z differs by prover and by seed", () => {
    const z = toHex(challengeZ(fill(32, 1), fill(20, 2)));
    expect(toHex(challengeZ(fill(32, 1), fill(20, 3)))).not.toBe(z);
    expect(toHex(challengeZ(fill(32, 2), fill(20, 2)))).not.toBe(z);
  });

  it("repair and session seeds hash their fields in order", () => {
    expect(repairSeed(fill(32, 9), 3n, 4)).toEqual(sha256(Buffer.concat([Buffer.from("nil/repair/v1"), fill(32, 9), u64(3), u64(4)])));
    expect(sessionSeed(fill(32, 1), fill(32, 2))).toEqual(sha256(Buffer.concat([fill(32, 1), fill(32, 2)])));
  });

  it("refuse wrong lengths and integers", () => {
    expect(codeOf(() => challengeZ(fill(31, 1), fill(20, 2)))).toBe("bad_length");
    expect(codeOf(() => challengeZ(fill(32, 1), fill(32, 2)))).toBe("bad_length");
    expect(codeOf(() => sessionSeed(fill(64, 1), fill(0, 2)))).toBe("bad_length");
    for (const deal of [-1, 1.5, 2 ** 53, -1n, 2n ** 64n]) expect(codeOf(() => repairSeed(fill(32, 9), deal, 0))).toBe("bad_integer");
  });
});

const session = { opener: fill(20, 1), dealId: 2n, provider: fill(20, 3), manifestRoot: fill(48, 4), startMdu: 5, startBlob: 6, blobCount: 7n, nonce: 8n, expiresAt: 9n };

describe("session ids", () => {
  it("hash 132 packed bytes", () => {
    const packed = Buffer.concat([fill(20, 1), u64(2), fill(20, 3), fill(48, 4), u64(5), u64(6).subarray(4), u64(7), u64(8), u64(9)]);
    expect(packed.length).toBe(132);
    expect(sessionId(session)).toEqual(keccak_256(packed));
  });

  it("refuse a start blob beyond 32 bits", () => expect(codeOf(() => sessionId({ ...session, startBlob: 2 ** 32 }))).toBe("bad_integer"));
});

const ack = { chainId: "nild-dev-1", dealId: 1n, generation: 2n, slot: 3, manifestRoot: fill(48, 4), sizeBytes: 5n, totalMdus: 6, witnessMdus: 7, mdu0Hash: fill(32, 8) };

describe("acks", () => {
  it("hash every field behind the tag", () => {
    const bytes = Buffer.concat([Buffer.from("nil/ack/v1"), Buffer.from([0, 10]), Buffer.from("nild-dev-1"), u64(1), u64(2), u64(3), fill(48, 4), u64(5), u64(6), u64(7), fill(32, 8)]);
    expect(ackDigest(ack)).toEqual(sha256(bytes));
  });

  it.each<Partial<typeof ack>>([
    { chainId: "nild-dev-2" },
    { dealId: 9n },
    { generation: 9n },
    { slot: 9 },
    { manifestRoot: fill(48, 9) },
    { sizeBytes: 9n },
    { totalMdus: 9 },
    { witnessMdus: 9 },
    { mdu0Hash: fill(32, 9) },
  ])("change with %j", (change) => expect(ackDigest({ ...ack, ...change })).not.toEqual(ackDigest(ack)));
});

describe("responses", () => {
  const hops = { mduIndex: 1, mduRoot: fill(32, 2), manifestOpening: fill(48, 3), leafIndex: 4, leafCount: 96, commitment: fill(48, 5), merklePath: [fill(32, 6), fill(32, 7)] };
  const response = { chainId: "c-1", sessionId: fill(32, 1), dealId: 1n, generation: 1n, manifestRoot: fill(48, 2), hops, blobHash: fill(32, 9) };

  it.each<Partial<typeof hops>>([
    { mduIndex: 2 },
    { mduRoot: fill(32, 3) },
    { manifestOpening: fill(48, 4) },
    { leafIndex: 5 },
    { leafCount: 64 },
    { commitment: fill(48, 6) },
    { merklePath: [fill(32, 6)] },
    { merklePath: [fill(32, 7), fill(32, 6)] },
  ])("bind the hop field %j", (change) => {
    expect(responseDigest({ ...response, hops: { ...hops, ...change } })).not.toEqual(responseDigest(response));
  });

  it("refuse hops of wrong lengths", () => {
    expect(codeOf(() => responseDigest({ ...response, hops: { ...hops, merklePath: [fill(64, 6)] } }))).toBe("bad_length");
    expect(codeOf(() => responseDigest({ ...response, blobHash: fill(31, 1) }))).toBe("bad_length");
    expect(codeOf(() => responseDigest({ ...response, chainId: "x".repeat(65_536) }))).toBe("bad_length");
  });
});

describe("hex", () => {
  it.each(["", "0x", "0xAB", "0xa", "ab", "0xag", "0xabcd", " 0xab", "0xab\n", "0Xab"])("refuses %j as one byte", (text) => {
    expect(codeOf(() => fromHex(text, 1, "it"))).toBe("bad_length");
  });

  it("reads what it writes", () => expect(fromHex(toHex(Uint8Array.of(0, 1, 0xfe)), 3, "it")).toEqual(Uint8Array.of(0, 1, 0xfe)));
});
