import { type DescField, type DescMessage, type Message, type MessageShape, ScalarType, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { JsonError, type JsonNode } from "./text.js";

/** Resolves the type of an Any's "@type". */
export type AnyTypes = (typeUrl: string) => DescMessage | undefined;

const MAX_SAFE = 9_007_199_254_740_991n;

/** Proto JSON → message, strictly: snake_case names, no unknown field, no null. Throws JsonError with the path. */
export function messageFromJson<D extends DescMessage>(desc: D, node: JsonNode, path: string, types: AnyTypes): MessageShape<D> {
  if (node.kind !== "object") throw new JsonError(path, `expected an object (${desc.typeName})`);
  if (desc.typeName === AnySchema.typeName) return anyFromJson(node, path, types) as unknown as MessageShape<D>;
  const byName = new Map(desc.fields.map((field) => [field.name, field]));
  const message = create(desc);
  for (const [name, value] of node.fields) {
    const field = byName.get(name);
    const at = join(path, name);
    if (!field) throw new JsonError(at, `${desc.typeName} has no such field`);
    assign(message, field, fieldFromJson(field, value, at, types));
  }
  return message;
}

/** Message → proto JSON with every field, snake_case, 64-bit integers as strings, bytes in base64. */
export function messageToJson(desc: DescMessage, message: Message, types: AnyTypes): JsonNode {
  if (desc.typeName === AnySchema.typeName) return anyToJson(message as unknown as Any, types);
  const fields = new Map<string, JsonNode>();
  for (const field of desc.fields) {
    const value = read(message, field);
    if (value !== undefined) fields.set(field.name, fieldToJson(field, value, types));
  }
  return { kind: "object", fields };
}

function fieldFromJson(field: DescField, node: JsonNode, path: string, types: AnyTypes): unknown {
  if (field.fieldKind === "list") {
    if (node.kind !== "array") throw new JsonError(path, "expected an array");
    return node.items.map((item, i) => elementFromJson(field, item, `${path}[${i}]`, types));
  }
  return elementFromJson(field, node, path, types);
}

function elementFromJson(field: DescField, node: JsonNode, path: string, types: AnyTypes): unknown {
  if (field.message !== undefined && field.fieldKind !== "map") return messageFromJson(field.message, node, path, types);
  if (field.enum !== undefined && field.fieldKind !== "map") {
    const known = node.kind === "string" ? field.enum.values.find((each) => each.name === node.value) : undefined;
    if (!known) throw new JsonError(path, `expected the name of a ${field.enum.typeName}`);
    return known.number;
  }
  return scalarFromJson(scalarOf(field), node, path);
}

function scalarFromJson(scalar: ScalarType, node: JsonNode, path: string): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      if (node.kind !== "string") throw new JsonError(path, "expected a string");
      return node.value;
    case ScalarType.BOOL:
      if (node.kind !== "bool") throw new JsonError(path, "expected true or false");
      return node.value;
    case ScalarType.BYTES:
      if (node.kind !== "string") throw new JsonError(path, "expected base64 in a string");
      return bytesFromJson(node.value, path);
    case ScalarType.UINT64:
      return integerFromJson(node, path, 0n, (1n << 64n) - 1n);
    case ScalarType.INT64:
    case ScalarType.SINT64:
      return integerFromJson(node, path, -(1n << 63n), (1n << 63n) - 1n);
    case ScalarType.UINT32:
      return Number(integerFromJson(node, path, 0n, (1n << 32n) - 1n));
    case ScalarType.INT32:
    case ScalarType.SINT32:
      return Number(integerFromJson(node, path, -(1n << 31n), (1n << 31n) - 1n));
    default:
      throw new JsonError(path, "a field of this type has no place in state");
  }
}

