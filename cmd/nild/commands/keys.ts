import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { generateMnemonic } from "nild/node";
import { type Invocation, action, command, group } from "../command.js";
import { openKeyring } from "../keyring.js";
import { readSecretLine } from "../secrets.js";

interface KeyFlags {
  keyringBackend: string;
}

type Call<O = object> = Invocation<O & KeyFlags>;

/** `nild keys`: accounts at rest. Words and passphrases are never taken from the command line. */
export function keysCommand(): Command {
  return group("keys", "accounts at rest", [addCommand(), listCommand(), showCommand(), deleteCommand(), renameCommand(), exportCommand(), importCommand(), mnemonicCommand()]);
}

function keyCommand(name: string, description: string): Command {
  return command(name, description).option("--keyring-backend <backend>", "file (asks for the passphrase) or test (none)", "file");
}

const ring = ({ home, options }: Call) => openKeyring(home, options.keyringBackend);

function addCommand(): Command {
  const self = keyCommand("add", "make a key, or restore one from its words")
    .argument("<name>")
    .option("--recover", "restore from 24 (or 12) words, asked for or read from standard input")
    .option("--mnemonic-file <file>", "restore from the words in a file");
  return action<KeyFlags & { recover?: boolean; mnemonicFile?: string }>(self, async (call, name) => {
    const { options, out } = call;
    const words = options.mnemonicFile !== undefined ? (await readFile(options.mnemonicFile, "utf8")).trim() : options.recover ? await readSecretLine("mnemonic") : undefined;
    const key = await ring(call).add(name!, words === undefined ? {} : { mnemonic: words });
    if (key.mnemonic !== undefined) out.note("Write these words down and keep them apart: they are the only way to restore the key, and are not shown again.");
    out.result({ ok: true, name: key.name, address: key.address, pubkey: key.pubKey, ...(key.mnemonic === undefined ? {} : { mnemonic: key.mnemonic }) });
  });
}

function listCommand(): Command {
  return action<KeyFlags>(keyCommand("list", "all keys"), async (call) => {
    const keys = await ring(call).list();
    call.out.result(
      { ok: true, keys: keys.map(({ name, address, pubKey }) => ({ name, address, pubkey: pubKey })) },
      keys.length === 0 ? "no keys" : keys.map(({ name, address }) => `${address}  ${name}`).join("\n"),
    );
  });
}

function showCommand(): Command {
  const self = keyCommand("show", "one key").argument("<name>").option("-a, --address", "the address alone");
  return action<KeyFlags & { address?: boolean }>(self, async (call, name) => {
    const { address, pubKey } = await ring(call).show(name!);
    if (call.options.address) call.out.result({ ok: true, address }, address);
    else call.out.result({ ok: true, name, address, pubkey: pubKey });
  });
}

function deleteCommand(): Command {
  return action<KeyFlags>(keyCommand("delete", "forget a key; only its words bring it back").argument("<name>"), async (call, name) => {
    await ring(call).delete(name!);
    call.out.result({ ok: true, deleted: name });
  });
}

function renameCommand(): Command {
  return action<KeyFlags>(keyCommand("rename", "give a key another name").argument("<name>").argument("<new-name>"), async (call, name, next) => {
    await ring(call).rename(name!, next!);
    call.out.result({ ok: true, name: next });
  });
}

function exportCommand(): Command {
  const self = keyCommand("export", "write a key as text under a passphrase of its own").argument("<name>").argument("<file>", "written with mode 0600; must not be there");
  return action<KeyFlags>(self, async (call, name, file) => {
    await writeFile(file!, await ring(call).export(name!), { mode: 0o600, flag: "wx" });
    call.out.result({ ok: true, name, file });
  });
}

function importCommand(): Command {
  return action<KeyFlags>(keyCommand("import", "take in a key that export wrote").argument("<name>").argument("<file>"), async (call, name, file) => {
    const { address } = await ring(call).import(name!, await readFile(file!, "utf8"));
    call.out.result({ ok: true, name, address });
  });
}

function mnemonicCommand(): Command {
  return action(command("mnemonic", "24 fresh words; nothing is kept"), ({ out }) => {
    const mnemonic = generateMnemonic();
    out.result({ ok: true, mnemonic }, mnemonic);
  });
}
