import { fromHex } from "../bytes.js";
import { NilfsError } from "../errors.js";
import { readSized } from "./disk.js";

/** Strict reading of small JSON files: exactly the fields asked for, each of its type. */
export class JsonFields {
  private readonly fields: Map<string, unknown>;

  private constructor(
    value: unknown,
    private readonly file: string,
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NilfsError("bad_json", `${file}: expected one JSON object`);
    this.fields = new Map(Object.entries(value));
  }

  /** @throws NilfsError `io`, `bad_length`, `bad_json`. */
  static async read(file: string, maxBytes: number): Promise<JsonFields> {
    const bytes = await readSized(file, maxBytes, true);
    try {
      return new JsonFields(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), file);
    } catch (error) {
      if (error instanceof NilfsError) throw error;
      throw new NilfsError("bad_json", `${file}: not JSON in UTF-8`);
    }
  }

  /** @throws NilfsError `bad_json` when a field is left that nothing asked for. */
  end(): void {
    const [left] = this.fields.keys();
    if (left !== undefined) throw new NilfsError("bad_json", `${this.file}: unknown field ${JSON.stringify(left.slice(0, 40))}`);
  }

  string(name: string): string {
    const value = this.take(name);
    if (typeof value !== "string") throw this.wrong(name, "a string");
    return value;
  }

  /** A whole number, 0 or more. */
  integer(name: string): number {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw this.wrong(name, "a whole number");
    return value;
  }

  bytes(name: string, length: number): Uint8Array {
    return this.hex(name, this.string(name), length);
  }

  bytesList(name: string, length: number): Uint8Array[] {
    const value = this.take(name);
    if (!Array.isArray(value)) throw this.wrong(name, "a list");
    return value.map((item: unknown) => {
      if (typeof item !== "string") throw this.wrong(name, "a list of strings");
      return this.hex(name, item, length);
    });
  }

  private hex(name: string, text: string, length: number): Uint8Array {
    try {
      return fromHex(text, length, name);
    } catch {
      throw this.wrong(name, `0x and ${2 * length} lowercase hex digits`);
    }
  }

  private take(name: string): unknown {
    if (!this.fields.has(name)) throw new NilfsError("bad_json", `${this.file}: no field ${name}`);
    const value = this.fields.get(name);
    this.fields.delete(name);
    return value;
  }

  private wrong(name: string, expected: string): NilfsError {
    return new NilfsError("bad_json", `${this.file}: field ${name} is not ${expected}`);
  }
}
