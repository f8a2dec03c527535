import { type DescMessage, type MessageShape, fromBinary, toBinary } from "@bufbuild/protobuf";

/** How a value lies in the store. No codec may give empty bytes: ICS-23 refuses empty values. */
export interface ValueCodec<V> {
  encode(value: V): Uint8Array;
  decode(bytes: Uint8Array): V;
}

/** A protobuf message behind one format byte (0x01), so that a message of defaults is not empty. */
export function proto<D extends DescMessage>(schema: D): ValueCodec<MessageShape<D>> {
  return {
    encode(value) {
      const body = toBinary(schema, value, { writeUnknownFields: false });
      const out = new Uint8Array(body.length + 1);
      out[0] = 1;
      out.set(body, 1);
      return out;
    },
    decode: (bytes) => fromBinary(schema, bytes.subarray(1), { readUnknownFields: false }),
  };
}

/** Bare scalars: `v.u64` (8 bytes big-endian), `v.amount` (decimal string, any size), `v.bytes` (never empty). */
export const v = {
  u64: {
    encode(value: bigint): Uint8Array {
      const out = new Uint8Array(8);
      new DataView(out.buffer).setBigUint64(0, value);
      return out;
    },
    decode: (bytes: Uint8Array): bigint => new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0),
  },
  amount: {
    encode(value: bigint): Uint8Array {
      if (value < 0n) throw new Error("collections: an amount is never negative");
      return Uint8Array.from(value.toString(), (digit) => digit.charCodeAt(0));
    },
    decode: (bytes: Uint8Array): bigint => BigInt(String.fromCharCode(...bytes)),
  },
  bytes: { encode: (value: Uint8Array): Uint8Array => value, decode: (bytes: Uint8Array): Uint8Array => bytes },
} as const satisfies Record<string, ValueCodec<unknown>>;
