/*
 * Bech32 (BIP-173) as addresses use it: lower case only, checksum constant 1 (a bech32m string fails), zero padding.
 * BIP-173's limit of 90 characters does not apply to addresses of 32 bytes under long prefixes; callers bound the size.
 */
const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const CHECKSUM_LENGTH = 6;
const MAX_LENGTH = 128;

/** Character code → 5-bit value, or -1. */
const VALUE_OF: readonly number[] = Array.from({ length: 128 }, (_, code) => CHARSET.indexOf(String.fromCharCode(code)));

function polymodStep(checksum: number, value: number): number {
  const top = checksum >>> 25;
  let next = ((checksum & 0x1ffffff) << 5) ^ value;
  for (let i = 0; i < 5; i++) {
    if ((top >>> i) & 1) next ^= GENERATOR[i]!;
  }
  return next;
}

function prefixChecksum(prefix: string): number {
  let checksum = 1;
  for (let i = 0; i < prefix.length; i++) checksum = polymodStep(checksum, prefix.charCodeAt(i) >>> 5);
  checksum = polymodStep(checksum, 0);
  for (let i = 0; i < prefix.length; i++) checksum = polymodStep(checksum, prefix.charCodeAt(i) & 31);
  return checksum;
}

/** Encodes `data` under a lower-case `prefix`. */
export function bech32Encode(prefix: string, data: Uint8Array): string {
  let checksum = prefixChecksum(prefix);
  let text = `${prefix}1`;
  const put = (value: number) => {
    checksum = polymodStep(checksum, value);
    text += CHARSET[value]!;
  };
  let buffer = 0;
  let bits = 0;
  for (const byte of data) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      put((buffer >>> bits) & 31);
    }
  }
  if (bits > 0) put((buffer << (5 - bits)) & 31);
  for (let i = 0; i < CHECKSUM_LENGTH; i++) checksum = polymodStep(checksum, 0);
  checksum ^= 1;
  for (let i = 0; i < CHECKSUM_LENGTH; i++) text += CHARSET[(checksum >>> (5 * (5 - i))) & 31]!;
  return text;
}

export type Bech32Result = { readonly prefix: string; readonly data: Uint8Array } | { readonly fault: string };

/** Decodes strictly; `fault` says what is wrong. */
export function bech32Decode(text: string): Bech32Result {
  if (text.length > MAX_LENGTH) return { fault: `longer than ${MAX_LENGTH} characters` };
  const separator = text.lastIndexOf("1");
  if (separator < 1) return { fault: "no prefix" };
  if (separator + 1 + CHECKSUM_LENGTH > text.length) return { fault: "too short for a checksum" };
  const prefix = text.slice(0, separator);
  for (let i = 0; i < prefix.length; i++) {
    const code = prefix.charCodeAt(i);
    if (code < 33 || code > 126) return { fault: "a character outside printable ASCII in the prefix" };
    if (code >= 65 && code <= 90) return { fault: "upper case: write addresses in lower case" };
  }
  let checksum = prefixChecksum(prefix);
  const payload = text.length - CHECKSUM_LENGTH;
  const data = new Uint8Array(((payload - separator - 1) * 5) >>> 3);
  let buffer = 0;
  let bits = 0;
  let length = 0;
  for (let i = separator + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? VALUE_OF[code]! : -1;
    if (value < 0) return { fault: `character ${i + 1} is not in the bech32 alphabet (lower case)` };
    checksum = polymodStep(checksum, value);
    if (i >= payload) continue;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      data[length++] = (buffer >>> bits) & 0xff;
    }
  }
  if (checksum !== 1) return { fault: "wrong checksum" };
  if (bits >= 5 || (buffer & ((1 << bits) - 1)) !== 0) return { fault: "padding is not zero" };
  return { prefix, data };
}
