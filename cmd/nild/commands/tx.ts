import { type DescMessage, type DescMethod, type Registry, createRegistry } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { type TxResult, msg as packed } from "nild/client";
import { action, command, group } from "../command.js";
import { Comments } from "../comments.js";
import { describeFields, textsFrom } from "../descriptor_flags.js";
import { messageFrom, parseInteger } from "../fields.js";
import { messageJson } from "../message_json.js";
import { SERVICES, commandNameOf, positionalsOf, signerFieldOf } from "../services.js";
import { type SigningFlags, signingContext, withSigningFlags } from "../signing.js";

interface TxFlags extends SigningFlags {
  gas: string;
  note: string;
}

/** `nild tx <module> <method>`: every message of every module, made from its descriptor. */
export function txCommand(): Command {
  const comments = Comments.load();
  const modules = SERVICES.flatMap(({ module, msg }) =>
    msg ? [group(module, `messages of ${msg.typeName.replace(/\.Msg$/, "")}`, msg.methods.map((method) => methodCommand(method, comments)))] : [],
  );
  return group("tx", "sign and send a transaction; waits until it is in a block", modules);
}

function methodCommand(method: DescMethod, comments: Comments): Command {
  const schema = method.input;
  const signer = signerFieldOf(schema);
  // The signer is --from; a positional slot for it would only repeat that.
  const positional = positionalsOf(method).filter((name) => name !== signer);
  const without = signer === undefined ? [] : [signer];
  const self = withSigningFlags(command(commandNameOf(method), comments.method(method) || comments.message(schema) || schema.typeName))
    .option("--gas <n|auto>", "gas limit; auto = simulated, and 40 % more", "auto")
    .option("--note <text>", "memo of the transaction", "");
  describeFields(self, schema, positional, comments, without);
  return action<TxFlags>(self, async ({ options, out, home }, ...args) => {
    const texts = textsFrom(schema, positional, options, args);
    const { chain, wallet } = await signingContext(options, home);
    if (signer !== undefined) texts.set(signer, wallet.address);
    const gas = options.gas === "auto" ? {} : { gas: parseInteger("--gas", options.gas, (1n << 63n) - 1n) };
    const result = await chain.signAndBroadcast(wallet, [packed(schema, messageFrom(schema, texts))], { memo: options.note, ...gas });
    out.result(txJson(result, [method.output]));
  });
}

/** What a transaction came to, for machines. */
export function txJson(result: TxResult, responses: readonly DescMessage[]): unknown {
  const registry: Registry = createRegistry(...responses);
  return {
    ok: true,
    tx_hash: result.hash,
    height: result.height,
    gas_wanted: result.gasWanted,
    gas_used: result.gasUsed,
    responses: result.responses.map((any: Any) => {
      const message = anyUnpack(any, registry);
      const schema = message && registry.getMessage(message.$typeName);
      return message && schema ? messageJson(schema, message) : { "@type": any.typeUrl };
    }),
    events: result.events.map(({ type, attributes }) => ({ type, attributes: attributes.map(({ key, value }) => ({ key, value })) })),
  };
}
