import type { DescMessage, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type AuthInfo, AuthInfoSchema, SignDocSchema, type TxBody, TxBodySchema, TxRawSchema } from "nild/gen/cosmos/tx/v1beta1/tx_pb.js";
import { sha256 } from "../crypto/hash.js";
import { type PubKey, publicKey } from "../crypto/keys.js";
import { sdkErr } from "../errors.js";
import type { DecodeBudget } from "./decode.js";
import { ROLE, type TypeRegistry } from "./registry.js";

/** Largest transaction, in bytes. */
export const MAX_TX_BYTES = 1 << 20;

/** Levels at which the parts of a transaction stand: TxRaw 1, body and auth info 2, their Anys 3 and 4, contents one below. */
const BODY_DEPTH = 2;
const MESSAGE_DEPTH = BODY_DEPTH + 2;
const PUBLIC_KEY_DEPTH = BODY_DEPTH + 3;

export interface DecodedAny {
  readonly typeUrl: string;
  readonly desc: DescMessage;
  readonly value: Message;
}

/** A transaction in canonical form. Bytes are views of what was received. */
export interface DecodedTx {
  readonly raw: { readonly bodyBytes: Uint8Array; readonly authInfoBytes: Uint8Array; readonly signatures: readonly Uint8Array[] };
  readonly body: TxBody;
  readonly authInfo: AuthInfo;
  /** In order, at least one. */
  readonly msgs: readonly DecodedAny[];
  /** Critical extension options. */
  readonly extensions: readonly DecodedAny[];
  /** One per signer info; undefined where the signer left it out. Well-formed, but perhaps not on its curve. */
  readonly publicKeys: readonly (PubKey | undefined)[];
  /** SHA-256 of the received bytes, 32 bytes. */
  readonly hash: Uint8Array;
  /** Bytes received. */
  readonly size: number;
}

/**
 * Decodes a transaction or throws: sdk/21 too large, sdk/2 not canonical or of unknown types, sdk/18 no messages,
 * sdk/31 an unknown critical extension option, sdk/8 a public key that cannot sign.
 */
export function decodeTx(bytes: Uint8Array, registry: TypeRegistry, maxBytes: number = MAX_TX_BYTES): DecodedTx {
  if (bytes.length > maxBytes) throw sdkErr.TxTooLarge(`${bytes.length} bytes, at most ${maxBytes}`);
  const budget: DecodeBudget = { anys: 0 };
  const raw = registry.codec(TxRawSchema).decode(bytes, { budget });
  if (raw.bodyBytes.length === 0) throw sdkErr.TxDecode("a transaction has a body");
  if (raw.authInfoBytes.length === 0) throw sdkErr.TxDecode("a transaction has auth info");
  const body = registry.codec(TxBodySchema).decode(raw.bodyBytes, { depth: BODY_DEPTH, allowNonCritical: true, budget });
  const authInfo = registry.codec(AuthInfoSchema).decode(raw.authInfoBytes, { depth: BODY_DEPTH, budget });
  if (body.messages.length === 0) throw sdkErr.InvalidRequest("a transaction holds at least one message");
  const open = (any: Any, desc: DescMessage, depth: number): DecodedAny => ({
    typeUrl: any.typeUrl,
    desc,
    value: registry.codec(desc).decode(any.value, { depth, budget }),
  });
  return {
    raw,
    body,
    authInfo,
    msgs: body.messages.map((any) => open(any, registry.msgDesc(any.typeUrl), MESSAGE_DEPTH)),
    extensions: body.extensionOptions.map((any) => {
      const desc = registry.find(ROLE.Extension, any.typeUrl);
      if (desc === undefined) throw sdkErr.UnknownExtensionOptions(`unknown critical extension option "${any.typeUrl.slice(0, 80)}"`);
      return open(any, desc, MESSAGE_DEPTH);
    }),
    publicKeys: authInfo.signerInfos.map(({ publicKey: any }) => {
      if (any === undefined) return undefined;
      const desc = registry.find(ROLE.PubKey, any.typeUrl);
      if (desc === undefined) throw sdkErr.InvalidPubKey(`"${any.typeUrl.slice(0, 80)}" is not a registered public key type`);
      const { value } = open(any, desc, PUBLIC_KEY_DEPTH);
      return publicKey(any.typeUrl, (value as Message & { readonly key: Uint8Array }).key);
    }),
    hash: sha256(bytes),
    size: bytes.length,
  };
}

/** What SIGN_MODE_DIRECT signs: the body and auth info as received, bound to chain and account. */
export function directSignBytes(
  tx: { readonly bodyBytes: Uint8Array; readonly authInfoBytes: Uint8Array },
  chainId: string,
  accountNumber: bigint,
  registry: TypeRegistry,
): Uint8Array {
  const { bodyBytes, authInfoBytes } = tx;
  return registry.codec(SignDocSchema).encode(create(SignDocSchema, { bodyBytes, authInfoBytes, chainId, accountNumber }));
}
