import { hash } from "node:crypto";

/*
 * The one file of the deterministic zone that may import node:crypto. A one-shot hash to a latin1 string is several
 * times faster than one that allocates a Buffer for its result.
 */

/** SHA-256 as a string of 32 characters, one per byte (code units 0–255). */
export function sha256Latin1(bytes: Uint8Array): string {
  return hash("sha256", bytes, "binary");
}

/** SHA-256, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const text = hash("sha256", bytes, "binary");
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = text.charCodeAt(i);
  return digest;
}
