import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { addGenesisAccount, validateAppState } from "nild/app";
import { Home, parseGenesis, readGenesis, replaceGenesis } from "nild/node";
import { addressFromString } from "nild/sdk";
import { action, command, group } from "../command.js";
import { openKeyring } from "../keyring.js";
import { parseAmount } from "./put.js";

/** `nild genesis`: what block 1 starts from. */
export function genesisCommand(): Command {
  return group("genesis", "the state that block 1 starts from", [addAccountCommand(), validateCommand()]);
}

function addAccountCommand(): Command {
  const self = command("add-genesis-account", "give an account its first balance")
    .argument("<address|key>", "an address, or the name of a key in this home")
    .argument("<amount>", "like 1000000unil")
    .option("--keyring-backend <backend>", "file or test", "file");
  return action<{ keyringBackend: string }>(self, async ({ options, out, home }, who, amount) => {
    const address = await resolveAddress(home, options.keyringBackend, who!);
    const path = new Home(home).genesis;
    const genesis = await readGenesis(path);
    const appState = new TextEncoder().encode(addGenesisAccount(genesis.appState, address, parseAmount("<amount>", amount!)));
    await replaceGenesis(path, { ...genesis, appState });
    out.result({ ok: true, address, amount: parseAmount("<amount>", amount!), genesis: path });
  });
}

function validateCommand(): Command {
  const self = command("validate", "check a genesis file as `start` will").argument("[file]", "default: the home's");
  return action(self, async ({ out, home }, file) => {
    const path = file ?? new Home(home).genesis;
    const genesis = file === undefined ? await readGenesis(path) : parseGenesis(await readFile(file), file);
    validateAppState(genesis.appState);
    out.result({ ok: true, genesis: path, chain_id: genesis.chainId, validators: genesis.validators.length });
  });
}

async function resolveAddress(home: string, backend: string, who: string): Promise<string> {
  if (!who.startsWith("nil1")) return (await openKeyring(home, backend).show(who)).address;
  addressFromString(who);
  return who;
}
