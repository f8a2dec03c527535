import type { DescMethod } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { action, command, group } from "../command.js";
import { GRPC_ADDR, callUnary, nodeTransport } from "../connection.js";
import { describeFields, textsFrom } from "../descriptor_flags.js";
import { messageFrom, parseInteger } from "../fields.js";
import { Comments } from "../comments.js";
import { messageJson } from "../message_json.js";
import { SERVICES, commandNameOf, positionalsOf } from "../services.js";

interface QueryOptions {
  grpcAddr: string;
  height?: string;
}

/** `nild query <module> <method>`: every query of every module, made from its descriptor. */
export function queryCommand(): Command {
  const comments = Comments.load();
  const modules = SERVICES.map(({ module, query }) =>
    group(module, `queries of ${query.typeName.replace(/\.Query$/, "")}`, query.methods.map((method) => methodCommand(method, comments))),
  );
  return group("query", "ask the chain", modules).alias("q");
}

function methodCommand(method: DescMethod, comments: Comments): Command {
  const self = command(commandNameOf(method), comments.method(method) || `${method.parent.typeName}/${method.name}`)
    .option("--grpc-addr <url>", "the node's gRPC, gRPC-web and Connect endpoint", GRPC_ADDR)
    .option("--height <n>", "read the state of this height");
  describeFields(self, method.input, positionalsOf(method), comments);
  return action<QueryOptions>(self, async ({ options, out }, ...args) => {
    const request = messageFrom(method.input, textsFrom(method.input, positionalsOf(method), options, args));
    const headers = new Headers();
    if (options.height !== undefined) {
      headers.set("x-cosmos-block-height", parseInteger("--height", options.height, (1n << 63n) - 1n).toString());
    }
    const response = await callUnary(nodeTransport(options.grpcAddr), method, request, headers);
    out.result(messageJson(method.output, response));
  });
}
