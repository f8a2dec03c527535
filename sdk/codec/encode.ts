import type { Message } from "@bufbuild/protobuf";
import { sdkErr } from "../errors.js";
import { FIELD, type FieldPlan, type MessagePlan, isDefault } from "./plan.js";
import { encodeUtf8Before } from "./utf8.js";

const START_SIZE = 512;
/** No message that the decoder accepts nests deeper. */
const MAX_DEPTH = 64;
const LOW_32 = 0xffffffffn;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Writes messages in canonical form: fields ascending, defaults left out, shortest varints. It writes from the end to
 * the front, so that a length is known when its prefix is due. One encoder serves many calls; its buffer is scratch.
 */
export class Encoder {
  #out = new Uint8Array(START_SIZE);
  #at = START_SIZE;

  /** The message's bytes, in a buffer of their own. */
  encode(plan: MessagePlan, message: Message): Uint8Array {
    this.#start(plan, message);
    return this.#out.slice(this.#at);
  }

  /** Whether `message` encodes to exactly the bytes [start, end). */
  encodesTo(plan: MessagePlan, message: Message, bytes: Uint8Array, start: number, end: number): boolean {
    this.#start(plan, message);
    if (this.#out.length - this.#at !== end - start) return false;
    for (let i = start, j = this.#at; i < end; i++, j++) {
      if (bytes[i] !== this.#out[j]) return false;
    }
    return true;
  }

  #start(plan: MessagePlan, message: Message): void {
    this.#at = this.#out.length;
    this.#message(plan, message as unknown as Fields, 1);
  }

  #message(plan: MessagePlan, message: Fields, depth: number): void {
    if (depth > MAX_DEPTH) throw sdkErr.InvalidRequest(`${plan.typeName}: nested deeper than ${MAX_DEPTH} levels`);
    for (let i = plan.fields.length - 1; i >= 0; i--) {
      const field = plan.fields[i]!;
      if (field.oneof !== undefined) {
        const chosen = message[field.oneof] as { readonly case: string | undefined; readonly value: unknown };
        if (chosen.case === field.name) this.#tagged(plan, field, chosen.value, depth);
        continue;
      }
      const value = message[field.name];
      if (field.repeated) {
        this.#list(plan, field, value as readonly unknown[], depth);
      } else if (value !== undefined && !(field.implicit && isDefault(field, value))) {
        this.#tagged(plan, field, value, depth);
      }
    }
  }

