import type { Message } from "@bufbuild/protobuf";
import { type SdkError, sdkErr } from "../errors.js";
import type { Encoder } from "./encode.js";
import { FIELD, type FieldPlan, type MessagePlan, WIRE, isDefault } from "./plan.js";
import { decodeUtf8 } from "./utf8.js";

/** Levels of messages and Anys, counted together from the outermost message. */
export const MAX_NESTING = 64;
/** Anys in one transaction or other outermost message. */
export const MAX_ANYS = 1000;

/** Counts Anys over all the decoding that one input causes. */
export interface DecodeBudget {
  anys: number;
}

/** Says what an Any may hold. */
export interface AnyResolver {
  /** Plan of the type that `typeUrl` names among the types of `role`, or undefined. */
  planOf(role: string, typeUrl: string): MessagePlan | undefined;
}

/** Fields with this bit in their number may be unknown to us where the caller says so (TxBody). */
const NON_CRITICAL_BIT = 1024;

type Fields = Record<string, unknown>;

/**
 * Decodes one input: bytes that are exactly what the encoder writes for some message, or sdk/2. One pass checks the
 * wire form and builds the message; re-encoding then has to give the same bytes. `bytes` fields are views of the
 * input. Work is linear in the input, and nesting is bounded by MAX_NESTING, so the recursion is too.
 */
export class StrictDecoder {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** The last varint or fixed-width value, as unsigned halves. */
  #low = 0;
  #high = 0;
  #skippedUnknown = false;

  constructor(
    bytes: Uint8Array,
    readonly anys: AnyResolver,
    readonly encoder: Encoder,
    readonly budget: DecodeBudget,
  ) {
    // Views of a Buffer would be Buffers.
    this.#bytes = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** `depth` is the level at which the message stands, from 1; `allowNonCritical` lets unknown fields 1024–2047 etc. pass. */
  decode(plan: MessagePlan, depth: number, allowNonCritical = false): Message {
    this.#skippedUnknown = false;
    return this.#root(plan, 0, this.#bytes.length, depth, allowNonCritical);
  }

  /** A message that stands for itself: the outermost, or an Any's. */
  #root(plan: MessagePlan, start: number, end: number, depth: number, allowNonCritical: boolean): Message {
    const after = this.#at;
    this.#at = start;
    const message = this.#message(plan, end, depth, allowNonCritical);
    if (!this.#skippedUnknown && !this.encoder.encodesTo(plan, message, this.#bytes, start, end)) {
      throw sdkErr.TxDecode(`${plan.typeName}: bytes are not in canonical form`);
    }
    this.#at = after;
    return message;
  }

  #message(plan: MessagePlan, end: number, depth: number, allowNonCritical: boolean): Message {
    if (depth > MAX_NESTING) throw sdkErr.TxDecode(`${plan.typeName}: nested deeper than ${MAX_NESTING} levels`);
    const message = zeroMessage(plan);
    const { fields } = plan;
    let next = 0;
    let last = 0;
    while (this.#at < end) {
      const tagAt = this.#at;
      this.#varint(plan, end);
      if (this.#high !== 0) throw this.#fault(plan, undefined, "tag is over 32 bits", tagAt);
      const tag = this.#low;
      const number = tag >>> 3;
      if (number === 0) throw this.#fault(plan, undefined, "field number 0", tagAt);
      if (number < last) throw this.#fault(plan, undefined, `field ${number} after field ${last}`, tagAt);
      while (next < fields.length && fields[next]!.number < number) next++;
      const field = fields[next];
      if (field === undefined || field.number !== number) {
        if (!allowNonCritical || (number & NON_CRITICAL_BIT) === 0) throw this.#fault(plan, undefined, `unknown field ${number}`, tagAt);
        this.#skip(plan, tag & 7, end);
      } else {
        if (tag !== field.tag) throw this.#fault(plan, field, `wire type ${tag & 7}, expected ${field.tag & 7}`, tagAt);
        if (number === last && (!field.repeated || field.packed)) throw this.#fault(plan, field, "given twice", tagAt);
        this.#field(plan, field, message, end, depth);
      }
      last = number;
    }
    if (plan.isAny) this.#countAny(plan);
    return message as unknown as Message;
  }

