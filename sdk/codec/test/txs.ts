import { create } from "@bufbuild/protobuf";
import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { PubKeySchema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { addressToString, secp256k1PublicKey, standardRegistry } from "nild/sdk";
import { any, bytes, field, text } from "./wire.js";

/** A registry with one message, and the parts of a good transaction that tests take apart. */
export const registry = standardRegistry();
registry.registerMsg(MsgSendSchema);

export const PRIVATE_KEY = new Uint8Array(32).fill(1);
export const ALICE = addressToString(new Uint8Array(20).fill(0xa1));
export const BOB = addressToString(new Uint8Array(20).fill(0xb0));

export const MSG_SEND_URL = "/cosmos.bank.v1beta1.MsgSend";
export const SECP_URL = "/cosmos.crypto.secp256k1.PubKey";
export const msgSend = registry
  .codec(MsgSendSchema)
  .encode(create(MsgSendSchema, { fromAddress: ALICE, toAddress: BOB, amount: [{ denom: "unil", amount: "5" }] }));
export const pubKey = registry.codec(PubKeySchema).encode(create(PubKeySchema, { key: secp256k1PublicKey(PRIVATE_KEY) }));

/** A TxBody of messages, then whatever fields follow. */
export function body(messages: readonly Uint8Array[] = [any(MSG_SEND_URL, msgSend)], ...rest: Uint8Array[]): Uint8Array {
  return bytes(...messages.map((message) => field(1, message)), ...rest);
}

/** An AuthInfo with one DIRECT signer of the given key. */
export function authInfo(key = any(SECP_URL, pubKey)): Uint8Array {
  const signer = bytes(field(1, key), field(2, field(1, bytes(0x08, 0x01))), bytes(0x18, 0x07));
  const fee = bytes(field(1, bytes(text(1, "unil"), text(2, "200"))), bytes(0x10, 0xc0, 0x9a, 0x0c));
  return bytes(field(1, signer), field(2, fee));
}

export function txRaw(bodyBytes = body(), authInfoBytes = authInfo(), ...rest: Uint8Array[]): Uint8Array {
  return bytes(field(1, bodyBytes), field(2, authInfoBytes), field(3, new Uint8Array(64).fill(5)), ...rest);
}
