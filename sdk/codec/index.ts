export { type CoinAmount, type CoinText, DEC_ONE, MAX_AMOUNT, amount, assertDenom, coins, dec, formatDec } from "./amount.js";
export { type DecodeBudget, MAX_ANYS, MAX_NESTING } from "./decode.js";
export { type DecodeOptions, type MessageCodec, ROLE, TypeRegistry, decodeStrict, encode, standardRegistry } from "./registry.js";
export { type DecodedAny, type DecodedTx, MAX_TX_BYTES, decodeTx, directSignBytes } from "./tx.js";
