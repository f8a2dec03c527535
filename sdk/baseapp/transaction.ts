import { type TypeRegistry, decodeTx } from "../codec/index.js";
import { addressFromString } from "../crypto/index.js";
import { sdkErr } from "../errors.js";
import type { RoutedMessage, Transaction } from "./ante.js";
import type { Limits } from "./limits.js";
import type { MessageRouter } from "./router.js";

/**
 * Decodes, routes and validates a transaction without any state. Throws SdkError: 21 size,
 * 2 bytes, 18 message count, 31 extension option, 6 unroutable, 7 signer address, or the message's own code.
 */
export function readTransaction(bytes: Uint8Array, registry: TypeRegistry, router: MessageRouter, limits: Limits): Transaction {
  const decoded = decodeTx(bytes, registry, limits.maxTxBytes);
  if (decoded.msgs.length > limits.maxMessages) {
    throw sdkErr.InvalidRequest(`a transaction holds at most ${limits.maxMessages} messages, got ${decoded.msgs.length}`);
  }
  const messages = decoded.msgs.map(({ typeUrl, value }): RoutedMessage => {
    const route = router.find(typeUrl);
    route.validate(value);
    const signers = route.signers(value);
    if (signers.length === 0) throw sdkErr.InvalidAddress(`${typeUrl} names no signer`);
    for (const signer of signers) addressFromString(signer);
    return { route, value, signers };
  });
  const fee = decoded.authInfo.fee;
  const required = new Set(messages.flatMap((each) => each.signers));
  const [first] = required;
  const feePayer = fee?.payer === undefined || fee.payer === "" ? first! : fee.payer;
  addressFromString(feePayer);
  required.add(feePayer);
  return { decoded, messages, signers: [...required], feePayer, gasLimit: fee?.gasLimit ?? 0n };
}
