import { type AnteStep, DEC_ONE, type ExecMode, type Transaction, addressToString, coins, moduleAddress, mulDivUp, sdkErr } from "nild/sdk";
import type { AuthApi, FeePort } from "../api.js";

export const FEE_COLLECTOR = "fee_collector";

export interface FeeRules {
  /** The one denomination that pays fees. */
  readonly denom: string;
  /** Base units per gas times 10^18: this node's floor, applied on entry to the mempool only. */
  readonly minGasPrice: bigint;
}

/** The payer pays the whole fee to the fee collector, before any message runs. */
export function fee(auth: AuthApi, bank: FeePort, rules: FeeRules): AnteStep {
  const collector = addressToString(moduleAddress(FEE_COLLECTOR));
  return {
    name: "fee",
    run(ctx, tx, mode) {
      const stated = tx.decoded.authInfo.fee;
      const amounts = coins(stated?.amount ?? []);
      if (stated?.granter && stated.granter !== tx.feePayer) throw sdkErr.InvalidRequest("fee grants are not enabled; leave fee.granter empty");
      const other = amounts.find(({ denom }) => denom !== rules.denom);
      if (other) throw sdkErr.InsufficientFee(`fees are paid in ${rules.denom}, not ${other.denom}`);
      requireMinimum(tx, mode, amounts[0]?.amount ?? 0n, rules);
      if (!auth.has(ctx, tx.feePayer)) throw sdkErr.UnknownAddress(`fee payer address: ${tx.feePayer} does not exist`);
      if (amounts.length > 0) bank.transfer(ctx, tx.feePayer, collector, amounts);
      ctx.emitLegacy("tx", { fee: amounts.map(({ denom, amount }) => `${amount}${denom}`).join(","), fee_payer: tx.feePayer });
    },
  };
}

function requireMinimum(tx: Transaction, mode: ExecMode, paid: bigint, { denom, minGasPrice }: FeeRules): void {
  if (mode !== "check" && mode !== "recheck") return;
  const required = mulDivUp(minGasPrice, tx.gasLimit, DEC_ONE);
  if (paid < required) throw sdkErr.InsufficientFee(`insufficient fees; got: ${paid}${denom} required: ${required}${denom}`);
}
