import { type DescField, type DescMessage, ScalarType, getOption } from "@bufbuild/protobuf";
import { accepts_interface as acceptsInterface } from "nild/gen/cosmos_proto/cosmos_pb.js";

/*
 * A plan is a message descriptor compiled for the strict codec: fields in wire order, each with its one right tag.
 * What has no canonical form in proto3 (maps, floats, groups) cannot be compiled, and so cannot enter consensus.
 */

/** Wire types of protobuf that are in use; groups (3, 4) are refused. */
export const WIRE = { Varint: 0, Bit64: 1, Bytes: 2, Bit32: 5 } as const;

/** Numbered as in FieldDescriptorProto.Type. */
export const FIELD = {
  Int64: 3,
  UInt64: 4,
  Int32: 5,
  Fixed64: 6,
  Fixed32: 7,
  Bool: 8,
  String: 9,
  Message: 11,
  Bytes: 12,
  UInt32: 13,
  Enum: 14,
  SFixed32: 15,
  SFixed64: 16,
  SInt32: 17,
  SInt64: 18,
} as const;
export type FieldType = (typeof FIELD)[keyof typeof FIELD];

export interface FieldPlan {
  readonly number: number;
  /** Property of the message object, or the case of its oneof. */
  readonly name: string;
  readonly type: FieldType;
  /** Wire type of one element. */
  readonly wire: number;
  /** The tag as it stands on the wire. */
  readonly tag: number;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** Absent means the default value, and the default value is never written. */
  readonly implicit: boolean;
  readonly oneof: string | undefined;
  /** Plan of a message field. */
  readonly message: MessagePlan | undefined;
  /** Interface whose types an Any may hold (`cosmos_proto.accepts_interface`); undefined: its value is left opaque. */
  readonly anyRole: string | undefined;
}