/** A canonical decimal; a bare number only while every reader would keep it exact. */
function integerFromJson(node: JsonNode, path: string, min: bigint, max: bigint): bigint {
  const literal = node.kind === "string" ? node.value : node.kind === "number" ? node.literal : "";
  if (!/^(?:0|-?[1-9][0-9]{0,19})$/.test(literal)) throw new JsonError(path, "expected a whole number");
  const value = BigInt(literal);
  if (node.kind === "number" && (value > MAX_SAFE || value < -MAX_SAFE)) {
    throw new JsonError(path, `write ${literal} as a string: a bare number above 2^53 loses digits`);
  }
  if (value < min || value > max) throw new JsonError(path, `${literal} is outside ${min}..${max}`);
  return value;
}

function bytesFromJson(value: string, path: string): Uint8Array {
  const refused = new JsonError(path, "expected base64 with padding");
  let bytes: Uint8Array;
  try {
    bytes = base64Decode(value);
  } catch {
    throw refused;
  }
  // The decoder also takes the URL alphabet and missing padding.
  if (base64Encode(bytes) !== value) throw refused;
  return bytes;
}

function anyFromJson(node: JsonNode & { kind: "object" }, path: string, types: AnyTypes): Any {
  const type = node.fields.get("@type");
  if (type?.kind !== "string") throw new JsonError(join(path, "@type"), "expected a type URL");
  const desc = types(type.value);
  if (!desc) throw new JsonError(join(path, "@type"), `unknown type ${type.value}`);
  const fields = new Map([...node.fields].filter(([name]) => name !== "@type"));
  const inner = messageFromJson(desc, { kind: "object", fields }, path, types);
  return create(AnySchema, { typeUrl: type.value, value: toBinary(desc, inner) });
}

function anyToJson(any: Any, types: AnyTypes): JsonNode {
  const desc = types(any.typeUrl);
  if (!desc) throw new Error(`no schema for ${any.typeUrl}`);
  const inner = messageToJson(desc, fromBinary(desc, any.value), types) as JsonNode & { kind: "object" };
  return { kind: "object", fields: new Map<string, JsonNode>([["@type", { kind: "string", value: any.typeUrl }], ...inner.fields]) };
}

function fieldToJson(field: DescField, value: unknown, types: AnyTypes): JsonNode {
  if (field.fieldKind === "list") {
    return { kind: "array", items: (value as unknown[]).map((each) => elementToJson(field, each, types)) };
  }
  return elementToJson(field, value, types);
}

function elementToJson(field: DescField, value: unknown, types: AnyTypes): JsonNode {
  if (field.message !== undefined && field.fieldKind !== "map") return messageToJson(field.message, value as Message, types);
  if (field.enum !== undefined && field.fieldKind !== "map") {
    const name = field.enum.values.find((each) => each.number === value)?.name;
    if (name === undefined) throw new Error(`${field.enum.typeName} has no value ${String(value)}`);
    return { kind: "string", value: name };
  }
  if (typeof value === "string") return { kind: "string", value };
  if (typeof value === "bigint") return { kind: "string", value: value.toString() };
  if (typeof value === "boolean") return { kind: "bool", value };
  if (value instanceof Uint8Array) return { kind: "string", value: base64Encode(value) };
  return { kind: "number", literal: String(value) };
}

function scalarOf(field: DescField): ScalarType {
  if (field.fieldKind === "map" || field.scalar === undefined) throw new Error(`${field.parent.typeName}.${field.name}: maps have no place in state`);
  return field.scalar;
}

function read(message: Message, field: DescField): unknown {
  if (!field.oneof) return (message as unknown as Record<string, unknown>)[field.localName];
  const choice = (message as unknown as Record<string, { case?: string; value?: unknown }>)[field.oneof.localName];
  return choice?.case === field.localName ? choice.value : undefined;
}

function assign(message: Message, field: DescField, value: unknown): void {
  const target = message as unknown as Record<string, unknown>;
  if (field.oneof) target[field.oneof.localName] = { case: field.localName, value };
  else target[field.localName] = value;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