  #field(plan: MessagePlan, field: FieldPlan, message: Fields, end: number, depth: number): void {
    if (field.packed) {
      const list = message[field.name] as unknown[];
      const listEnd = this.#length(plan, field, end);
      if (listEnd === this.#at) throw this.#fault(plan, field, "empty packed list");
      while (this.#at < listEnd) list.push(this.#scalar(plan, field, listEnd));
      return;
    }
    const value = field.message ? this.#nested(plan, field, field.message, end, depth) : this.#scalar(plan, field, end);
    if (field.repeated) {
      (message[field.name] as unknown[]).push(value);
    } else if (field.oneof !== undefined) {
      if ((message[field.oneof] as { case: string | undefined }).case !== undefined) throw this.#fault(plan, field, `second member of ${field.oneof}`);
      message[field.oneof] = { case: field.name, value };
    } else {
      if (field.implicit && isDefault(field, value)) throw this.#fault(plan, field, "default value written out");
      message[field.name] = value;
    }
  }

  #nested(plan: MessagePlan, field: FieldPlan, inner: MessagePlan, end: number, depth: number): Message {
    const innerEnd = this.#length(plan, field, end);
    const message = this.#message(inner, innerEnd, depth + 1, false);
    if (field.anyRole !== undefined) this.#checkAny(plan, field, field.anyRole, message as unknown as AnyFields, depth + 1);
    return message;
  }

