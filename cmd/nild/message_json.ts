import { type DescField, type DescMessage, type Message, ScalarType, type Registry, createRegistry } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { BaseAccountSchema, ModuleAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { PubKeySchema as Ed25519Schema } from "nild/gen/cosmos/crypto/ed25519/keys_pb.js";
import { PubKeySchema as Secp256k1Schema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { SERVICES } from "./services.js";
import { type Json, toJsonValue } from "./output.js";

/** What an Any may hold when it is shown. */
const ANY_TYPES: Registry = createRegistry(
  BaseAccountSchema,
  ModuleAccountSchema,
  Ed25519Schema,
  Secp256k1Schema,
  ...SERVICES.flatMap(({ msg }) => (msg ? msg.methods.flatMap(({ input, output }) => [input, output]) : [])),
);

/** A message as commands show it: snake-case keys, all fields, 64-bit integers as strings, bytes 0x-hex, enums by name. */
export function messageJson<D extends DescMessage>(schema: D, message: Message): Json {
  const mirror = reflect(schema, message as never);
  const out: Record<string, Json> = {};
  for (const field of schema.fields) {
    const value = mirror.get(field) as unknown;
    out[field.name] = field.fieldKind === "message" && !mirror.isSet(field) ? null : fieldJson(field, value);
  }
  return out;
}

function fieldJson(field: DescField, value: unknown): Json {
  if (field.fieldKind === "list") return Array.from(value as Iterable<unknown>, (each) => elementJson(field, each));
  return elementJson(field, value);
}

function elementJson(field: DescField, value: unknown): Json {
  if (field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message")) {
    const message = (value as { message: Message }).message ?? (value as Message);
    return field.message.typeName === AnySchema.typeName ? anyJson(message as Any) : messageJson(field.message, message);
  }
  if (field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum")) {
    return field.enum.values.find(({ number }) => number === value)?.name ?? String(value);
  }
  if ("scalar" in field && (field.scalar === ScalarType.UINT64 || field.scalar === ScalarType.INT64)) return String(value);
  return toJsonValue(value);
}

function anyJson(any: Any): Json {
  const message = anyUnpack(any, ANY_TYPES);
  const schema = message && ANY_TYPES.getMessage(message.$typeName);
  if (!message || !schema) return { "@type": any.typeUrl, value: toJsonValue(any.value) };
  return { "@type": any.typeUrl, ...(messageJson(schema, message) as object) };
}
