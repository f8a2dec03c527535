/** GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11d), and matrices over it, row-major. */

const POLYNOMIAL = 0x11d;

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i++) {
  EXP[i] = value;
  EXP[i + 255] = value;
  LOG[value] = i;
  value <<= 1;
  if (value > 255) value ^= POLYNOMIAL;
}

export function gfMultiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!;
}

/** 1/a for a ≠ 0. */
export function gfInverse(a: number): number {
  return EXP[255 - LOG[a]!]!;
}

/** base^exponent, with 0^0 = 1. */
export function gfPower(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  return base === 0 ? 0 : EXP[(LOG[base]! * exponent) % 255]!;
}

/** a (rows × inner) times b (inner × columns). */
export function multiplyMatrices(a: Uint8Array, b: Uint8Array, inner: number): Uint8Array {
  const rows = a.length / inner;
  const columns = b.length / inner;
  const out = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < inner; i++) {
      const factor = a[r * inner + i]!;
      for (let c = 0; c < columns; c++) out[r * columns + c]! ^= gfMultiply(factor, b[i * columns + c]!);
    }
  }
  return out;
}

/** The inverse of a regular size × size matrix (Gauss-Jordan). */
export function invertMatrix(matrix: Uint8Array, size: number): Uint8Array {
  const left = matrix.slice();
  const right = identity(size);
  for (let pivot = 0; pivot < size; pivot++) {
    let row = pivot;
    while (row < size && left[row * size + pivot] === 0) row++;
    if (row === size) throw new RangeError("matrix is singular"); // no choice of K rows of our matrices is
    swapRows(left, size, row, pivot);
    swapRows(right, size, row, pivot);
    const scale = gfInverse(left[pivot * size + pivot]!);
    for (let c = 0; c < size; c++) {
      left[pivot * size + c] = gfMultiply(left[pivot * size + c]!, scale);
      right[pivot * size + c] = gfMultiply(right[pivot * size + c]!, scale);
    }
    for (let r = 0; r < size; r++) {
      const factor = left[r * size + pivot]!;
      if (r === pivot || factor === 0) continue;
      for (let c = 0; c < size; c++) {
        left[r * size + c]! ^= gfMultiply(factor, left[pivot * size + c]!);
        right[r * size + c]! ^= gfMultiply(factor, right[pivot * size + c]!);
      }
    }
  }
  return right;
}

function identity(size: number): Uint8Array {
  const out = new Uint8Array(size * size);
  for (let i = 0; i < size; i++) out[i * size + i] = 1;
  return out;
}

function swapRows(matrix: Uint8Array, size: number, a: number, b: number): void {
  if (a === b) return;
  const row = matrix.slice(a * size, (a + 1) * size);
  matrix.copyWithin(a * size, b * size, (b + 1) * size);
  matrix.set(row, b * size);
}
