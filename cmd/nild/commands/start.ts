import { type Command, Option } from "commander";
import { runUntilStopped } from "nild/node";
import { action, command } from "../command.js";
import { parseInteger } from "../fields.js";
import { runNode } from "../run_node.js";

interface StartFlags {
  portOffset: string;
  freePorts?: boolean;
  blockTime?: string;
}

/** `nild start`: the node of a home, until SIGINT or SIGTERM. With --json one line says where it listens. */
export function startCommand(): Command {
  const self = command("start", "run the node of a home until it is told to stop")
    .option("--port-offset <n>", "added to every port", "0")
    .addOption(new Option("--free-ports", "listen on free ports instead").conflicts("portOffset"))
    .option("--block-time <ms>", "time from one block to the next (default: config.toml's)");
  return action<StartFlags>(self, async ({ options, out, home }) => {
    const running = await runNode(home, {
      portOffset: Number(parseInteger("--port-offset", options.portOffset, 30_000n)),
      freePorts: options.freePorts ?? false,
      ...(options.blockTime === undefined ? {} : { blockTimeMs: Number(parseInteger("--block-time", options.blockTime, 3_600_000n)) }),
    });
    const { rpc, grpc } = running.node.endpoints;
    out.result(
      { ok: true, chain_id: running.chainId, engine: "embedded", height: running.node.engine.height, endpoints: { rpc, grpc: grpc ?? null } },
      `${running.chainId} runs: JSON-RPC ${rpc}${grpc ? `, gRPC and Connect ${grpc}` : ""}. Stop it with ^C.`,
    );
    process.exitCode = await runUntilStopped(running, running.log);
  });
}
