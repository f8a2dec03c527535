import { randomBytes } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ChainClient, ClientError, type Wallet } from "nild/client";
import { type Values, address, choice, integer, list, parseAddress, readToml, readValues, text, writeToml } from "nild/node";
import { type Faults, ProviderDaemon, type ProviderOptions } from "nild/provider";
import type { Kzg } from "nild/nilfs";
import { nodeTransport } from "./connection.js";
import { openKeyring, openWallet } from "./keyring.js";
import { CliError, EXIT } from "./output.js";

/** provider.toml: all that a provider's operator decides. */
const PROVIDER_FIELDS = {
  laddr: address("127.0.0.1:8190", "Where the data plane listens."),
  grpc_addr: text("http://127.0.0.1:9090", "The node that this provider follows.", /^https?:\/\/[^\s/]+\/?$/, "a URL such as http://127.0.0.1:9090"),
  endpoints: list([], "Multiaddrs under which clients reach it; empty: the listening address."),
  keyring_backend: choice("file", ["file", "test"], "Where the operator's key is kept."),
  capability: choice("general", ["archive", "general", "edge"], "What the provider offers."),
  total_gib: integer(64, 1, 1_048_576, "Space offered, GiB."),
  bond: text("10000000000", "Bond locked at registration, unil.", /^[1-9][0-9]{0,77}$/, "a whole number of unil"),
  asn: text("", "Autonomous system that it runs in: a claim.", /^[\x20-\x7e]{0,64}$/, "at most 64 printable characters"),
  region: text("", "Region that it runs in: a claim.", /^[\x20-\x7e]{0,64}$/, "at most 64 printable characters"),
  poll_ms: integer(500, 50, 60_000, "How often the chain is asked for work."),
};

export type ProviderConfig = Values<typeof PROVIDER_FIELDS>;

const OPERATOR = "operator";
const configPath = (home: string): string => join(home, "provider.toml");
const responseKeyPath = (home: string): string => join(home, "response_key");

/** Makes a provider's home: the operator's key, the response key, provider.toml. */
export async function createProviderHome(home: string, config: Partial<ProviderConfig>, mnemonic?: string): Promise<{ address: string; mnemonic?: string }> {
  const whole = readValues(PROVIDER_FIELDS, config, "provider init");
  if (await isThere(responseKeyPath(home))) {
    throw new CliError(EXIT.usage, "home_exists", `${home} holds a provider already`, "choose another --home");
  }
  await mkdir(home, { recursive: true, mode: 0o700 });
  const key = await openKeyring(home, whole.keyring_backend).add(OPERATOR, mnemonic === undefined ? {} : { mnemonic });
  await writeFile(responseKeyPath(home), randomBytes(32), { mode: 0o600, flag: "wx" });
  await writeToml(configPath(home), PROVIDER_FIELDS, whole, { replace: false });
  return { address: key.address, ...(key.mnemonic === undefined ? {} : { mnemonic: key.mnemonic }) };
}

export interface OpenedProvider {
  readonly daemon: ProviderDaemon;
  readonly config: ProviderConfig;
  readonly wallet: Wallet;
  readonly chain: ChainClient;
}

/** The daemon of a home, not started. */
export async function openProvider(
  home: string,
  terms: { kzg: () => Promise<Kzg>; log: ProviderOptions["log"]; faults?: Faults; portOffset?: number },
): Promise<OpenedProvider> {
  const config = await readProviderConfig(home);
  const wallet = await openWallet(home, config.keyring_backend, OPERATOR);
  const { host, port } = parseAddress(config.laddr)!;
  const chain = new ChainClient({ transport: nodeTransport(config.grpc_addr) });
  const daemon = new ProviderDaemon({
    home,
    chain,
    wallet,
    responseKey: await readResponseKey(home),
    kzg: terms.kzg,
    host,
    port: port === 0 ? 0 : port + (terms.portOffset ?? 0),
    quotaBytes: config.total_gib * 2 ** 30,
    pollMs: config.poll_ms,
    ...(terms.log ? { log: terms.log } : {}),
    ...(terms.faults ? { faults: terms.faults } : {}),
  });
  return { daemon, config, wallet, chain };
}

/** Registers the provider with the terms of its provider.toml; does nothing if that is done. */
export async function registerOnce({ daemon, config, wallet, chain }: OpenedProvider): Promise<void> {
  try {
    await chain.query.provider.provider({ address: wallet.address });
    return;
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "not_found") throw error;
  }
  await daemon.register({
    bond: BigInt(config.bond),
    totalBytes: BigInt(config.total_gib) << 30n,
    capability: config.capability,
    failureDomain: { asn: config.asn, region: config.region },
    ...(config.endpoints.length > 0 ? { endpoints: config.endpoints } : {}),
  });
}

export async function readProviderConfig(home: string): Promise<ProviderConfig> {
  if (!(await isThere(configPath(home)))) {
    throw new CliError(EXIT.usage, "no_home", `${home} holds no provider`, "make one with `nild provider init --home DIR`");
  }
  return readToml(configPath(home), PROVIDER_FIELDS);
}

async function readResponseKey(home: string): Promise<Uint8Array> {
  const path = responseKeyPath(home);
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw new CliError(EXIT.usage, "key_mode", `${path} can be read by others (mode ${(mode & 0o777).toString(8)})`, `chmod 600 ${path}`);
  const key = await readFile(path);
  if (key.length !== 32) throw new CliError(EXIT.usage, "key_damaged", `${path} has ${key.length} bytes, not 32`, "restore it from a backup");
  return key;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
