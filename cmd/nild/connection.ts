import type { DescMethod, Message } from "@bufbuild/protobuf";
import { type Transport, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { usageError } from "./output.js";

export const GRPC_ADDR = process.env["NILD_GRPC_ADDR"] ?? "http://127.0.0.1:9090";
const TIMEOUT_MS = 10_000;

export function nodeTransport(address: string): Transport {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw usageError(`--grpc-addr "${address}" is not a URL`, "write it like http://127.0.0.1:9090");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw usageError(`--grpc-addr "${address}" is neither http nor https`);
  return createGrpcTransport({ baseUrl: address, defaultTimeoutMs: TIMEOUT_MS });
}

/** Calls a unary method that is known by its descriptor only. */
export async function callUnary(transport: Transport, method: DescMethod, request: Message, headers: Headers): Promise<Message> {
  const client = createClient(method.parent, transport) as unknown as Record<string, (input: Message, options: { headers: Headers }) => Promise<Message>>;
  return client[method.localName]!(request, { headers });
}
