import { NodeError } from "../errors.js";

/** Error codes of the keyring, `keyring.*`. */
export const keyringErr = {
  badName: (name: string) => new NodeError("keyring.bad_name", `"${name.slice(0, 80)}" is no key name: 1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit`),
  exists: (name: string) => new NodeError("keyring.exists", `a key named ${name} exists already`, "choose another name, or delete it first"),
  notFound: (name: string, folder: string) => new NodeError("keyring.not_found", `no key named ${name} in ${folder}`, "see `nild keys list`"),
  damaged: (path: string, what: string) => new NodeError("keyring.damaged", `${path}: ${what}`, "restore the file from a backup, or the key from its mnemonic"),
  openMode: (path: string, mode: number) => new NodeError("keyring.open_mode", `${path} can be read by others (mode ${mode.toString(8).padStart(4, "0")})`, `chmod 600 ${path}`),
  /** Says nothing about what was nearly right. Clients know it as sdk/23. */
  wrongPassphrase: () => new NodeError("sdk/23", "invalid account password"),
  badMnemonic: () => new NodeError("keyring.bad_mnemonic", "the mnemonic is not 24 words of the English list with a valid checksum"),
  badArmor: (what: string) => new NodeError("keyring.bad_armor", `the exported key is unreadable: ${what}`),
  locked: (folder: string, errno: string) => new NodeError("keyring.locked", `cannot use ${folder}: ${errno}`, "check its owner and permissions"),
};
