import { type AnteStep, sdkErr } from "nild/sdk";
import type { AuthApi } from "../api.js";

/** Step 5: length of the memo, in characters as its author counts them (code points). */
export const memo = (auth: AuthApi): AnteStep => ({
  name: "memo",
  modes: ["check", "deliver", "simulate"],
  run(ctx, { decoded }) {
    const { memo: text } = decoded.body;
    const { maxMemoCharacters } = auth.params(ctx);
    const length = BigInt([...text].length);
    if (length > maxMemoCharacters) throw sdkErr.MemoTooLarge(`maximum number of characters is ${maxMemoCharacters} but received ${length}`);
  },
});

/** Step 6: bytes cost gas. */
export const sizeGas = (auth: AuthApi): AnteStep => ({
  name: "size_gas",
  modes: ["check", "deliver", "simulate"],
  run(ctx, { decoded }) {
    ctx.gas.consume(auth.params(ctx).txSizeCostPerByte * BigInt(decoded.size), "txSize");
  },
});

/** Step 9: number of signatures. */
export const signatureCount = (auth: AuthApi): AnteStep => ({
  name: "signature_count",
  modes: ["check", "deliver", "simulate"],
  run(ctx, { decoded }) {
    const { txSigLimit } = auth.params(ctx);
    const count = decoded.raw.signatures.length;
    if (BigInt(count) > txSigLimit) throw sdkErr.TooManySignatures(`signatures: ${count}, limit: ${txSigLimit}`);
  },
});
