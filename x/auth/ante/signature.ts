import { concatBytes } from "@noble/hashes/utils.js";
import type { BaseAccount, Params } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { SignMode } from "nild/gen/cosmos/tx/signing/v1beta1/signing_pb.js";
import type { SignerInfo } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import {
  type AnteStep,
  type Check,
  type Checker,
  ED25519_TYPE_URL,
  type ExecCtx,
  type ReadCtx,
  type Transaction,
  TypeRegistry,
  directSignBytes,
  isCanonicalSecp256k1Signature,
  sdkErr,
  sha256,
  verifyEd25519,
  verifySecp256k1Digest,
} from "nild/sdk";
import type { AuthApi } from "../api.js";
import { unpackKey } from "./public_key.js";

/** Input: compressed key (33) ‖ R ‖ S (64) ‖ SHA-256 of the sign bytes (32). */
export const SECP256K1_CHECK = "sig.secp256k1";
/** Input: key (32) ‖ signature (64) ‖ sign bytes. */
export const ED25519_CHECK = "sig.ed25519";

/** The reference checkers; a node may inject faster ones that agree on every input. */
export const signatureCheckers: Readonly<Record<string, Checker>> = {
  [SECP256K1_CHECK](input) {
    const signature = input.subarray(33, 97);
    return isCanonicalSecp256k1Signature(signature) && verifySecp256k1Digest(signature, input.subarray(97), input.subarray(0, 33));
  },
  [ED25519_CHECK]: (input) => verifyEd25519(input.subarray(32, 96), input.subarray(96), input.subarray(0, 32)),
};

/**
 * What signatures cost, every signer's sequence and then its signature, and the next
 * sequence. Rechecks look at the sequences only. Each account is read and written once.
 */
export function signatures(auth: AuthApi): AnteStep {
  const registry = new TypeRegistry();
  return {
    name: "signatures",
    run(ctx, tx, mode) {
      const accounts = tx.signers.map((signer) => auth.get(ctx, signer));
      if (mode !== "recheck") charge(ctx, auth.params(ctx), accounts);
      for (const [i, account] of accounts.entries()) {
        const info = tx.decoded.authInfo.signerInfos[i]!;
        if (info.sequence !== account.sequence) {
          throw sdkErr.WrongSequence(`account sequence mismatch, expected ${account.sequence}, got ${info.sequence}`);
        }
        if (mode === "simulate" || mode === "recheck") continue;
        requireDirect(info);
        const check = signatureCheck(ctx, tx, i, account, registry);
        if (!check || !ctx.verified(check)) {
          throw sdkErr.Unauthorized(
            `signature verification failed; please verify account number (${account.accountNumber}), sequence (${account.sequence}) and chain-id (${ctx.chainId})`,
          );
        }
      }
      for (const account of accounts) auth.save(ctx, { ...account, sequence: account.sequence + 1n });
    },
    checks(ctx, tx) {
      // Each check hashes the whole transaction: none for one that will be refused for its number of signers.
      if (BigInt(tx.signers.length) > auth.params(ctx).txSigLimit) return [];
      return tx.signers.flatMap((signer, i) => {
        const account = auth.find(ctx, signer);
        const check = account && signatureCheck(ctx, tx, i, account, registry);
        return check ? [check] : [];
      });
    },
  };
}

function charge(ctx: ExecCtx, params: Params, accounts: readonly BaseAccount[]): void {
  for (const { pubKey } of accounts) {
    const isEd25519 = pubKey?.typeUrl === ED25519_TYPE_URL;
    ctx.gas.consume(isEd25519 ? params.sigVerifyCostEd25519 : params.sigVerifyCostSecp256k1, "ante verify");
  }
}

/** Undefined: no signature of this form is ever valid, so there is nothing to compute. */
function signatureCheck(ctx: ReadCtx, tx: Transaction, index: number, account: BaseAccount, registry: TypeRegistry): Check | undefined {
  const { raw, publicKeys } = tx.decoded;
  const signature = raw.signatures[index];
  const key = account.pubKey ? unpackKey(account.pubKey) : publicKeys[index];
  if (!key || signature?.length !== 64) return undefined;
  const signBytes = directSignBytes(raw, ctx.chainId, account.accountNumber, registry);
  if (key.typeUrl === ED25519_TYPE_URL) return { kind: ED25519_CHECK, input: concatBytes(key.bytes, signature, signBytes) };
  if (!isCanonicalSecp256k1Signature(signature)) return undefined;
  return { kind: SECP256K1_CHECK, input: concatBytes(key.bytes, signature, sha256(signBytes)) };
}

function requireDirect({ modeInfo }: SignerInfo): void {
  const { sum } = modeInfo ?? {};
  if (sum?.case !== "single" || sum.value.mode !== SignMode.DIRECT) {
    throw sdkErr.Unauthorized("only SIGN_MODE_DIRECT signatures by a single key are accepted");
  }
}
