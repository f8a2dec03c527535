import type { Command } from "commander";
import { action, command } from "../command.js";
import { CliError, EXIT, usageError } from "../output.js";

const RPC_ADDR = process.env["NILD_RPC_ADDR"] ?? "http://127.0.0.1:26657";
const TIMEOUT_MS = 10_000;

/** `nild status`: the node's own account of itself, from its JSON-RPC. */
export function statusCommand(): Command {
  const self = command("status", "what a running node says of itself").option("--node <url>", "the node's JSON-RPC endpoint", RPC_ADDR);
  return action<{ node: string }>(self, async ({ options, out }) => {
    if (!/^https?:\/\//.test(options.node) || !URL.canParse(options.node)) throw usageError(`--node "${options.node}" is no http or https URL`, "write it like http://127.0.0.1:26657");
    let reply: Response;
    try {
      reply = await fetch(new URL("/status", options.node), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      throw new CliError(EXIT.unreachable, "unreachable", `no node answers at ${options.node}: ${(error as Error).message}`, "start one with `nild start` or `nild dev`");
    }
    const body = (await reply.json().catch(() => ({}))) as { result?: unknown; error?: { code: number; message: string; data?: string } };
    if (body.result === undefined) throw new CliError(EXIT.failed, body.error?.code ?? "bad_response", body.error?.data ?? body.error?.message ?? `${options.node} does not answer as a node does`, "", "rpc");
    out.result(body.result);
  });
}
