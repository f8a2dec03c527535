import { invalidParams } from "./errors.js";

/** How one parameter is read from JSON and from a URL. Both throw RpcError -32602 for anything not exactly right. */
export interface Param<T> {
  fromJson(value: unknown, name: string): T;
  fromUri(text: string, name: string): T;
}

export type ParamSpecs = Readonly<Record<string, Param<unknown>>>;
/** Absent parameters are undefined; each method has its defaults. */
export type ParamValues<P extends ParamSpecs> = { readonly [K in keyof P]?: P[K] extends Param<infer T> ? T : never };

const INT64 = /^-?(?:0|[1-9]\d{0,18})$/;

export const text: Param<string> = {
  fromJson: (value, name) => {
    if (typeof value !== "string") throw invalidParams(`${name} must be a string`);
    return value;
  },
  fromUri: (raw, name) => unquote(raw) ?? fail(`${name} must be in double quotes`),
};

/** Decimal strings and bare numbers both are at home here. */
export const integer: Param<bigint> = {
  fromJson: (value, name) => {
    if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
    if (typeof value === "string" && INT64.test(value)) return int64(value, name);
    throw invalidParams(`${name} must be a 64-bit integer`);
  },
  fromUri: (raw, name) => {
    const digits = unquote(raw) ?? raw;
    if (!INT64.test(digits)) throw invalidParams(`${name} must be a 64-bit integer`);
    return int64(digits, name);
  },
};

export const flag: Param<boolean> = {
  fromJson: (value, name) => {
    if (typeof value !== "boolean") throw invalidParams(`${name} must be true or false`);
    return value;
  },
  fromUri: (raw, name) => {
    if (raw !== "true" && raw !== "false") throw invalidParams(`${name} must be true or false`);
    return raw === "true";
  },
};

/** Bytes whose JSON form is hex. */
export const hexBytes: Param<Uint8Array> = {
  fromJson: (value, name) => {
    if (typeof value !== "string") throw invalidParams(`${name} must be a hex string`);
    return fromHex(value) ?? fail(`${name} is not hex`);
  },
  fromUri: uriBytes,
};

/** Bytes whose JSON form is base64. */
export const base64Bytes: Param<Uint8Array> = {
  fromJson: (value, name) => {
    if (typeof value !== "string") throw invalidParams(`${name} must be a base64 string`);
    const bytes = Buffer.from(value, "base64");
    if (bytes.toString("base64") !== value) throw invalidParams(`${name} is not canonical base64`);
    return bytes;
  },
  fromUri: uriBytes,
};

/** An object with known and unknown keys, or an array of exactly the method's parameters. */
export function paramsFromJson(specs: ParamSpecs, given: unknown): Record<string, unknown> {
  const names = Object.keys(specs);
  if (given === undefined || given === null) return {};
  if (Array.isArray(given)) {
    if (given.length !== names.length) throw invalidParams(`expected ${names.length} parameters (${names.join(", ")}), got ${given.length}`);
    return read(specs, names.map((name, index) => [name, given[index] as unknown]));
  }
  if (typeof given !== "object") throw invalidParams("params must be an object or an array");
  return read(specs, names.filter((name) => Object.hasOwn(given, name)).map((name) => [name, (given as Record<string, unknown>)[name]]));
}

export function paramsFromUri(specs: ParamSpecs, query: URLSearchParams): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const raw = query.get(name);
    if (raw !== null && raw !== "") values[name] = spec.fromUri(raw, name);
  }
  return values;
}

function read(specs: ParamSpecs, given: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, value] of given) {
    if (value !== null && value !== undefined) values[name] = specs[name]!.fromJson(value, name);
  }
  return values;
}

function uriBytes(raw: string, name: string): Uint8Array {
  if (raw.startsWith("0x")) return fromHex(raw.slice(2)) ?? fail(`${name} is not hex`);
  const quoted = unquote(raw);
  return quoted === undefined ? fail(`${name} must be 0x-hex or in double quotes`) : Buffer.from(quoted, "utf8");
}

function int64(digits: string, name: string): bigint {
  const value = BigInt(digits);
  if (BigInt.asIntN(64, value) !== value) throw invalidParams(`${name} must be a 64-bit integer`);
  return value;
}

function fromHex(hex: string): Uint8Array | undefined {
  return /^(?:[0-9a-fA-F]{2})*$/.test(hex) ? Buffer.from(hex, "hex") : undefined;
}

function unquote(raw: string): string | undefined {
  return raw.length >= 2 && raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : undefined;
}

function fail(what: string): never {
  throw invalidParams(what);
}
