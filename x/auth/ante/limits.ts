import { type AnteStep, sdkErr } from "nild/sdk";
import type { AuthApi } from "../api.js";

/**
 * Length of the memo, in characters as its author counts them (code points); bytes cost gas; number of
 * signers, before any of their keys is looked at.
 */
export const memoAndSize = (auth: AuthApi): AnteStep => ({
  name: "memo_and_size",
  modes: ["check", "deliver", "simulate"],
  run(ctx, { decoded, signers }) {
    const { maxMemoCharacters, txSizeCostPerByte, txSigLimit } = auth.params(ctx);
    const length = BigInt([...decoded.body.memo].length);
    if (length > maxMemoCharacters) throw sdkErr.MemoTooLarge(`maximum number of characters is ${maxMemoCharacters} but received ${length}`);
    ctx.gas.consume(txSizeCostPerByte * BigInt(decoded.size), "txSize");
    if (BigInt(signers.length) > txSigLimit) throw sdkErr.TooManySignatures(`signatures: ${signers.length}, limit: ${txSigLimit}`);
  },
});
