/** Hand-made wire bytes, for input that no encoder writes. */

export function bytes(...parts: (Uint8Array | readonly number[] | number)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(typeof part === "number" ? [part] : part))));
}

export function varint(value: number | bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
  return Uint8Array.from(out);
}

export const tag = (field: number, wire: number): Uint8Array => varint((BigInt(field) << 3n) | BigInt(wire));
/** A length-delimited field. */
export const field = (number: number, content: Uint8Array): Uint8Array => bytes(tag(number, 2), varint(content.length), content);
export const text = (number: number, content: string): Uint8Array => field(number, new TextEncoder().encode(content));
/** A varint field. */
export const int = (number: number, value: number | bigint): Uint8Array => bytes(tag(number, 0), varint(value));
export const any = (typeUrl: string, value: Uint8Array): Uint8Array => bytes(text(1, typeUrl), value.length === 0 ? [] : field(2, value));
