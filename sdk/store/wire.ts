import { pack } from "./byte_string.js";

/** A growing byte buffer for the store's encodings: protobuf varints, big-endian integers, length-prefixed bytes. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** A view of what was written; valid until the next write. */
  view(start = 0, end: number = this.length): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  copy(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  reset(): void {
    this.length = 0;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.#room(4);
    for (let shift = 24; shift >= 0; shift -= 8) this.#bytes[this.length++] = value >>> shift;
  }

  u64(value: bigint): void {
    this.u32(Number(value >> 32n));
    this.u32(Number(value & 0xffffffffn));
  }

  /** Leaves room for patchLatin1. */
  skip(count: number): void {
    this.#room(count);
    this.length += count;
  }

  /** Overwrites what was written or skipped before. */
  patchLatin1(at: number, value: string): void {
    for (let i = 0; i < value.length; i++) this.#bytes[at + i] = value.charCodeAt(i);
  }

  /** Unsigned LEB128 of a safe integer ≥ 0. */
  varint(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.#bytes[this.length++] = (rest % 128) | 0x80;
      rest = Number(BigInt(rest) >> 7n);
    }
    while (rest > 0x7f) {
      this.#bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
  }

  /** Zigzag varint of an integer 0 ≤ value < 2^52, as the Amino-era IAVL encoding wants it. */
  zigzag(value: number): void {
    this.varint(value * 2);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A string of characters 0–255, one byte each. */
  latin1(value: string): void {
    this.#room(value.length);
    const bytes = this.#bytes;
    const at = this.length;
    for (let i = 0; i < value.length; i++) bytes[at + i] = value.charCodeAt(i);
    this.length = at + value.length;
  }

  #room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}

/** A record that ends early, or says what cannot be; callers turn it into a CorruptionError. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

export class ByteReader {
  #at: number;
  readonly #end: number;
  constructor(
    private readonly source: Uint8Array,
    start = 0,
    end: number = source.length,
  ) {
    this.#at = start;
    this.#end = end;
  }

  /** Where the next read begins. */
  get at(): number {
    return this.#at;
  }

  /** The bytes read since `start`. */
  since(start: number): Uint8Array {
    return this.source.subarray(start, this.#at);
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    this.#need(1);
    return this.source[this.#at++]!;
  }

  u32(): number {
    this.#need(4);
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + this.source[this.#at++]!;
    return value;
  }

  u64(): bigint {
    const high = this.u32();
    return (BigInt(high) << 32n) | BigInt(this.u32());
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      scale *= 128;
    }
    throw new MalformedError("varint is too long");
  }

  zigzag(): number {
    const value = this.varint();
    if (value % 2 !== 0) throw new MalformedError("negative number where none can be");
    return Number(BigInt(value) >> 1n);
  }

  latin1(count: number): string {
    this.#need(count);
    this.#at += count;
    return pack(this.source.subarray(this.#at - count, this.#at));
  }

  #need(count: number): void {
    if (this.#at + count > this.#end) throw new MalformedError(`record ends ${count - this.left} bytes early`);
  }
}
