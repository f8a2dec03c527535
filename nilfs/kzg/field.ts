/** The scalar field of BLS12-381 and its 4096-point domain, in bigint. */

/** r, the order of the scalar field. */
export const FIELD_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

export const DOMAIN_SIZE = 4096;

export function mod(value: bigint): bigint {
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let e = exponent; e > 0n; e >>= 1n) {
    if ((e & 1n) === 1n) result = (result * square) % FIELD_ORDER;
    square = (square * square) % FIELD_ORDER;
  }
  return result;
}

/** 1/value; `value` must not be 0 mod r. */
export function invert(value: bigint): bigint {
  let [a, b, x, y] = [mod(value), FIELD_ORDER, 1n, 0n];
  while (a > 1n) {
    const q = b / a;
    [a, b, x, y] = [b - q * a, a, y - q * x, x];
  }
  return mod(x);
}

/** All inverses for one inversion (Montgomery). No value may be 0 mod r. */
export function invertAll(values: readonly bigint[]): bigint[] {
  const prefix: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefix.push(product);
    product = (product * value) % FIELD_ORDER;
  }
  let suffix = invert(product);
  const out = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    out[i] = (prefix[i]! * suffix) % FIELD_ORDER;
    suffix = (suffix * values[i]!) % FIELD_ORDER;
  }
  return out;
}

/** ω^i for i = 0..4095, ω = 7^((r-1)/4096). Cell i of a blob is the polynomial's value at ω^i: natural order, not EIP-4844's. */
export const DOMAIN: readonly bigint[] = domain();

function domain(): bigint[] {
  const root = power(7n, (FIELD_ORDER - 1n) >> 12n);
  const points = [1n];
  while (points.length < DOMAIN_SIZE) points.push((points.at(-1)! * root) % FIELD_ORDER);
  return points;
}

/** 32 big-endian bytes, reduced mod r. */
export function scalarFromHash(bytes: Uint8Array): bigint {
  return bigintAt(bytes, 0) % FIELD_ORDER;
}

/** 32 big-endian bytes below r, or undefined. */
export function parseScalar(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== 32) return undefined;
  const value = bigintAt(bytes, 0);
  return value < FIELD_ORDER ? value : undefined;
}

export function scalarBytes(value: bigint): Uint8Array {
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (let i = 3, rest = value; i >= 0; i--, rest >>= 64n) view.setBigUint64(8 * i, rest & 0xffff_ffff_ffff_ffffn);
  return out;
}

/** The 32-byte big-endian integer at `offset`, not reduced. */
export function bigintAt(bytes: Uint8Array, offset: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 32);
  return (view.getBigUint64(0) << 192n) | (view.getBigUint64(8) << 128n) | (view.getBigUint64(16) << 64n) | view.getBigUint64(24);
}

/** A 48-byte big-endian integer: a coordinate of G1. */
export function bigint48(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 48);
  return (view.getBigUint64(0) << 320n) | (view.getBigUint64(8) << 256n) | bigintAt(bytes, 16);
}
