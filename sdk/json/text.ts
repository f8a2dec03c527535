/**
 * JSON as the chain reads and writes it: no duplicate keys, numbers kept as written, bounded nesting, keys in the
 * writer's order. The platform's parser drops duplicates and rounds numbers, so genesis does not go through it.
 */
export type JsonNode =
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, JsonNode> }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly literal: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "null" };

/** Where in a document something is wrong: `path` is like `bank.balances[3].coins`. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path === "" ? "document" : path}: ${reason}`);
  }
}

const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** A run of characters that need no escape. */
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** Parses one JSON document. Throws JsonError with the path reached. */
export function parseJson(bytes: Uint8Array): JsonNode {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError("", "not UTF-8");
  }
  return new Parser(text).document();
}

class Parser {
  #at = 0;
  constructor(readonly text: string) {}

  document(): JsonNode {
    const node = this.#value("", 0);
    this.#skip();
    if (this.#at !== this.text.length) this.#fail("", "text after the end of the document");
    return node;
  }

  #value(path: string, depth: number): JsonNode {
    if (depth > MAX_DEPTH) this.#fail(path, `nested deeper than ${MAX_DEPTH}`);
    this.#skip();
    const next = this.text[this.#at];
    if (next === "{") return this.#object(path, depth);
    if (next === "[") return this.#array(path, depth);
    if (next === '"') return { kind: "string", value: this.#string(path) };
    for (const [word, node] of WORDS) {
      if (this.text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return node;
      }
    }
    const literal = this.#match(NUMBER);
    if (literal === "") this.#fail(path, next === undefined ? "the document ends early" : `unexpected ${quote(next)}`);
    return { kind: "number", literal };
  }

  #object(path: string, depth: number): JsonNode {
    const fields = new Map<string, JsonNode>();
    this.#at += 1;
    if (this.#closes("}")) return { kind: "object", fields };
    do {
      this.#skip();
      if (this.text[this.#at] !== '"') this.#fail(path, "expected a key in double quotes");
      const key = this.#string(path);
      const inner = path === "" ? key : `${path}.${key}`;
      if (fields.has(key)) this.#fail(inner, "the key occurs twice");
      this.#skip();
      if (this.text[this.#at] !== ":") this.#fail(inner, "expected a colon");
      this.#at += 1;
      fields.set(key, this.#value(inner, depth + 1));
    } while (this.#separates("}", path));
    return { kind: "object", fields };
  }

  #array(path: string, depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at += 1;
    if (this.#closes("]")) return { kind: "array", items };
    do items.push(this.#value(`${path}[${items.length}]`, depth + 1));
    while (this.#separates("]", path));
    return { kind: "array", items };
  }

  #string(path: string): string {
    this.#at += 1;
    const parts: string[] = [];
    for (;;) {
      parts.push(this.#match(PLAIN));
      const stop = this.text[this.#at];
      this.#at += 1;
      if (stop === '"') break;
      if (stop !== "\\") this.#fail(path, "a string is not closed or holds a control character");
      parts.push(this.#escape(path));
    }
    const value = parts.join("");
    if (/[\ud800-\udfff]/u.test(value)) this.#fail(path, "a string holds half of a surrogate pair");
    return value;
  }

  #escape(path: string): string {
    const letter = this.text[this.#at] ?? "";
    this.#at += 1;
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) return plain;
    const hex = this.text.slice(this.#at, this.#at + 4);
    if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail(path, "bad escape in a string");
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #closes(end: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== end) return false;
    this.#at += 1;
    return true;
  }

  #separates(end: string, path: string): boolean {
    if (this.#closes(end)) return false;
    if (this.text[this.#at] !== ",") this.#fail(path, `expected "," or "${end}"`);
    this.#at += 1;
    return true;
  }

  #skip(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #fail(path: string, reason: string): never {
    throw new JsonError(path, `${reason} (at character ${this.#at})`);
  }
}

const WORDS: readonly (readonly [string, JsonNode])[] = [
  ["true", { kind: "bool", value: true }],
  ["false", { kind: "bool", value: false }],
  ["null", { kind: "null" }],
];

/** A JSON string literal; escapes what must be escaped and nothing else. */
export function quote(value: string): string {
  const escaped = value.replace(/["\\\u0000-\u001f]/g, (char) => {
    if (char === '"' || char === "\\") return `\\${char}`;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** Writes compact JSON; object keys in the map's order. */
export function writeJson(node: JsonNode): string {
  switch (node.kind) {
    case "object":
      return `{${[...node.fields].map(([key, value]) => `${quote(key)}:${writeJson(value)}`).join(",")}}`;
    case "array":
      return `[${node.items.map(writeJson).join(",")}]`;
    case "string":
      return quote(node.value);
    case "number":
      return node.literal;
    case "bool":
      return node.value ? "true" : "false";
    case "null":
      return "null";
  }
}
