import { Registry, type GeneratedType } from "@cosmjs/proto-signing";
import * as bank from "nild/gen/ts-proto/cosmos/bank/v1beta1/tx.js";
import * as challenge from "nild/gen/ts-proto/nil/challenge/v1/tx.js";
import * as deal from "nild/gen/ts-proto/nil/deal/v1/tx.js";
import * as epoch from "nild/gen/ts-proto/nil/epoch/v1/tx.js";
import * as escrow from "nild/gen/ts-proto/nil/escrow/v1/tx.js";
import * as mode2 from "nild/gen/ts-proto/nil/mode2/v1/tx.js";
import * as provider from "nild/gen/ts-proto/nil/provider/v1/tx.js";
import * as retrieval from "nild/gen/ts-proto/nil/retrieval/v1/tx.js";

/** Every Msg of this chain by its type URL, as CosmJS takes them. */
export function messageTypes(): [typeUrl: string, type: GeneratedType][] {
  const entries: [string, GeneratedType][] = [];
  for (const file of [bank, challenge, deal, epoch, escrow, mode2, provider, retrieval]) {
    for (const [name, value] of Object.entries(file)) {
      // Generated files name a transaction's messages Msg… and their answers Msg…Response.
      if (/^Msg[A-Za-z0-9]+$/.test(name) && !name.endsWith("Response") && isGeneratedType(value)) {
        entries.push([`/${file.protobufPackage}.${name}`, value]);
      }
    }
  }
  return entries;
}

/** For `SigningStargateClient.connectWithSigner(url, signer, { registry: nildRegistry() })`. */
export function nildRegistry(): Registry {
  return new Registry(messageTypes());
}

function isGeneratedType(value: unknown): value is GeneratedType {
  return typeof value === "object" && value !== null && "encode" in value && "decode" in value && "fromPartial" in value;
}
