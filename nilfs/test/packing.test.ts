import fc from "fast-check";
import { BLOB_BYTES, MDU_BYTES, MDU_PAYLOAD_BYTES, isPacked, packMdu, unpackMdu } from "nild/nilfs";
import { checkPacked, unpackRange } from "../packing.js";
import { codeOf } from "./codes.js";

const payloadOf = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff);

describe("scalar packing", () => {
  it("right-aligns a full and a short group", () => {
    const mdu = packMdu(payloadOf(33, 1));
    expect([...mdu.subarray(0, 32)]).toEqual([0, ...payloadOf(33, 1).subarray(0, 31)]);
    expect([...mdu.subarray(32, 64)]).toEqual([...new Array<number>(30).fill(0), ...payloadOf(33, 1).subarray(31)]);
    expect(mdu.subarray(64).every((byte) => byte === 0)).toBe(true);
  });

  it("gives every payload back and makes only canonical cells", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.nat(255), (length, seed) => {
        const mdu = packMdu(payloadOf(length, seed));
        expect(mdu.length).toBe(MDU_BYTES);
        expect(isPacked(mdu)).toBe(true);
        expect(Buffer.compare(unpackMdu(mdu, length), payloadOf(length, seed))).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  it("reads any range of a payload that ends in a short group", () => {
    const length = 300_007;
    const payload = payloadOf(length, 3);
    const mdu = packMdu(payload);
    const blobAt = (blob: number): Uint8Array => mdu.subarray(blob * BLOB_BYTES, (blob + 1) * BLOB_BYTES);
    fc.assert(
      fc.property(fc.nat(length), fc.nat(2000), (from, size) => {
        const to = Math.min(length, from + size);
        expect(Buffer.compare(unpackRange(blobAt, length, from, to), payload.subarray(from, to))).toBe(0);
      }),
      { numRuns: 100 },
    );
    expect(unpackRange(blobAt, length, length - 2, length)).toEqual(payload.subarray(length - 2));
  });

  it("fills an MDU to its last byte and no further", () => {
    const full = payloadOf(MDU_PAYLOAD_BYTES, 9);
    expect(Buffer.compare(unpackMdu(packMdu(full), MDU_PAYLOAD_BYTES), full)).toBe(0);
    expect(codeOf(() => packMdu(new Uint8Array(MDU_PAYLOAD_BYTES + 1)))).toBe("bad_length");
    expect(codeOf(() => unpackMdu(new Uint8Array(MDU_BYTES), MDU_PAYLOAD_BYTES + 1))).toBe("bad_length");
    expect(codeOf(() => unpackMdu(new Uint8Array(MDU_BYTES - 1), 5))).toBe("bad_length");
    expect(codeOf(() => unpackMdu(new Uint8Array(MDU_BYTES), 1.5))).toBe("bad_length");
  });

  it("refuses a range outside the payload", () => {
    const blobAt = (): Uint8Array => new Uint8Array(BLOB_BYTES);
    expect(codeOf(() => unpackRange(blobAt, 10, 5, 11))).toBe("bad_length");
    expect(codeOf(() => unpackRange(blobAt, 10, 6, 5))).toBe("bad_length");
    expect(codeOf(() => unpackRange(blobAt, 10, -1, 5))).toBe("bad_length");
  });

  it("names a cell whose first byte is not 0", () => {
    const blob = new Uint8Array(BLOB_BYTES);
    blob[32 * 77] = 1;
    expect(isPacked(blob)).toBe(false);
    expect(codeOf(() => checkPacked(blob, "witness"))).toBe("non_canonical_cell");
  });
});
