import { type AnteStep, sdkErr } from "nild/sdk";
import type { AuthApi } from "../api.js";

/** Steps 5 and 6: length of the memo, in characters as its author counts them (code points); bytes cost gas. */
export const memoAndSize = (auth: AuthApi): AnteStep => ({
  name: "memo_and_size",
  modes: ["check", "deliver", "simulate"],
  run(ctx, { decoded }) {
    const { maxMemoCharacters, txSizeCostPerByte } = auth.params(ctx);
    const length = BigInt([...decoded.body.memo].length);
    if (length > maxMemoCharacters) throw sdkErr.MemoTooLarge(`maximum number of characters is ${maxMemoCharacters} but received ${length}`);
    ctx.gas.consume(txSizeCostPerByte * BigInt(decoded.size), "txSize");
  },
});