export interface MessagePlan {
  readonly desc: DescMessage;
  readonly typeName: string;
  /** Ascending by number. */
  readonly fields: readonly FieldPlan[];
  /** What protobuf-es's `create(desc)` gives, to be copied; its lists and oneofs are fresh in every copy. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly lists: readonly string[];
  readonly oneofs: readonly string[];
  readonly isAny: boolean;
}

/** Whether a scalar `value` is what a field without it has. */
export function isDefault(field: FieldPlan, value: unknown): boolean {
  if (field.type === FIELD.Bytes) return (value as Uint8Array).length === 0;
  return value === 0 || value === "" || value === 0n || value === false;
}

const PROTO3 = 999;
const IMPLICIT_PRESENCE = 2;
const ANY = "google.protobuf.Any";
/** Well-known types that protobuf-es gives another shape when they are fields. */
const RESHAPED = /^google\.protobuf\.(Struct|Value|ListValue|(Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value)$/;

/** Compiles `desc` and all that it holds, into and from `known`. Throws for what has no canonical form. */
export function compilePlan(desc: DescMessage, known: Map<DescMessage, MessagePlan>): MessagePlan {
  const added = new Map<DescMessage, MessagePlan>();
  const pending: { desc: DescMessage; fields: FieldPlan[] }[] = [];
  const planOf = (inner: DescMessage): MessagePlan => {
    const existing = known.get(inner) ?? added.get(inner);
    if (existing) return existing;
    assertCanonical(inner);
    const fields: FieldPlan[] = [];
    const plan: MessagePlan = { desc: inner, typeName: inner.typeName, fields, ...zeroMessage(inner), isAny: inner.typeName === ANY };
    added.set(inner, plan);
    pending.push({ desc: inner, fields });
    return plan;
  };
  const plan = planOf(desc);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    next.fields.push(...next.desc.fields.map((field) => fieldPlan(field, planOf)).sort((a, b) => a.number - b.number));
  }
  for (const [inner, compiled] of added) known.set(inner, compiled);
  return plan;
}

/** The first Any field below `plan` whose role nobody declared, as "package.Message.field"; undefined if there is none. */
export function undeclaredAny(plan: MessagePlan): string | undefined {
  const seen = new Set<MessagePlan>([plan]);
  for (const each of seen) {
    for (const field of each.fields) {
      if (field.message?.isAny && field.anyRole === undefined) return `${each.typeName}.${field.name}`;
      if (field.message && !field.message.isAny) seen.add(field.message);
    }
  }
  return undefined;
}

function assertCanonical(desc: DescMessage): undefined {
  if ((desc.file.edition as number) !== PROTO3) throw new Error(`${desc.typeName}: only proto3 messages have a strict codec`);
  if (RESHAPED.test(desc.typeName)) throw new Error(`${desc.typeName} has no strict codec`);
}

function fieldPlan(field: DescField, planOf: (desc: DescMessage) => MessagePlan): FieldPlan {
  const where = `${field.parent.typeName}.${field.name}`;
  if (field.fieldKind === "map") throw new Error(`${where}: maps have no canonical order`);
  const kind = field.fieldKind === "list" ? field.listKind : field.fieldKind;
  if (kind === "message" && "delimitedEncoding" in field && field.delimitedEncoding) throw new Error(`${where}: groups are not supported`);
  const type = kind === "message" ? FIELD.Message : kind === "enum" ? FIELD.Enum : scalarType(field.scalar!, where);
  if ((type === FIELD.Int64 || type === FIELD.UInt64) && "longAsString" in field && field.longAsString) {
    throw new Error(`${where}: 64-bit integers are bigint here, drop jstype`);
  }
  const wire = wireOf(type);
  const packed = field.fieldKind === "list" && field.packed;
  const role = getOption(field, acceptsInterface);
  return {
    number: field.number,
    name: field.localName,
    type,
    wire,
    tag: ((field.number << 3) | (packed ? WIRE.Bytes : wire)) >>> 0,
    repeated: field.fieldKind === "list",
    packed,
    implicit: field.fieldKind !== "list" && field.oneof === undefined && (field.presence as number) === IMPLICIT_PRESENCE,
    oneof: field.oneof?.localName,
    message: field.message ? planOf(field.message) : undefined,
    anyRole: field.message?.typeName === ANY && role !== "" ? role : undefined,
  };
}

function scalarType(scalar: ScalarType, where: string): FieldType {
  if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT) throw new Error(`${where}: floats have no place in consensus`);
  return scalar as number as FieldType;
}

function wireOf(type: FieldType): number {
  switch (type) {
    case FIELD.Fixed64:
    case FIELD.SFixed64:
      return WIRE.Bit64;
    case FIELD.Fixed32:
    case FIELD.SFixed32:
      return WIRE.Bit32;
    case FIELD.String:
    case FIELD.Bytes:
    case FIELD.Message:
      return WIRE.Bytes;
    default:
      return WIRE.Varint;
  }
}

/** A zero-length array cannot be written to, so one serves all. */
const NO_BYTES = new Uint8Array(0);

function zeroMessage(desc: DescMessage): Pick<MessagePlan, "template" | "lists" | "oneofs"> {
  const template: Record<string, unknown> = { $typeName: desc.typeName };
  const lists: string[] = [];
  const oneofs: string[] = [];
  for (const member of desc.members) {
    const name = member.localName;
    const single = member.kind !== "oneof" && member.fieldKind !== "list";
    if (single && (member.presence as number) !== IMPLICIT_PRESENCE) continue;
    // Lists and oneofs have their place too, so that all copies share one shape.
    template[name] = single ? zeroValue(member) : undefined;
    if (!single) (member.kind === "oneof" ? oneofs : lists).push(name);
  }
  return { template, lists, oneofs };
}

function zeroValue(field: DescField): unknown {
  if (field.fieldKind === "enum") return 0;
  switch (field.scalar) {
    case ScalarType.STRING:
      return "";
    case ScalarType.BYTES:
      return NO_BYTES;
    case ScalarType.BOOL:
      return false;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 0n;
    default:
      return 0;
  }
}
