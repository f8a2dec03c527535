import { Wallet } from "nild/client";
import { Keyring, type KeyringBackend } from "nild/node";
import { usageError } from "./output.js";
import { readPassphrase } from "./secrets.js";

export function openKeyring(home: string, backend: string): Keyring {
  if (backend !== "file" && backend !== "test") throw usageError(`--keyring-backend "${backend}" is neither file nor test`);
  return Keyring.open(home, backend satisfies KeyringBackend, readPassphrase);
}

/** An account that signs in this process; its passphrase is asked for when the backend has one. */
export async function openWallet(home: string, backend: string, name: string): Promise<Wallet> {
  return Wallet.fromPrivateKey(await openKeyring(home, backend).privateKey(name));
}
