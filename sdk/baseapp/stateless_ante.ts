import { coins } from "../codec/index.js";
import { sdkErr } from "../errors.js";
import type { AnteStep } from "./ante.js";

const MAX_GAS_LIMIT = (1n << 63n) - 1n;
const NS_PER_SECOND = 1_000_000_000n;

/** Signature count, gas range, fee shape. */
export const basics: AnteStep = {
  name: "basics",
  modes: ["check", "deliver", "simulate"],
  run(_ctx, { decoded, signers, gasLimit }) {
    const { signatures } = decoded.raw;
    if (gasLimit > MAX_GAS_LIMIT) throw sdkErr.InvalidRequest(`gas limit ${gasLimit} is over ${MAX_GAS_LIMIT}`);
    requireValidFee(decoded.authInfo.fee?.amount ?? []);
    if (decoded.authInfo.tip) throw sdkErr.NotSupported("tips are not supported; leave auth_info.tip unset");
    if (signatures.length === 0) throw sdkErr.NoSignatures("no signatures supplied");
    if (signatures.length !== signers.length || decoded.authInfo.signerInfos.length !== signers.length) {
      const infos = decoded.authInfo.signerInfos.length;
      throw sdkErr.Unauthorized(`wrong number of signers; expected ${signers.length}, got ${signatures.length} signatures and ${infos} signer infos`);
    }
  },
};

function requireValidFee(amount: Parameters<typeof coins>[0]): void {
  try {
    coins(amount);
  } catch (error) {
    throw sdkErr.InsufficientFee(`invalid fee: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The last height and time at which the signer wants this executed. */
export const timeouts: AnteStep = {
  name: "timeouts",
  run(ctx, { decoded: { body } }) {
    if (body.unordered) throw sdkErr.NotSupported("unordered transactions are not enabled");
    if (body.timeoutHeight !== 0n && ctx.height > body.timeoutHeight) {
      throw sdkErr.TxTimeoutHeight(`block height ${ctx.height} is past the timeout height ${body.timeoutHeight}`);
    }
    const until = body.timeoutTimestamp;
    if (until && ctx.block.timeNs > until.seconds * NS_PER_SECOND + BigInt(until.nanos)) {
      throw sdkErr.TxTimeout(`block time is past the timeout timestamp`);
    }
  },
};

export const STATELESS_ANTE: readonly AnteStep[] = [basics, timeouts];
