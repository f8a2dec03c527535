import { NodeError } from "../errors.js";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export interface StrictJson {
  readonly value: Json;
  /** Source text of each member of the top object, exactly as written. */
  readonly members: ReadonlyMap<string, string>;
}

const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * JSON in which nothing is lost silently: duplicate keys, numbers that a double cannot hold exactly and nesting past 64
 * are errors that name the JSON path. Objects become Maps, so `__proto__` is a key like any other.
 */
export function parseStrictJson(text: string, source: string): StrictJson {
  return new Parser(text, source).document();
}

class Parser {
  #at = 0;
  readonly #members = new Map<string, string>();
  constructor(
    readonly text: string,
    readonly source: string,
  ) {}

  document(): StrictJson {
    const value = this.#value("$", 0);
    this.#space();
    if (this.#at < this.text.length) throw this.#error("$", "text after the JSON value");
    return { value, members: this.#members };
  }

  #value(path: string, depth: number): Json {
    if (depth > MAX_DEPTH) throw this.#error(path, `nested deeper than ${MAX_DEPTH}`);
    this.#space();
    switch (this.text[this.#at]) {
      case "{":
        return this.#object(path, depth);
      case "[":
        return this.#array(path, depth);
      case '"':
        return this.#string(path);
      case "t":
        return this.#word(path, "true", true);
      case "f":
        return this.#word(path, "false", false);
      case "n":
        return this.#word(path, "null", null);
      default:
        return this.#number(path);
    }
  }

  #object(path: string, depth: number): JsonObject {
    const object = new Map<string, Json>();
    this.#at++;
    if (this.#takes("}")) return object;
    do {
      this.#space();
      const name = this.#string(path);
      const at = `${path}.${name}`;
      if (object.has(name)) throw this.#error(at, "given twice");
      if (!this.#takes(":")) throw this.#error(at, "expected ':'");
      this.#space();
      const start = this.#at;
      object.set(name, this.#value(at, depth + 1));
      if (depth === 0) this.#members.set(name, this.text.slice(start, this.#at));
    } while (this.#takes(","));
    if (!this.#takes("}")) throw this.#error(path, "expected ',' or '}'");
    return object;
  }

  #array(path: string, depth: number): Json[] {
    const array: Json[] = [];
    this.#at++;
    if (this.#takes("]")) return array;
    do array.push(this.#value(`${path}[${array.length}]`, depth + 1));
    while (this.#takes(","));
    if (!this.#takes("]")) throw this.#error(path, "expected ',' or ']'");
    return array;
  }

  #string(path: string): string {
    const raw = this.#match(STRING);
    if (raw === undefined) throw this.#error(path, "expected a string");
    return JSON.parse(raw) as string;
  }

  #number(path: string): number {
    const raw = this.#match(NUMBER);
    if (raw === undefined) throw this.#error(path, "expected a JSON value");
    const value = Number(raw);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      throw this.#error(path, `number ${raw.slice(0, 40)} is too large; write it as a string`);
    }
    return value;
  }

  #word<T extends Json>(path: string, word: string, value: T): T {
    if (!this.text.startsWith(word, this.#at)) throw this.#error(path, "expected a JSON value");
    this.#at += word.length;
    return value;
  }

  #takes(char: string): boolean {
    this.#space();
    if (this.text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #error(path: string, what: string): NodeError {
    const line = this.text.slice(0, this.#at).split("\n").length;
    return new NodeError("json.invalid", `${this.source}:${line}: ${path}: ${what}`);
  }
}
