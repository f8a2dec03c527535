import { Command } from "commander";
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
import { VERSION } from "./version.js";

/** The whole tree of commands; the reference in docs/ is made from it. */
export function program(): Command {
  const root = new Command("nild")
    .description("a storage chain: node, storage provider and client in one binary")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  for (const make of [
    initCommand, keysCommand, genesisCommand, startCommand, statusCommand, txCommand, queryCommand, devCommand, demoCommand,
    providerCommand, putCommand, getCommand, lsCommand, nilfsCommand,
  ]) {
    root.addCommand(make());
  }
  return root;
}
