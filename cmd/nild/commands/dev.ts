import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { createLog, runUntilStopped } from "nild/node";
import { action, command } from "../command.js";
import { DEV_CHAIN_ID, startDevChain } from "../dev_chain.js";
import { parseInteger } from "../fields.js";
import { usageError } from "../output.js";

interface DevFlags {
  home?: string;
  providers: string;
  blockTime: string;
  portOffset: string;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

/** `nild dev`: a fresh chain with funded keys and in-process providers; one line of JSON when ready; stops on a signal. */
export function devCommand(): Command {
  const self = command("dev", "a fresh chain with funded keys and in-process providers, until it is told to stop")
    .option("--providers <n>", "storage providers, registered from genesis", "12")
    .option("--block-time <ms>", "time from one block to the next", "1000")
    .option("--port-offset <n>", "added to every port", "0")
    .addOption(new Option("--log-level <level>", "least severe records written").choices(["debug", "info", "warn", "error", "silent"]).default("warn"));
  return action<DevFlags>(self, async ({ options, out }) => {
    // Only a home that was asked for stays.
    const temporary = options.home === undefined;
    const home = options.home ?? (await mkdtemp(join(tmpdir(), "nild-dev-")));
    const log = createLog({ level: options.logLevel, format: "auto" });
    try {
      const chain = await startDevChain(home, {
        providers: Number(parseInteger("--providers", options.providers, 100n)),
        blockTimeMs: blockTime(options.blockTime),
        portOffset: Number(parseInteger("--port-offset", options.portOffset, 30_000n)),
        log,
      });
      const { rpc, grpc } = chain.running.node.endpoints;
      const ready = { chain_id: DEV_CHAIN_ID, engine: "embedded", endpoints: { rpc, grpc, connect: grpc }, accounts: chain.accounts, providers: chain.providers };
      out.result(ready, describe(home, ready));
      process.exitCode = await runUntilStopped({ failed: chain.running.failed, stop: () => chain.stop() }, log);
    } finally {
      if (temporary) await rm(home, { recursive: true, force: true });
    }
  });
}

function describe(home: string, { endpoints, accounts, providers }: { endpoints: { rpc: string; grpc: string | undefined }; accounts: readonly { name: string; address: string }[]; providers: readonly unknown[] }): string {
  return [
    `${DEV_CHAIN_ID} runs, with ${providers.length} storage providers. Stop it with ^C.`,
    `  JSON-RPC            ${endpoints.rpc}`,
    `  gRPC and Connect    ${endpoints.grpc}`,
    ...accounts.map(({ name, address }) => `  ${name.padEnd(19)} ${address}`),
    "",
    `Try: npm run -s nild -- query bank balance ${accounts[0]!.address} unil`,
    `     npm run -s nild -- put README.md --home ${home} --keyring-backend test --from alice --duration 1000 --deposit 100000000`,
  ].join("\n");
}

const MIN_BLOCK_TIME_MS = 10;

function blockTime(text: string): number {
  const blockTimeMs = Number(parseInteger("--block-time", text, 3_600_000n));
  if (blockTimeMs < MIN_BLOCK_TIME_MS) throw usageError(`--block-time is at least ${MIN_BLOCK_TIME_MS} ms, not ${blockTimeMs}`);
  return blockTimeMs;
}
