import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { createLog, runUntilStopped } from "nild/node";
import { action, command, group } from "../command.js";
import { parseInteger } from "../fields.js";
import { kzgInTurn } from "../kzg.js";
import { CliError, EXIT, usageError } from "../output.js";
import { type OpenedProvider, createProviderHome, openProvider, readProviderConfig, registerOnce } from "../provider_home.js";

const defaultHome = (): string => process.env["NILD_PROVIDER_HOME"] ?? join(homedir(), ".nild-provider");

/** `nild provider`: the storage provider daemon. */
export function providerCommand(): Command {
  return group("provider", "the storage provider daemon", [initCommand(), startCommand(), statusCommand()]);
}

interface InitFlags {
  home?: string;
  grpcAddr: string;
  laddr: string;
  keyringBackend: "file" | "test";
  totalGib: string;
  bond: string;
  mnemonicFile?: string;
}

function initCommand(): Command {
  const self = command("init", "make a provider's home: operator key, response key, provider.toml")
    .option("--grpc-addr <url>", "the node that it follows", "http://127.0.0.1:9090")
    .option("--laddr <host:port>", "where the data plane listens", "127.0.0.1:8190")
    .addOption(new Option("--keyring-backend <backend>", "file or test").choices(["file", "test"]).default("file"))
    .option("--total-gib <n>", "space offered", "64")
    .option("--bond <unil>", "bond locked at registration", "10000000000")
    .option("--mnemonic-file <file>", "the operator's words (default: a new key)");
  return action<InitFlags>(self, async ({ options, out }) => {
    const home = options.home ?? defaultHome();
    const made = await createProviderHome(
      home,
      {
        grpc_addr: options.grpcAddr,
        laddr: options.laddr,
        keyring_backend: options.keyringBackend,
        total_gib: Number(parseInteger("--total-gib", options.totalGib, 1_048_576n)),
        bond: options.bond,
      },
      options.mnemonicFile === undefined ? undefined : (await readFile(options.mnemonicFile, "utf8")).trim(),
    );
    if (made.mnemonic !== undefined) out.note("Write these words down and keep them apart: they are not shown again.");
    out.result({ ok: true, home, address: made.address, ...(made.mnemonic === undefined ? {} : { mnemonic: made.mnemonic }) });
  });
}

interface StartFlags {
  home?: string[];
  register?: boolean;
  fault?: string;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

function startCommand(): Command {
  const self = command("start", "run the daemon of one or several homes until it is told to stop", { home: false });
  // Several providers may share a process, and with it the loaded KZG library.
  self
    .option("--home <dir>", "a provider's home; may be given several times (NILD_PROVIDER_HOME)", (dir: string, before: string[] = []) => [...before, dir])
    .option("--register", "register on chain first, with the terms of provider.toml, unless that is done")
    .addOption(new Option("--fault <name>", "be dishonest on purpose, to test those who must notice").choices(["serve-unchecked"]))
    .addOption(new Option("--log-level <level>", "least severe records written").choices(["debug", "info", "warn", "error", "silent"]).default("info"));
  return action<StartFlags>(self, async ({ options, out }) => {
    const log = createLog({ level: options.logLevel, format: "auto" });
    const kzg = kzgInTurn((reason) => log.warn(reason));
    const opened: OpenedProvider[] = [];
    for (const home of options.home ?? [defaultHome()]) {
      opened.push(
        await openProvider(home, {
          kzg,
          log: (level, message, fields) => log[level](fields ?? {}, message),
          ...(options.fault === "serve-unchecked" ? { faults: { serveUnchecked: true } } : {}),
        }),
      );
    }
    for (const provider of opened) {
      await provider.daemon.start();
      if (options.register) await registerOnce(provider);
    }
    out.result({ ok: true, providers: opened.map(({ daemon }) => ({ address: daemon.status().address, endpoint: daemon.status().url })) });
    const never = new Promise<never>(() => undefined);
    process.exitCode = await runUntilStopped({ failed: never, stop: async () => void (await Promise.all(opened.map(({ daemon }) => daemon.stop()))) }, log);
  });
}

function statusCommand(): Command {
  return action<{ home?: string }>(command("status", "what a running daemon says of itself"), async ({ options, out }) => {
    const home = options.home ?? defaultHome();
    const { laddr } = await readProviderConfig(home);
    if (laddr.endsWith(":0")) throw usageError("this provider listens on a free port: ask the address that it printed");
    let reply: Response;
    try {
      reply = await fetch(`http://${laddr.replace(/^tcp:\/\//, "")}/status`, { signal: AbortSignal.timeout(10_000) });
    } catch (error) {
      throw new CliError(EXIT.unreachable, "unreachable", `no provider answers at ${laddr}: ${(error as Error).message}`, "start it with `nild provider start`");
    }
    out.result(await reply.json());
  });
}
