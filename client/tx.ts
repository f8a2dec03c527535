import { create, toBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { AnySchema, type Any } from "@bufbuild/protobuf/wkt";
import { fromBase64 } from "@cosmjs/encoding";
import type { OfflineDirectSigner } from "@cosmjs/proto-signing";
import { PubKeySchema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { SignMode } from "nild/gen/cosmos/tx/signing/v1beta1/signing_pb.js";
import { AuthInfoSchema, TxBodySchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { ClientError } from "./errors.js";

/** A message of a transaction, packed: `msg(MsgSendSchema, { … })`. Type URLs of this ecosystem have no host before the slash. */
export function msg<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any {
  return create(AnySchema, { typeUrl: `/${schema.typeName}`, value: toBinary(schema, create(schema, init)) });
}

/** An account's place in the chain's order. */
export interface AccountState {
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

export interface TxTerms {
  readonly chainId: string;
  readonly gas: bigint;
  /** unil. */
  readonly fee: bigint;
  readonly memo: string;
}

/** TxRaw's bytes, signed DIRECT; the signer may change the document (a wallet's fee dialog), so what it signed is what is sent. */
export async function signTx(
  signer: OfflineDirectSigner,
  messages: readonly Any[],
  account: AccountState,
  terms: TxTerms,
): Promise<Uint8Array> {
  const [who] = await signer.getAccounts();
  if (who === undefined) throw new ClientError("bad_key", "the signer holds no account", "unlock or create a key first");
  const { signed, signature } = await signer.signDirect(who.address, {
    bodyBytes: bodyBytes(messages, terms.memo),
    authInfoBytes: authInfoBytes(who.pubkey, account.sequence, terms, SignMode.DIRECT),
    chainId: terms.chainId,
    accountNumber: account.accountNumber,
  });
  return txRaw(signed.bodyBytes, signed.authInfoBytes, fromBase64(signature.signature));
}

/** The same transaction with an empty signature, for gas estimates. */
export async function unsignedTx(signer: OfflineDirectSigner, messages: readonly Any[], sequence: bigint): Promise<Uint8Array> {
  const [who] = await signer.getAccounts();
  if (who === undefined) throw new ClientError("bad_key", "the signer holds no account", "unlock or create a key first");
  const auth = authInfoBytes(who.pubkey, sequence, { chainId: "", gas: 0n, fee: 0n, memo: "" }, SignMode.UNSPECIFIED);
  return txRaw(bodyBytes(messages, ""), auth, new Uint8Array(0));
}

/** ceil(gas · price) in unil. `price` is a decimal such as "0.001" or "0.001unil". @throws ClientError `bad_gas_price`. */
export function feeFor(gas: bigint, price: string): bigint {
  const match = /^([0-9]{1,18})(?:\.([0-9]{1,18}))?(?:unil)?$/.exec(price);
  if (match === null) throw new ClientError("bad_gas_price", `gas price "${price.slice(0, 40)}"`, 'write it as a decimal, for example "0.001unil"');
  const decimals = match[2] ?? "";
  const scale = 10n ** BigInt(decimals.length);
  const scaled = gas * BigInt(`${match[1]}${decimals}`);
  return (scaled + scale - 1n) / scale;
}

function bodyBytes(messages: readonly Any[], memo: string): Uint8Array {
  return toBinary(TxBodySchema, create(TxBodySchema, { messages: [...messages], memo }));
}

function authInfoBytes(publicKey: Uint8Array, sequence: bigint, terms: TxTerms, mode: SignMode): Uint8Array {
  const amount = terms.fee === 0n ? [] : [{ denom: "unil", amount: terms.fee.toString() }];
  return toBinary(
    AuthInfoSchema,
    create(AuthInfoSchema, {
      signerInfos: [
        {
          publicKey: msg(PubKeySchema, { key: publicKey }),
          modeInfo: { sum: { case: "single", value: { mode } } },
          sequence,
        },
      ],
      fee: { amount, gasLimit: terms.gas },
    }),
  );
}

function txRaw(body: Uint8Array, authInfo: Uint8Array, signature: Uint8Array): Uint8Array {
  return toBinary(TxRawSchema, create(TxRawSchema, { bodyBytes: body, authInfoBytes: authInfo, signatures: [signature] }));
}
