import { fromBech32, toBech32 } from "@cosmjs/encoding";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { BECH32_PREFIX, SdkError, addressFromString, addressToString, moduleAddress } from "nild/sdk";

function code(text: string, prefix?: "nil" | "nilvaloper" | "nilvalcons"): string {
  try {
    addressFromString(text, prefix);
    return "accepted";
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
}

const GOOD = addressToString(new Uint8Array(20).map((_, i) => i));

describe("addresses", () => {
  it("are what other bech32 code makes of the same bytes, under every prefix", () => {
    const address = fc.oneof(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.uint8Array({ minLength: 32, maxLength: 32 }));
    fc.assert(
      fc.property(address, fc.constantFrom(...Object.values(BECH32_PREFIX)), (bytes, prefix) => {
        const text = addressToString(bytes, prefix);
        expect(text).toBe(toBech32(prefix, bytes));
        expect(addressFromString(text, prefix)).toEqual(bytes);
        expect(fromBech32(text).data).toEqual(bytes);
      }),
    );
  });

  it("B7 one changed character never passes", () => {
    for (let at = 0; at < GOOD.length; at++) {
      for (const replacement of "qpzry9x8gf2tvdw0s3jn54khce6mua7l1bioQP é") {
        if (GOOD[at] !== replacement) expect([at, code(GOOD.slice(0, at) + replacement + GOOD.slice(at + 1))]).toEqual([at, "sdk/7"]);
      }
    }
  });

  it.each([
    ["empty", ""],
    ["only a prefix", "nil1"],
    ["no prefix", GOOD.slice(4)],
    ["no separator", GOOD.replace("1", "q")],
    ["another prefix", toBech32("cosmos", new Uint8Array(20))],
    ["an operator's address", addressToString(new Uint8Array(20), "nilvaloper")],
    ["mixed case", GOOD.slice(0, -1) + GOOD.slice(-1).toUpperCase()],
    ["upper-case prefix", `NIL${GOOD.slice(3)}`],
    ["upper case throughout", GOOD.toUpperCase()],
    ["0 bytes", toBech32("nil", new Uint8Array(0))],
    ["19 bytes", toBech32("nil", new Uint8Array(19))],
    ["21 bytes", toBech32("nil", new Uint8Array(21))],
    ["31 bytes", toBech32("nil", new Uint8Array(31))],
    ["33 bytes", toBech32("nil", new Uint8Array(33))],
    ["256 bytes", toBech32("nil", new Uint8Array(256), 600)],
    ["B8 hex", "000102030405060708090a0b0c0d0e0f10111213"],
    ["a space in front", ` ${GOOD}`],
    ["a space behind", `${GOOD} `],
    ["a line break behind", `${GOOD}\n`],
    ["a megabyte", "nil1".padEnd(1 << 20, "q")],
    ["__proto__", "__proto__"],
  ])("B7 %s: sdk/7", (_, text) => expect(code(text)).toBe("sdk/7"));

  // BIP-350's checksum constant in place of BIP-173's.
  it("B7 bech32m: sdk/7", () => expect(code(bech32m("nil", new Uint8Array(20)))).toBe("sdk/7"));

  it("B7 a q put in before a final p: sdk/7, though the checksum holds", () => {
    let tried = 0;
    for (let last = 0; last < 4000 && tried < 5; last++) {
      const text = addressToString(new Uint8Array(20).fill(1).map((byte, i) => (i === 18 ? last >> 8 : i === 19 ? last & 255 : byte)));
      if (!text.endsWith("p")) continue;
      tried++;
      const longer = `${text.slice(0, -1)}qp`;
      expect(code(longer)).toBe("sdk/7");
    }
    expect(tried).toBe(5);
  });

  it("padding bits that are not zero: sdk/7", () => {
    // 32 bytes are 256 bits in 52 characters of 5: four spare bits.
    expect(code(withWords("nil", [...new Array(51).fill(0), 0]))).toBe("accepted");
    expect(code(withWords("nil", [...new Array(51).fill(0), 1]))).toBe("sdk/7");
    expect(code(withWords("nil", new Array(53).fill(0)))).toBe("sdk/7");
  });

  it("a module's account is the hash of its name", () => {
    expect(moduleAddress("escrow")).toEqual(new Uint8Array(createHash("sha256").update("escrow").digest().subarray(0, 20)));
  });

  it.each([0, 19, 21, 64])("%s bytes make no address", (length) => {
    expect(() => addressToString(new Uint8Array(length))).toThrow(expect.objectContaining({ codespace: "sdk", code: 7 }));
  });
});

function polymod(values: readonly number[]): number {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let checksum = 1n;
  for (const value of values) {
    const top = Number(checksum >> 25n);
    checksum = ((checksum & 0x1ffffffn) << 5n) ^ BigInt(value);
    for (let i = 0; i < 5; i++) if ((top >> i) & 1) checksum ^= BigInt(generator[i]!);
  }
  return Number(checksum);
}

function withWords(prefix: string, words: readonly number[], constant = 1): string {
  const expanded = [...[...prefix].map((c) => c.charCodeAt(0) >> 5), 0, ...[...prefix].map((c) => c.charCodeAt(0) & 31)];
  const checksum = (polymod([...expanded, ...words, 0, 0, 0, 0, 0, 0]) ^ constant) >>> 0;
  const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  return `${prefix}1${[...words, ...[0, 1, 2, 3, 4, 5].map((i) => (checksum >>> (5 * (5 - i))) & 31)].map((word) => charset[word]).join("")}`;
}

function bech32m(prefix: string, bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return withWords(prefix, bits.match(/.{5}/g)!.map((word) => Number.parseInt(word, 2)), 0x2bc830a3);
}