  #list(plan: MessagePlan, field: FieldPlan, list: readonly unknown[], depth: number): void {
    if (list.length === 0) return;
    const before = this.#written();
    for (let i = list.length - 1; i >= 0; i--) {
      if (field.packed) this.#value(plan, field, list[i], depth);
      else this.#tagged(plan, field, list[i], depth);
    }
    if (!field.packed) return;
    this.#varint32(this.#written() - before);
    this.#varint32(field.tag);
  }

  #written(): number {
    return this.#out.length - this.#at;
  }

  #tagged(plan: MessagePlan, field: FieldPlan, value: unknown, depth: number): void {
    this.#value(plan, field, value, depth);
    this.#varint32(field.tag);
  }

  #value(plan: MessagePlan, field: FieldPlan, value: unknown, depth: number): void {
    switch (field.type) {
      case FIELD.Message: {
        const before = this.#written();
        this.#message(field.message!, value as Fields, depth + 1);
        return this.#varint32(this.#written() - before);
      }
      case FIELD.String:
        return this.#string(plan, field, value as string);
      case FIELD.Bytes:
        return this.#bytes(value as Uint8Array);
      case FIELD.Bool:
        return this.#varint32(value ? 1 : 0);
      case FIELD.UInt32:
        return this.#varint32(uint32(plan, field, value));
      case FIELD.Int32:
      case FIELD.Enum: {
        const number = int32(plan, field, value);
        return number >= 0 ? this.#varint32(number) : this.#varint64(number >>> 0, 0xffffffff);
      }
      case FIELD.SInt32: {
        const number = int32(plan, field, value);
        return this.#varint32(((number << 1) ^ (number >> 31)) >>> 0);
      }
      case FIELD.Fixed32:
        return this.#fixed32(uint32(plan, field, value));
      case FIELD.SFixed32:
        return this.#fixed32(int32(plan, field, value) >>> 0);
      case FIELD.UInt64:
        return this.#wide(uint64(plan, field, value));
      case FIELD.Int64:
        return this.#wide(BigInt.asUintN(64, int64(plan, field, value)));
      case FIELD.SInt64: {
        const number = int64(plan, field, value);
        return this.#wide(BigInt.asUintN(64, (number << 1n) ^ (number >> 63n)));
      }
      case FIELD.Fixed64:
        return this.#fixed64(uint64(plan, field, value));
      case FIELD.SFixed64:
        return this.#fixed64(BigInt.asUintN(64, int64(plan, field, value)));
    }
  }

  #string(plan: MessagePlan, field: FieldPlan, text: string): void {
    if (typeof text !== "string") throw misfit(plan, field, text, "a string");
    this.#room(3 * text.length);
    const end = this.#at;
    const start = encodeUtf8Before(text, this.#out, end);
    if (start < 0) throw sdkErr.InvalidRequest(`${plan.typeName}.${field.name}: not a well-formed Unicode string`);
    this.#at = start;
    this.#varint32(end - start);
  }

  #bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#at -= value.length;
    this.#out.set(value, this.#at);
    this.#varint32(value.length);
  }

  #varint32(value: number): void {
    if (value < 0x80) {
      this.#room(1);
      this.#out[--this.#at] = value;
      return;
    }
    const size = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    this.#room(size);
    this.#at -= size;
    let at = this.#at;
    let rest = value;
    while (rest >= 0x80) {
      this.#out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#out[at] = rest;
  }

  /** `value` is unsigned, of 64 bits. */
  #wide(value: bigint): void {
    if (value <= LOW_32) this.#varint32(Number(value));
    else this.#varint64(Number(value & LOW_32), Number(value >> 32n));
  }

  #varint64(low: number, high: number): void {
    this.#room(10);
    const scratch = this.#at - 10;
    let at = scratch;
    let lo = low;
    let hi = high;
    while (hi > 0 || lo >= 0x80) {
      this.#out[at++] = (lo & 0x7f) | 0x80;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    this.#out[at++] = lo;
    const size = at - scratch;
    this.#out.copyWithin(this.#at - size, scratch, at);
    this.#at -= size;
  }

  #fixed32(value: number): void {
    this.#room(4);
    this.#at -= 4;
    for (let i = 0; i < 4; i++) this.#out[this.#at + i] = (value >>> (8 * i)) & 0xff;
  }

  #fixed64(value: bigint): void {
    this.#fixed32(Number(value >> 32n));
    this.#fixed32(Number(value & LOW_32));
  }

  /** Makes room for `size` more bytes in front. */
  #room(size: number): void {
    if (this.#at >= size) return;
    const written = this.#written();
    const next = new Uint8Array(Math.max(2 * this.#out.length, 2 * (written + size)));
    next.set(this.#out.subarray(this.#at), next.length - written);
    this.#out = next;
    this.#at = next.length - written;
  }
}

/** A value that its field cannot hold: the caller's bug. */
function misfit(plan: MessagePlan, field: FieldPlan, value: unknown, wanted: string): Error {
  return new Error(`${plan.typeName}.${field.name}: ${String(value)} is not ${wanted}`);
}

function uint32(plan: MessagePlan, field: FieldPlan, value: unknown): number {
  if (typeof value !== "number" || value >>> 0 !== value) throw misfit(plan, field, value, "a uint32");
  return value;
}

function int32(plan: MessagePlan, field: FieldPlan, value: unknown): number {
  if (typeof value !== "number" || (value | 0) !== value) throw misfit(plan, field, value, "an int32");
  return value;
}

function uint64(plan: MessagePlan, field: FieldPlan, value: unknown): bigint {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) throw misfit(plan, field, value, "a uint64");
  return value;
}

function int64(plan: MessagePlan, field: FieldPlan, value: unknown): bigint {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) throw misfit(plan, field, value, "an int64");
  return value;
}
