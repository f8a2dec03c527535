import { type DescEnum, type DescField, type DescMessage, type Message, ScalarType, create, getOption } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { accepts_interface as acceptsInterface } from "nild/gen/cosmos_proto/cosmos_pb.js";

/** A small seeded generator (xorshift32): the same seed gives the same messages everywhere. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  u64(): bigint {
    return this.pick([
      () => BigInt(this.below(3)),
      () => BigInt(this.below(0xffffffff)),
      () => (BigInt(this.below(0xffffffff)) << 32n) | BigInt(this.below(0xffffffff)),
      () => 2n ** 64n - 1n - BigInt(this.below(2)),
      () => 1n << BigInt(this.below(64)),
    ])();
  }
}

const TEXTS = ["", "unil", "nil1qqqq", "ü", "日本", "🦀 and 𝄞", "\uFEFFmark", "\uFFFD", "x".repeat(300), "é".repeat(200), "0", "\u0000"];

export interface RandomOptions {
  /** Sets every message field, so that encoders without absence agree. */
  readonly complete: boolean;
  /** Field names (full, "package.Message.field") to leave at their default. */
  readonly without?: ReadonlySet<string>;
  /** 64-bit integers to draw again. */
  readonly avoid?: (value: bigint) => boolean;
  /** What to put into an Any that declares its interface. */
  readonly any?: (role: string) => Any;
}

/** Below this level lists of messages stay empty; every recursive type recurs through a list. */
const MAX_DEPTH = 5;

/** A random message of any proto3 type without maps and floats. */
export function randomMessage(desc: DescMessage, random: Random, options: RandomOptions, depth = 1): Message {
  const init: Record<string, unknown> = {};
  for (const member of desc.members) {
    if (member.kind === "oneof") {
      const field = random.pick(options.complete ? member.fields : [undefined, ...member.fields]);
      if (field === undefined) continue;
      init[member.localName] = { case: field.localName, value: singular(field, random, options, depth) };
    } else if (!options.without?.has(`${desc.typeName}.${member.name}`)) {
      const value = fieldValue(member, random, options, depth);
      if (value !== undefined) init[member.localName] = value;
    }
  }
  return create(desc, init);
}

function fieldValue(field: DescField, random: Random, options: RandomOptions, depth: number): unknown {
  if (field.fieldKind === "list") {
    const length = field.message && depth >= MAX_DEPTH ? 0 : random.below(4);
    return Array.from({ length }, () => singular(field, random, options, depth));
  }
  if (field.fieldKind === "message" && !options.complete && random.below(3) === 0) return undefined;
  return singular(field, random, options, depth);
}

function singular(field: DescField, random: Random, options: RandomOptions, depth: number): unknown {
  const role = field.message?.typeName === "google.protobuf.Any" ? getOption(field, acceptsInterface) : "";
  if (role !== "" && options.any) return options.any(role);
  if (field.message) return randomMessage(field.message, random, options, depth + 1);
  if (field.enum) return enumValue(field.enum, random);
  let signed = BigInt.asIntN(64, random.u64());
  while (options.avoid?.(signed)) signed = BigInt.asIntN(64, random.u64());
  switch (field.scalar) {
    case ScalarType.STRING:
      return random.pick(TEXTS);
    case ScalarType.BYTES:
      return random.bytes(random.pick([0, 1, 20, 33, 200]));
    case ScalarType.BOOL:
      return random.below(2) === 1;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return BigInt.asUintN(64, signed);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return signed;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return Number(BigInt.asUintN(32, signed));
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return Number(BigInt.asIntN(32, signed));
    default:
      throw new Error(`${field.parent.typeName}.${field.name}: no random value for this kind of field`);
  }
}

function enumValue(desc: DescEnum, random: Random): number {
  return random.pick(desc.values).number;
}
