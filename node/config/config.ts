import { readFile } from "node:fs/promises";
import { TomlError, parse } from "smol-toml";
import { NodeError, errnoOf } from "../errors.js";
import { createFileExclusive, writeFileAtomic } from "../files/atomic.js";
import { type Fields, type Values, address, choice, flag, integer, list, readValues, text, writeValues } from "./fields.js";
import type { Home } from "./home.js";

const MIB = 1_048_576;

/** config.toml: the engine and its RPC. */
export const CONFIG_FIELDS = {
  moniker: text("nild", "Name of this node.", /^[\x21-\x7e]{1,70}$/, "1 to 70 printable characters without spaces"),
  log_level: choice("info", ["trace", "debug", "info", "warn", "error", "silent"], "Least severe records that are written."),
  log_format: choice("auto", ["auto", "text", "json"], "auto: text on a terminal, JSON lines otherwise."),
  rpc: {
    laddr: address("tcp://127.0.0.1:26657", "Where JSON-RPC listens."),
    cors_allowed_origins: list([], "Origins of web pages that may read answers; \"*\" for all."),
    max_body_bytes: integer(2 * MIB, 1024, 64 * MIB, "Largest request body."),
    max_request_batch_size: integer(100, 1, 1000, "Most requests in one batch."),
  },
  mempool: {
    size: integer(5000, 1, 1_000_000, "Most transactions waiting for a block."),
    max_txs_bytes: integer(256 * MIB, MIB, 4096 * MIB, "Most bytes of transactions waiting for a block."),
    cache_size: integer(10_000, 0, 10_000_000, "Transactions remembered, so that repeats are refused unchecked."),
    max_tx_bytes: integer(MIB, 1024, 4 * MIB, "Largest transaction."),
  },
  consensus: {
    block_time_ms: integer(1000, 10, 3_600_000, "Time from one block to the next."),
  },
} satisfies Fields;

/** app.toml: the application and its gRPC. */
export const APP_FIELDS = {
  "minimum-gas-prices": text("0.001unil", "Least price of gas that CheckTx takes.", /^\d+(\.\d{1,18})?[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/, "an amount and a denom, such as 0.001unil"),
  grpc: {
    enable: flag(true, "Serve Connect, gRPC and gRPC-web."),
    address: address("127.0.0.1:9090", "Where they listen, all on one port."),
    "max-recv-msg-size": integer(4 * MIB, 1024, 64 * MIB, "Largest message taken or given."),
  },
} satisfies Fields;

/** client.toml: defaults of the commands that talk to a node. */
export const CLIENT_FIELDS = {
  "chain-id": text("", "Chain that transactions are signed for."),
  "keyring-backend": choice("file", ["file", "test"], "Where keys are kept; test is unencrypted."),
  output: choice("text", ["text", "json"], "How commands print their result."),
  node: text("http://127.0.0.1:26657", "JSON-RPC of the node to talk to.", /^(https?|tcp):\/\/[^\s/]+\/?$/, "a URL such as http://127.0.0.1:26657"),
} satisfies Fields;

export type Config = Values<typeof CONFIG_FIELDS>;
export type AppConfig = Values<typeof APP_FIELDS>;
export type ClientConfig = Values<typeof CLIENT_FIELDS>;

export const DEFAULT_CONFIG: Config = readValues(CONFIG_FIELDS, {}, "defaults");
export const DEFAULT_APP_CONFIG: AppConfig = readValues(APP_FIELDS, {}, "defaults");
export const DEFAULT_CLIENT_CONFIG: ClientConfig = readValues(CLIENT_FIELDS, {}, "defaults");

export const readConfig = (home: Home): Promise<Config> => readToml(home.config("config.toml"), CONFIG_FIELDS);
export const readAppConfig = (home: Home): Promise<AppConfig> => readToml(home.config("app.toml"), APP_FIELDS);
export const readClientConfig = (home: Home): Promise<ClientConfig> => readToml(home.config("client.toml"), CLIENT_FIELDS);

/** Writes the three files; `replace` = false fails with EEXIST where one is there. */
export async function writeConfigs(home: Home, configs: { config: Config; app: AppConfig; client: ClientConfig }, options: { replace: boolean }): Promise<void> {
  await writeToml(home.config("config.toml"), CONFIG_FIELDS, configs.config, options);
  await writeToml(home.config("app.toml"), APP_FIELDS, configs.app, options);
  await writeToml(home.config("client.toml"), CLIENT_FIELDS, configs.client, options);
}

/** A missing file means defaults: every key has one. */
export async function writeToml<F extends Fields>(path: string, fields: F, values: Values<F>, options: { replace: boolean }): Promise<void> {
  await (options.replace ? writeFileAtomic : createFileExclusive)(path, writeValues(fields, values), 0o644);
}

export async function readToml<F extends Fields>(path: string, fields: F): Promise<Values<F>> {
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return readValues(fields, {}, path);
    throw new NodeError("config.unreadable", `cannot read ${path}: ${errnoOf(error) ?? "error"}`, undefined, { cause: error });
  }
  try {
    return readValues(fields, parse(source), path);
  } catch (error) {
    if (error instanceof TomlError) throw new NodeError("config.syntax", `${path}:${error.line}:${error.column}: ${error.message.split("\n")[0]}`, undefined, { cause: error });
    throw error;
  }
}
