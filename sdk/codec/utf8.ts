/*
 * UTF-8 both ways, exact: what is not well-formed is refused, never replaced by U+FFFD, and a byte-order mark is a
 * character like any other.
 */
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Up to this length, joining characters beats a call into the decoder. */
const SHORT = 128;

/** Bytes [start, end) → string, or undefined when they are not well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT && isAscii(bytes, start, end)) return asciiToString(bytes, start, end);
  try {
    return DECODER.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let all = 0;
  for (let i = start; i < end; i++) all |= bytes[i]!;
  return all < 0x80;
}

function asciiToString(b: Uint8Array, start: number, end: number): string {
  let text = "";
  let i = start;
  for (; i + 8 <= end; i += 8) {
    text += String.fromCharCode(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!);
  }
  for (; i < end; i++) text += String.fromCharCode(b[i]!);
  return text;
}

/**
 * Writes `text` so that it ends just before `end` and returns where it starts, or -1 when it holds a lone surrogate.
 * The caller has made room for 3 bytes per code unit.
 */
export function encodeUtf8Before(text: string, out: Uint8Array, end: number): number {
  let at = end;
  for (let i = text.length - 1; i >= 0; i--) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      out[--at] = unit;
    } else if (unit < 0x800) {
      out[--at] = 0x80 | (unit & 0x3f);
      out[--at] = 0xc0 | (unit >>> 6);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      out[--at] = 0x80 | (unit & 0x3f);
      out[--at] = 0x80 | ((unit >>> 6) & 0x3f);
      out[--at] = 0xe0 | (unit >>> 12);
    } else {
      const high = i > 0 ? text.charCodeAt(i - 1) : 0;
      if (unit < 0xdc00 || high < 0xd800 || high > 0xdbff) return -1;
      i--;
      const point = 0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff);
      out[--at] = 0x80 | (point & 0x3f);
      out[--at] = 0x80 | ((point >>> 6) & 0x3f);
      out[--at] = 0x80 | ((point >>> 12) & 0x3f);
      out[--at] = 0xf0 | (point >>> 18);
    }
  }
  return at;
}
