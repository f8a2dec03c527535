import { NodeError } from "../errors.js";

/** One setting: its default, what it is for, and how a value is checked. */
export interface Field<T> {
  readonly kind: "field";
  readonly initial: T;
  readonly comment: string;
  /** Returns why the value is refused, or undefined. */
  readonly fault: (value: unknown) => string | undefined;
}

export type Fields = { readonly [name: string]: Field<unknown> | Fields };
export type Values<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : F[K] extends Fields ? Values<F[K]> : never;
};

export function text(initial: string, comment: string, pattern?: RegExp, what = "text"): Field<string> {
  const fault = (value: unknown): string | undefined => (typeof value === "string" && (pattern?.test(value) ?? true) ? undefined : `must be ${what}`);
  return { kind: "field", initial, comment, fault };
}

export function choice<const T extends string>(initial: T, options: readonly T[], comment: string): Field<T> {
  const fault = (value: unknown): string | undefined => (options.some((each) => each === value) ? undefined : `must be one of ${options.join(", ")}`);
  return { kind: "field", initial, comment: `${comment} One of ${options.join(", ")}.`, fault };
}

export function flag(initial: boolean, comment: string): Field<boolean> {
  return { kind: "field", initial, comment, fault: (value) => (typeof value === "boolean" ? undefined : "must be true or false") };
}

export function integer(initial: number, min: number, max: number, comment: string): Field<number> {
  const fault = (value: unknown): string | undefined =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max ? undefined : `must be a whole number from ${min} to ${max}`;
  return { kind: "field", initial, comment, fault };
}

export function list(initial: readonly string[], comment: string): Field<readonly string[]> {
  const fault = (value: unknown): string | undefined => (Array.isArray(value) && value.every((each) => typeof each === "string") ? undefined : "must be a list of strings");
  return { kind: "field", initial, comment, fault };
}

/** HOST:PORT, optionally after tcp://. */
export function address(initial: string, comment: string): Field<string> {
  return { kind: "field", initial, comment, fault: (value) => (typeof value === "string" && parseAddress(value) !== undefined ? undefined : "must be HOST:PORT with a port from 0 to 65535") };
}

export function parseAddress(value: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:tcp:\/\/)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(value);
  const port = Number(match?.[2]);
  return match === null || port > 65_535 ? undefined : { host: match[1]!.replace(/^\[(.*)\]$/, "$1"), port };
}

/** Defaults where the file is silent; an unknown key or a wrong value is an error that names the key. */
export function readValues<F extends Fields>(fields: F, given: unknown, source: string, prefix = ""): Values<F> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new NodeError("config.wrong_type", `${source}: ${prefix.slice(0, -1) || "the file"} must be a table`);
  const table = new Map<string, unknown>(Object.entries(given));
  for (const name of table.keys()) {
    if (!Object.hasOwn(fields, name)) throw new NodeError("config.unknown_key", `${source}: unknown key ${prefix}${name}`, "remove it, or check its spelling");
  }
  const values = Object.entries(fields).map(([name, field]) => [name, readValue(field, table.get(name), source, prefix + name)]);
  return Object.fromEntries(values) as Values<F>;
}

function readValue(field: Field<unknown> | Fields, value: unknown, source: string, path: string): unknown {
  if (!isField(field)) return readValues(field, value ?? {}, source, `${path}.`);
  if (value === undefined) return field.initial;
  const fault = field.fault(value);
  if (fault !== undefined) throw new NodeError("config.wrong_value", `${source}: ${path} ${fault}, not ${JSON.stringify(value)?.slice(0, 80)}`);
  return value;
}

/** The file's text: every key with its comment. Plain keys come before tables, as TOML wants. */
export function writeValues<F extends Fields>(fields: F, values: Values<F>, prefix = ""): string {
  const plain: string[] = [];
  const tables: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const value = (values as Record<string, unknown>)[name];
    if (isField(field)) plain.push(`# ${field.comment}\n${name} = ${JSON.stringify(value)}\n`);
    else tables.push(`\n[${prefix}${name}]\n${writeValues(field, value as Values<Fields>, `${prefix}${name}.`)}`);
  }
  return plain.join("") + tables.join("");
}

function isField(field: Field<unknown> | Fields): field is Field<unknown> {
  return "kind" in field && field.kind === "field";
}