  /** What an Any of a declared role holds is held to the same rules. */
  #checkAny(plan: MessagePlan, field: FieldPlan, role: string, any: AnyFields, depth: number): void {
    const inner = this.anys.planOf(role, any.typeUrl);
    if (inner === undefined) throw this.#fault(plan, field, `"${any.typeUrl.slice(0, 80)}" is not a registered ${role}`);
    const start = any.value.length === 0 ? 0 : any.value.byteOffset - this.#bytes.byteOffset;
    this.#root(inner, start, start + any.value.length, depth + 1, false);
  }

  #countAny(plan: MessagePlan): void {
    this.budget.anys++;
    if (this.budget.anys > MAX_ANYS) throw this.#fault(plan, undefined, `more than ${MAX_ANYS} Anys`);
  }

  #scalar(plan: MessagePlan, field: FieldPlan, end: number): unknown {
    switch (field.type) {
      case FIELD.String: {
        const stop = this.#length(plan, field, end);
        const text = decodeUtf8(this.#bytes, this.#at, stop);
        if (text === undefined) throw this.#fault(plan, field, "not well-formed UTF-8");
        this.#at = stop;
        return text;
      }
      case FIELD.Bytes: {
        const stop = this.#length(plan, field, end);
        const view = this.#bytes.subarray(this.#at, stop);
        this.#at = stop;
        return view;
      }
      case FIELD.UInt64:
        this.#varint(plan, end);
        return unsigned64(this.#low, this.#high);
      case FIELD.Int64:
        this.#varint(plan, end);
        return signed64(this.#low, this.#high);
      case FIELD.SInt64: {
        this.#varint(plan, end);
        const zigzag = unsigned64(this.#low, this.#high);
        return (zigzag >> 1n) ^ -(zigzag & 1n);
      }
      case FIELD.UInt32:
        this.#varint32(plan, field, end);
        return this.#low;
      case FIELD.SInt32:
        this.#varint32(plan, field, end);
        return (this.#low >>> 1) ^ -(this.#low & 1);
      case FIELD.Int32:
      case FIELD.Enum:
        this.#varint(plan, end);
        if (this.#high !== (this.#low >= 0x80000000 ? 0xffffffff : 0)) throw this.#fault(plan, field, "over 32 bits");
        return this.#low | 0;
      case FIELD.Bool:
        this.#varint32(plan, field, end);
        if (this.#low > 1) throw this.#fault(plan, field, "a bool is 0 or 1");
        return this.#low === 1;
      case FIELD.Fixed32:
        return this.#fixed32(plan, field, end);
      case FIELD.SFixed32:
        return this.#fixed32(plan, field, end) | 0;
      case FIELD.Fixed64:
        this.#fixed64(plan, field, end);
        return unsigned64(this.#low, this.#high);
      case FIELD.SFixed64:
        this.#fixed64(plan, field, end);
        return signed64(this.#low, this.#high);
      case FIELD.Message:
        throw new Error("a message is not a scalar");
    }
  }

  /** Reads a length prefix and returns where its content ends. */
  #length(plan: MessagePlan, field: FieldPlan, end: number): number {
    const at = this.#at;
    this.#varint(plan, end);
    if (this.#high !== 0 || this.#low > end - this.#at) throw this.#fault(plan, field, "length runs past the end", at);
    return this.#at + this.#low;
  }

  #varint32(plan: MessagePlan, field: FieldPlan, end: number): void {
    this.#varint(plan, end);
    if (this.#high !== 0) throw this.#fault(plan, field, "over 32 bits");
  }

  /** Shortest form only, at most 64 bits; into #low and #high. */
  #varint(plan: MessagePlan, end: number): void {
    const bytes = this.#bytes;
    const start = this.#at;
    let low = 0;
    let high = 0;
    for (let i = 0; ; i++) {
      if (start + i >= end) throw this.#fault(plan, undefined, "ends inside a varint", start);
      const byte = bytes[start + i]!;
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (i < 9) high |= bits << (7 * i - 32);
      else if (byte > 1) throw this.#fault(plan, undefined, "varint over 64 bits", start);
      else high |= bits << 31;
      if (byte >= 0x80) continue;
      if (byte === 0 && i > 0) throw this.#fault(plan, undefined, "varint is not in its shortest form", start);
      this.#low = low >>> 0;
      this.#high = high >>> 0;
      this.#at = start + i + 1;
      return;
    }
  }

  #fixed32(plan: MessagePlan, field: FieldPlan, end: number): number {
    const at = this.#at;
    if (end - at < 4) throw this.#fault(plan, field, "ends inside a fixed-width value");
    const bytes = this.#bytes;
    this.#at = at + 4;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  #fixed64(plan: MessagePlan, field: FieldPlan, end: number): void {
    this.#low = this.#fixed32(plan, field, end);
    this.#high = this.#fixed32(plan, field, end);
  }

  /** Steps over an unknown field, still in strict form. */
  #skip(plan: MessagePlan, wire: number, end: number): void {
    this.#skippedUnknown = true;
    if (wire === WIRE.Varint) return this.#varint(plan, end);
    let size: number;
    if (wire === WIRE.Bytes) {
      this.#varint(plan, end);
      size = this.#high === 0 ? this.#low : Number.MAX_SAFE_INTEGER;
    } else if (wire === WIRE.Bit64 || wire === WIRE.Bit32) {
      size = wire === WIRE.Bit64 ? 8 : 4;
    } else {
      throw this.#fault(plan, undefined, `wire type ${wire}`);
    }
    if (size > end - this.#at) throw this.#fault(plan, undefined, "length runs past the end");
    this.#at += size;
  }

  #fault(plan: MessagePlan, field: FieldPlan | undefined, what: string, at = this.#at): SdkError {
    return sdkErr.TxDecode(`${plan.typeName}${field ? `.${field.name}` : ""}: ${what} (byte ${at})`);
  }
}

interface AnyFields {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** What protobuf-es's `create(desc)` gives. */
function zeroMessage(plan: MessagePlan): Fields {
  const message = { ...plan.template };
  for (const name of plan.lists) message[name] = [];
  for (const name of plan.oneofs) message[name] = { case: undefined };
  return message;
}

function unsigned64(low: number, high: number): bigint {
  // 2^53 fits a number exactly, and one conversion is cheaper than two.
  return high < 0x200000 ? BigInt(high * 0x100000000 + low) : (BigInt(high) << 32n) | BigInt(low);
}

function signed64(low: number, high: number): bigint {
  return high < 0x200000 ? BigInt(high * 0x100000000 + low) : BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}

