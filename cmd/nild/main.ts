#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { wantsJson } from "./command.js";
import { demoCommand } from "./commands/demo.js";
import { devCommand } from "./commands/dev.js";
import { genesisCommand } from "./commands/genesis.js";
import { getCommand } from "./commands/get.js";
import { initCommand } from "./commands/init.js";
import { keysCommand } from "./commands/keys.js";
import { lsCommand } from "./commands/ls.js";
import { nilfsCommand } from "./commands/nilfs.js";
import { providerCommand } from "./commands/provider.js";
import { putCommand } from "./commands/put.js";
import { queryCommand } from "./commands/query.js";
import { startCommand } from "./commands/start.js";
import { statusCommand } from "./commands/status.js";
import { txCommand } from "./commands/tx.js";
import { EXIT, Output, usageError } from "./output.js";
import { VERSION } from "./version.js";

/** The binary: one tree of commands; every failure leaves through here with a code and a hint. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("nild")
    .description("a storage chain: node, storage provider and client in one binary")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  for (const make of [
    initCommand, keysCommand, genesisCommand, startCommand, statusCommand, txCommand, queryCommand, devCommand, demoCommand,
    providerCommand, putCommand, getCommand, lsCommand, nilfsCommand,
  ]) {
    program.addCommand(make());
  }
  try {
    await program.parseAsync(argv as string[], { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.held;
  } catch (error) {
    const out = new Output(wantsJson(argv) ? "json" : "text");
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.held;
      if (error.code === "commander.help") {
        process.stderr.write(program.helpInformation());
        return EXIT.usage;
      }
      return out.failure(usageError(error.message.replace(/^error: /, "")));
    }
    if (process.env["NILD_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return out.failure(error);
  }
}

// A reader that went away (`nild … | head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.held);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
