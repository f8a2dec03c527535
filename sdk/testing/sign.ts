import { type DescMessage, type MessageInitShape, create, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { PubKeySchema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { SignMode } from "nild/gen/cosmos/tx/signing/v1beta1/signing_pb.js";
import { type AuthInfo, AuthInfoSchema, SignDocSchema, type TxBody, TxBodySchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { SECP256K1_TYPE_URL, signSecp256k1 } from "../crypto/index.js";
import type { TestAccount } from "./accounts.js";

export interface Signer {
  readonly account: TestAccount;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

export interface TxOptions {
  readonly chainId: string;
  /** Base units of `unil`; 0 = no fee coin. */
  readonly fee?: bigint;
  readonly gas?: bigint;
  readonly memo?: string;
  /** Change what is signed, before it is signed. */
  editBody?(body: TxBody): void;
  editAuthInfo?(authInfo: AuthInfo): void;
}

export function packMessage<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Any {
  return create(AnySchema, { typeUrl: `/${schema.typeName}`, value: toBinary(schema, create(schema, init)) });
}

/** TxRaw bytes with a SIGN_MODE_DIRECT signature of each signer. */
export function signTx(messages: Any[], signers: readonly Signer[], options: TxOptions): Uint8Array {
  const { chainId, fee = 1_000n, gas = 1_000_000n, memo = "" } = options;
  const amount = fee === 0n ? [] : [{ denom: "unil", amount: fee.toString() }];
  const body = create(TxBodySchema, { messages, memo });
  options.editBody?.(body);
  const bodyBytes = toBinary(TxBodySchema, body);
  const authInfo = create(AuthInfoSchema, {
    signerInfos: signers.map(({ account, sequence }) => ({
      publicKey: create(AnySchema, { typeUrl: SECP256K1_TYPE_URL, value: toBinary(PubKeySchema, create(PubKeySchema, { key: account.publicKey })) }),
      modeInfo: { sum: { case: "single" as const, value: { mode: SignMode.DIRECT } } },
      sequence,
    })),
    fee: { amount, gasLimit: gas },
  });
  options.editAuthInfo?.(authInfo);
  const authInfoBytes = toBinary(AuthInfoSchema, authInfo);
  const signatures = signers.map(({ account, accountNumber }) =>
    signSecp256k1(account.privateKey, toBinary(SignDocSchema, create(SignDocSchema, { bodyBytes, authInfoBytes, chainId, accountNumber }))),
  );
  return toBinary(TxRawSchema, create(TxRawSchema, { bodyBytes, authInfoBytes, signatures }));
}
