import { type SdkError, sdkErr } from "../errors.js";

/*
 * Integer division with the rounding in the name. `/` is banned in state code; these are the only places that divide.
 * Quotients are exact mathematics (floor and ceiling), also for negative operands.
 */

function zeroDivisor(): SdkError {
  return sdkErr.InvalidRequest("division by zero");
}

/** ⌊a / b⌋. Throws sdk/18 when b is zero. */
export function quoDown(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivisor();
  const quotient = a / b; // eslint-disable-line no-restricted-syntax -- the definition of the rule
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** ⌈a / b⌉. Throws sdk/18 when b is zero. */
export function quoUp(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivisor();
  const quotient = a / b; // eslint-disable-line no-restricted-syntax -- the definition of the rule
  return a % b !== 0n && a < 0n === b < 0n ? quotient + 1n : quotient;
}

/** ⌊a · b / c⌋, the product exact. Throws sdk/18 when c is zero. */
export function mulDivDown(a: bigint, b: bigint, c: bigint): bigint {
  return quoDown(a * b, c);
}

/** ⌈a · b / c⌉, the product exact. Throws sdk/18 when c is zero. */
export function mulDivUp(a: bigint, b: bigint, c: bigint): bigint {
  return quoUp(a * b, c);
}
