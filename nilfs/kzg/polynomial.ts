import { NilfsError } from "../errors.js";
import { BLOB_BYTES, CELLS_PER_BLOB, CELL_BYTES } from "../profile.js";
import { DOMAIN, DOMAIN_SIZE, FIELD_ORDER, bigintAt, invert, invertAll, mod, parseScalar, power, scalarBytes } from "./field.js";

/** Polynomials of degree < 4096, held as their values on the domain. */

/** A blob's cells mod r. @throws NilfsError `bad_length`. */
export function cellsOf(blob: Uint8Array): bigint[] {
  checkBlob(blob);
  return Array.from({ length: CELLS_PER_BLOB }, (_, c) => bigintAt(blob, c * CELL_BYTES) % FIELD_ORDER);
}

export function blobFromCells(cells: readonly bigint[]): Uint8Array {
  const blob = new Uint8Array(BLOB_BYTES);
  cells.forEach((cell, c) => cell !== 0n && blob.set(scalarBytes(cell), c * CELL_BYTES));
  return blob;
}

/** Lᵢ(z) for all i, so that f(z) = Σ fᵢ·Lᵢ(z): ωⁱ·(z⁴⁰⁹⁶ − 1) / (4096·(z − ωⁱ)), and 0s and a 1 when z is in the domain. */
export function lagrangeAt(z: bigint): bigint[] {
  const at = DOMAIN.indexOf(z);
  if (at >= 0) return DOMAIN.map((_, i) => (i === at ? 1n : 0n));
  const scale = (mod(power(z, BigInt(DOMAIN_SIZE)) - 1n) * invert(BigInt(DOMAIN_SIZE))) % FIELD_ORDER;
  const inverses = invertAll(DOMAIN.map((point) => mod(z - point)));
  return DOMAIN.map((point, i) => (((point * inverses[i]!) % FIELD_ORDER) * scale) % FIELD_ORDER);
}

/** Values on the domain of (f − y) / (X − z), where y = f(z). */
export function quotient(cells: readonly bigint[], z: bigint, y: bigint): bigint[] {
  const at = DOMAIN.indexOf(z);
  // At z itself the divisor is 0; any value will do until it is replaced below.
  const inverses = invertAll(DOMAIN.map((point, i) => (i === at ? 1n : mod(point - z))));
  const out = cells.map((cell, i) => (i === at ? 0n : (mod(cell - y) * inverses[i]!) % FIELD_ORDER));
  if (at >= 0) {
    const sum = out.reduce((total, q, i) => total + q * DOMAIN[i]!, 0n);
    out[at] = mod(-(sum % FIELD_ORDER) * invert(z));
  }
  return out;
}

/** @throws NilfsError `bad_length` */
export function checkBlob(blob: Uint8Array): void {
  if (blob.length !== BLOB_BYTES) throw new NilfsError("bad_length", `blob of ${blob.length} bytes, expected ${BLOB_BYTES}`);
}

/** @throws NilfsError `bad_scalar` */
export function checkScalar(bytes: Uint8Array, name: string): bigint {
  const value = parseScalar(bytes);
  if (value === undefined) throw new NilfsError("bad_scalar", `${name}: expected 32 big-endian bytes below the field's order`);
  return value;
}
