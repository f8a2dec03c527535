import { type DescEnum, type DescField, type DescMessage, type JsonValue, type MessageShape, ScalarType, create, fromJson } from "@bufbuild/protobuf";
import { parseProfile } from "nild/nilfs";
import { usageError } from "./output.js";

/** Command-line spellings of protobuf fields: flags, help and parsing come from the descriptor, never by hand. */
export const flagOf = (field: DescField): string => field.name.replaceAll("_", "-");

const COIN = "cosmos.base.v1beta1.Coin";
const PROFILE = "nil.nilfs.v1.Profile";

/** What the help shows for a value of this field. */
export function placeholderOf(field: DescField): string {
  const one = elementPlaceholder(field);
  return field.fieldKind === "list" ? `${one},…` : one;
}

function elementPlaceholder(field: DescField): string {
  const message = messageOf(field);
  if (message?.typeName === COIN) return "100unil";
  if (message?.typeName === PROFILE) return "8+4";
  if (message) return "json";
  if (enumOf(field)) return "name";
  switch (scalarOf(field)) {
    case ScalarType.BOOL:
      return "true|false";
    case ScalarType.BYTES:
      return "0xhex";
    case ScalarType.STRING:
      return "string";
    default:
      return "n";
  }
}

/** Builds a message from flag texts; unknown flags were refused by the parser before. */
export function messageFrom<D extends DescMessage>(schema: D, texts: ReadonlyMap<string, string>): MessageShape<D> {
  const message = create(schema) as unknown as Record<string, unknown>;
  for (const field of schema.fields) {
    const text = texts.get(field.name);
    if (text === undefined) continue;
    message[field.localName] = field.fieldKind === "list" ? parseList(field, text) : parseElement(field, text);
  }
  return message as unknown as MessageShape<D>;
}

function parseList(field: DescField, text: string): unknown[] {
  if (text === "") return [];
  if (text.startsWith("[")) {
    const items = parseJson(field, text);
    if (!Array.isArray(items)) throw usageError(`--${flagOf(field)} wants a JSON array`);
    return items.map((item) => (typeof item === "string" ? parseElement(field, item) : parseElement(field, JSON.stringify(item))));
  }
  return text.split(",").map((part) => parseElement(field, part));
}

function parseElement(field: DescField, text: string): unknown {
  const message = messageOf(field);
  if (message) return parseMessage(field, message, text);
  const names = enumOf(field);
  if (names) return parseEnum(field, names, text);
  return parseScalar(field, scalarOf(field), text);
}

function parseMessage(field: DescField, message: DescMessage, text: string): unknown {
  if (message.typeName === COIN && !text.startsWith("{")) {
    const match = /^(0|[1-9][0-9]{0,77})([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/.exec(text);
    if (!match) throw usageError(`--${flagOf(field)}: "${text}" is not an amount with its denom`, "write it like 100unil");
    return create(message, { amount: match[1], denom: match[2] } as never);
  }
  if (message.typeName === PROFILE && !text.startsWith("{")) {
    return create(message, { ...parseProfile(text), code: 1 } as never);
  }
  try {
    return fromJson(message, parseJson(field, text));
  } catch (error) {
    throw usageError(`--${flagOf(field)}: ${(error as Error).message}`, `give the JSON of a ${message.typeName}`);
  }
}

function parseJson(field: DescField, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw usageError(`--${flagOf(field)} is not JSON: ${(error as Error).message}`);
  }
}

/** Accepts the full name, the part behind the enum's prefix in any case, or the number. */
function parseEnum(field: DescField, names: DescEnum, text: string): number {
  const wanted = text.toUpperCase();
  const prefix = names.sharedPrefix?.toUpperCase() ?? "";
  const found = names.values.find(({ name, number }) => name === wanted || name === prefix + wanted || String(number) === text);
  if (!found) {
    throw usageError(`--${flagOf(field)}: "${text}" is no ${names.name}`, `one of ${names.values.map(({ name }) => name).join(", ")}`);
  }
  return found.number;
}

function parseScalar(field: DescField, scalar: ScalarType | undefined, text: string): unknown {
  const flag = `--${flagOf(field)}`;
  switch (scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      if (text !== "true" && text !== "false") throw usageError(`${flag} is true or false, not "${text}"`);
      return text === "true";
    case ScalarType.BYTES:
      return parseHex(flag, text);
    case ScalarType.UINT32:
      return Number(parseInteger(flag, text, 0xffff_ffffn));
    case ScalarType.UINT64:
      return parseInteger(flag, text, (1n << 64n) - 1n);
    case ScalarType.INT32:
      return Number(parseInteger(flag, text, 0x7fff_ffffn));
    case ScalarType.INT64:
      return parseInteger(flag, text, (1n << 63n) - 1n);
    default:
      throw usageError(`${flag} has a type that the command line does not take`);
  }
}

export function parseInteger(flag: string, text: string, max: bigint): bigint {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text) || BigInt(text) > max) {
    throw usageError(`${flag} is a whole number from 0 to ${max}, not "${text}"`);
  }
  return BigInt(text);
}

export function parseHex(flag: string, text: string): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) throw usageError(`${flag} is 0x-hex, not "${text}"`, "two hex digits a byte, behind 0x");
  return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
}

const messageOf = (field: DescField): DescMessage | undefined =>
  field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message") ? field.message : undefined;
const enumOf = (field: DescField): DescEnum | undefined =>
  field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum") ? field.enum : undefined;
const scalarOf = (field: DescField): ScalarType | undefined =>
  field.fieldKind === "scalar" || (field.fieldKind === "list" && field.listKind === "scalar") ? field.scalar : undefined;
