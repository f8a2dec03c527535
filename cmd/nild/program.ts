import { Command } from "commander";
import { VERSION } from "./version.js";

interface Entry {
  readonly name: string;
  readonly alias?: string;
  readonly about: string;
  readonly load: () => Promise<Command>;
}

/** Loaded when used: most commands need a fraction of what the others stand on. */
const ENTRIES: readonly Entry[] = [
  { name: "init", about: "make a node's home", load: async () => (await import("./commands/init.js")).initCommand() },
  { name: "keys", about: "accounts at rest", load: async () => (await import("./commands/keys.js")).keysCommand() },
  { name: "genesis", about: "the state that block 1 starts from", load: async () => (await import("./commands/genesis.js")).genesisCommand() },
  { name: "start", about: "run the node of a home", load: async () => (await import("./commands/start.js")).startCommand() },
  { name: "status", about: "what a running node says of itself", load: async () => (await import("./commands/status.js")).statusCommand() },
  { name: "export", about: "the state as a genesis file", load: async () => (await import("./commands/export.js")).exportCommand() },
  { name: "debug", about: "look into a stopped node", load: async () => (await import("./commands/debug.js")).debugCommand() },
  { name: "tx", about: "sign and send a transaction", load: async () => (await import("./commands/tx.js")).txCommand() },
  { name: "query", alias: "q", about: "ask the chain", load: async () => (await import("./commands/query.js")).queryCommand() },
  { name: "put", about: "store a file", load: async () => (await import("./commands/put.js")).putCommand() },
  { name: "get", about: "fetch a file", load: async () => (await import("./commands/get.js")).getCommand() },
  { name: "ls", about: "list a deal's files", load: async () => (await import("./commands/ls.js")).lsCommand() },
  { name: "provider", about: "the storage provider daemon", load: async () => (await import("./commands/provider.js")).providerCommand() },
  { name: "nilfs", about: "the storage format, offline", load: async () => (await import("./commands/nilfs.js")).nilfsCommand() },
  { name: "dev", about: "a fresh chain with funded keys and in-process providers", load: async () => (await import("./commands/dev.js")).devCommand() },
  { name: "demo", about: "the main job on a real file", load: async () => (await import("./commands/demo.js")).demoCommand() },
];

/** The tree of commands: whole below the command that `argv` names, one line each for the others; whole for all without `argv`. */
export async function program(argv?: readonly string[]): Promise<Command> {
  const root = new Command("nild")
    .description("a storage chain: node, storage provider and client in one binary")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const words = argv?.filter((arg) => !arg.startsWith("-")) ?? [];
  const wanted = words[0] === "help" ? words[1] : words[0];
  for (const { name, alias, about, load } of ENTRIES) {
    const needed = argv === undefined || wanted === name || (alias !== undefined && wanted === alias);
    root.addCommand(needed ? await load() : new Command(name).description(about));
  }
  return root;
}
