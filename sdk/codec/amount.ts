import { sdkErr } from "../errors.js";
import { quoDown } from "../lib/integer.js";

/** Largest amount: 2^256 − 1. */
export const MAX_AMOUNT = (1n << 256n) - 1n;
/** 2^256 − 1 has 78 digits; longer strings are refused before they become numbers. */
const MAX_AMOUNT_DIGITS = 78;
const INTEGER = /^(?:0|[1-9][0-9]*)$/;

/**
 * A canonical, non-negative decimal string → bigint of at most 2^256 − 1. Throws sdk/10 on anything that BigInt
 * would take but nobody should send: "", "+1", "0100", "0x10", " 12 ".
 */
export function amount(text: string): bigint {
  if (text.length > MAX_AMOUNT_DIGITS) throw sdkErr.InvalidCoins(`amount of ${text.length} characters, at most ${MAX_AMOUNT_DIGITS}`);
  if (!INTEGER.test(text)) throw sdkErr.InvalidCoins(`amount "${text}" is not a plain non-negative decimal integer`);
  const value = BigInt(text);
  if (value > MAX_AMOUNT) throw sdkErr.InvalidCoins(`amount ${text} is over 2^256 − 1`);
  return value;
}

const MAX_DENOM = 128;
const DENOM = /^[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/;

/** Throws sdk/10 unless `denom` has 3 to 128 characters, a letter first, then letters, digits and / : . _ - */
export function assertDenom(denom: string): undefined {
  if (denom.length > MAX_DENOM || !DENOM.test(denom)) {
    throw sdkErr.InvalidCoins(`denom "${denom.slice(0, MAX_DENOM)}" is not a letter followed by 2 to 127 of a-z A-Z 0-9 / : . _ -`);
  }
}

/** A coin as messages carry it. */
export interface CoinText {
  readonly denom: string;
  readonly amount: string;
}

export interface CoinAmount {
  readonly denom: string;
  readonly amount: bigint;
}

/** A list of coins as messages must carry it: sorted by denom, no denom twice, none zero. Throws sdk/10. Empty is valid. */
export function coins(list: readonly CoinText[]): CoinAmount[] {
  const parsed: CoinAmount[] = [];
  for (const coin of list) {
    assertDenom(coin.denom);
    const value = amount(coin.amount);
    if (value === 0n) throw sdkErr.InvalidCoins(`zero amount of ${coin.denom}`);
    const previous = parsed.at(-1);
    // Denoms are ASCII, where code units and UTF-8 bytes order alike.
    if (previous !== undefined && coin.denom <= previous.denom) {
      throw sdkErr.InvalidCoins(coin.denom === previous.denom ? `${coin.denom} twice` : `${coin.denom} after ${previous.denom}: sort by denom`);
    }
    parsed.push({ denom: coin.denom, amount: value });
  }
  return parsed;
}

/** Dec strings have at most 18 fractional digits and are held as integers of 10^-18. */
export const DEC_ONE = 10n ** 18n;
const DEC_DIGITS = 18;
const MAX_DEC_LENGTH = MAX_AMOUNT_DIGITS + 1 + DEC_DIGITS;
const DEC = /^(0|[1-9][0-9]*)(?:\.([0-9]{1,18}))?$/;

/** "0.001" → 10^15: a non-negative Dec string → its value times 10^18. Throws sdk/18. */
export function dec(text: string): bigint {
  if (text.length > MAX_DEC_LENGTH) throw sdkErr.InvalidRequest(`decimal of ${text.length} characters, at most ${MAX_DEC_LENGTH}`);
  const match = DEC.exec(text);
  if (match === null) throw sdkErr.InvalidRequest(`"${text}" is not a plain non-negative decimal of at most ${DEC_DIGITS} fractional digits`);
  const [, whole, fraction = ""] = match;
  const value = BigInt(whole!) * DEC_ONE + BigInt(fraction.padEnd(DEC_DIGITS, "0"));
  if (value > MAX_AMOUNT) throw sdkErr.InvalidRequest(`decimal ${text} is too large`);
  return value;
}

/** 10^15 → "0.001": the shortest string that `dec` reads back. `value` is never negative. */
export function formatDec(value: bigint): string {
  const whole = quoDown(value, DEC_ONE);
  const fraction = (value - whole * DEC_ONE).toString().padStart(DEC_DIGITS, "0").replace(/0+$/, "");
  return fraction === "" ? `${whole}` : `${whole}.${fraction}`;
}
