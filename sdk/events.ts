import { type DescField, type DescMessage, type MessageInitShape, ScalarType, create } from "@bufbuild/protobuf";
import { bytesToHex } from "@noble/hashes/utils.js";

export interface EventAttribute {
  readonly key: string;
  readonly value: string;
}

/** One ABCI event. nil.* events carry the full proto name as type; cosmos.* modules emit the SDK's legacy types. */
export interface Event {
  readonly type: string;
  readonly attributes: readonly EventAttribute[];
}

export function legacyEvent(type: string, attributes: Readonly<Record<string, string>>): Event {
  return { type, attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })) };
}

/** Turns an event message into attributes: plain strings, bytes as 0x-hex, enums by name, repeated joined by ",". */
export function typedEvent<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Event {
  const message = create(schema, init) as unknown as Record<string, unknown>;
  return {
    type: schema.typeName,
    attributes: schema.fields.map((field) => ({ key: field.name, value: fieldText(field, message[field.localName]) })),
  };
}

function fieldText(field: DescField, value: unknown): string {
  if (field.fieldKind === "list") {
    return (value as unknown[]).map((each) => elementText(field, each)).join(",");
  }
  return elementText(field, value);
}

function elementText(field: DescField, value: unknown): string {
  if (field.fieldKind === "message" || field.fieldKind === "map" || (field.fieldKind === "list" && field.listKind === "message")) {
    throw new Error(`event field ${field.parent.typeName}.${field.name}: events hold scalars only`);
  }
  if (field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum")) {
    return field.enum.values.find((each) => each.number === value)?.name ?? String(value);
  }
  if (field.scalar === ScalarType.BYTES) return `0x${bytesToHex(value as Uint8Array)}`;
  return String(value);
}
