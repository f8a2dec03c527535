import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { PubKeySchema as Ed25519Schema } from "nild/gen/cosmos/crypto/ed25519/keys_pb.js";
import { PubKeySchema as Secp256k1Schema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { type AnteStep, ED25519_TYPE_URL, type PubKey, SECP256K1_TYPE_URL, addressToString, publicKey, sdkErr } from "nild/sdk";
import type { AuthApi } from "../api.js";

/** Throws sdk/8 for a key of another kind or a malformed one. */
export function unpackKey({ typeUrl, value }: Any): PubKey {
  if (typeUrl === SECP256K1_TYPE_URL) return publicKey(typeUrl, fromBinary(Secp256k1Schema, value).key);
  if (typeUrl === ED25519_TYPE_URL) return publicKey(typeUrl, fromBinary(Ed25519Schema, value).key);
  throw sdkErr.InvalidPubKey(`${typeUrl} is not a key that signs transactions here`);
}

/** For genesis files and tests: the Any that an account or a signer info carries. */
export function packKey(key: PubKey): Any {
  const schema = key.typeUrl === ED25519_TYPE_URL ? Ed25519Schema : Secp256k1Schema;
  return create(AnySchema, { typeUrl: key.typeUrl, value: toBinary(schema, create(schema, { key: key.bytes })) });
}

/** An account's public key becomes known with its first transaction and must hash to its address. */
export const setPublicKeys = (auth: AuthApi): AnteStep => ({
  name: "set_public_keys",
  modes: ["check", "deliver", "simulate"],
  run(ctx, tx, mode) {
    const { signerInfos } = tx.decoded.authInfo;
    for (const [i, signer] of tx.signers.entries()) {
      const info = signerInfos[i]!;
      const key = tx.decoded.publicKeys[i];
      if (key && addressToString(key.address()) !== signer) {
        throw sdkErr.InvalidPubKey(`public key ${i} does not belong to the signer ${signer}`);
      }
      const account = auth.get(ctx, signer);
      if (!account.pubKey && key) {
        key.assertOnCurve();
        auth.save(ctx, { ...account, pubKey: info.publicKey! });
      } else if (!account.pubKey && mode !== "simulate") {
        throw sdkErr.InvalidPubKey(`account ${signer} has no public key yet: send it with the first transaction`);
      }
    }
    for (const [i, signer] of tx.signers.entries()) {
      ctx.emitLegacy("tx", { acc_seq: `${signer}/${signerInfos[i]!.sequence}` });
      ctx.emitLegacy("tx", { signature: base64Encode(tx.decoded.raw.signatures[i]!) });
    }
  },
});
