import { readFile, stat } from "node:fs/promises";
import { type ConsensusParams, JsonError, type JsonNode, type ValidatorUpdate, parseJson, writeJson } from "nild/sdk";
import { NodeError, errnoOf } from "../errors.js";
import { createFileExclusive, writeFileAtomic } from "../files/atomic.js";
import { nsFromRfc3339, rfc3339, timestampFromNs } from "../time.js";

/** genesis.json in CometBFT's format. Everything that block 1 depends on, and the same bytes on every node. */
export interface GenesisDoc {
  readonly chainId: string;
  readonly timeNs: bigint;
  readonly initialHeight: bigint;
  readonly consensusParams: ConsensusParams;
  readonly validators: readonly GenesisValidator[];
  /** The application's part: UTF-8 JSON that only the application reads. */
  readonly appState: Uint8Array;
}

export interface GenesisValidator extends ValidatorUpdate {
  readonly name: string;
}

const MAX_GENESIS_BYTES = 128 * 1024 * 1024;
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_TOTAL_POWER = MAX_INT64 / 8n;
const CHAIN_ID = /^[a-z][a-z0-9-]*-[1-9][0-9]*$/;
const MAX_CHAIN_ID_CHARS = 50;

export const DEFAULT_CONSENSUS_PARAMS: ConsensusParams = {
  block: { maxBytes: 4_194_304n, maxGas: 1_000_000_000n },
  evidence: { maxAgeNumBlocks: 100_000n, maxAgeDurationNs: 172_800_000_000_000n, maxBytes: 1_048_576n },
  validator: { pubKeyTypes: ["ed25519"] },
  version: { app: 0n },
  abci: { voteExtensionsEnableHeight: 0n },
};

export async function readGenesis(path: string): Promise<GenesisDoc> {
  try {
    const { size } = await stat(path);
    if (size > MAX_GENESIS_BYTES) throw new NodeError("genesis.too_large", `${path}: ${size} bytes, at most ${MAX_GENESIS_BYTES} are read`);
    return parseGenesis(await readFile(path), path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") throw new NodeError("genesis.missing", `${path} does not exist`, "run `nild init`");
    throw error;
  }
}

/** Fails with EEXIST if the file is there. */
export async function writeGenesis(path: string, genesis: GenesisDoc): Promise<void> {
  await createFileExclusive(path, genesisText(genesis), 0o644);
}

/** Puts a changed genesis in the place of the old one; never half of it. */
export async function replaceGenesis(path: string, genesis: GenesisDoc): Promise<void> {
  await writeFileAtomic(path, genesisText(genesis), 0o644);
}

export function genesisText(genesis: GenesisDoc): string {
  const { block, evidence, validator, version, abci } = genesis.consensusParams;
  const head = {
    genesis_time: rfc3339(timestampFromNs(genesis.timeNs)),
    chain_id: genesis.chainId,
    initial_height: String(genesis.initialHeight),
    consensus_params: {
      block: { max_bytes: String(block.maxBytes), max_gas: String(block.maxGas) },
      evidence: {
        max_age_num_blocks: String(evidence.maxAgeNumBlocks),
        max_age_duration: String(evidence.maxAgeDurationNs),
        max_bytes: String(evidence.maxBytes),
      },
      validator: { pub_key_types: validator.pubKeyTypes },
      version: { app: String(version.app) },
      abci: { vote_extensions_enable_height: String(abci.voteExtensionsEnableHeight) },
    },
    validators: genesis.validators.map((each) => ({
      pub_key: { type: "tendermint/PubKeyEd25519", value: Buffer.from(each.pubKey).toString("base64") },
      power: String(each.power),
      name: each.name,
    })),
    app_hash: "",
  };
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "app_state": ${Buffer.from(genesis.appState).toString("utf8")}\n}\n`;
}

export function parseGenesis(bytes: Uint8Array, source = "genesis.json"): GenesisDoc {
  const top = new Section(parse(bytes, source), "", source);
  const chainId = top.string("chain_id");
  if (!CHAIN_ID.test(chainId) || chainId.length > MAX_CHAIN_ID_CHARS) {
    throw top.error("chain_id", `"${chainId.slice(0, 60)}" is not a chain id: lower-case letters, digits and dashes, then -NUMBER, at most ${MAX_CHAIN_ID_CHARS} characters`);
  }
  const timeNs = nsFromRfc3339(top.string("genesis_time"));
  if (timeNs === undefined) throw top.error("genesis_time", "not an RFC 3339 time in UTC");
  if (top.optionalString("app_hash") !== "") throw top.error("app_hash", "must be empty: the application computes it");
  const genesis = {
    chainId,
    timeNs,
    initialHeight: top.integer("initial_height", 1n, MAX_INT64, 1n),
    consensusParams: parseParams(top.section("consensus_params")),
    validators: parseValidators(top),
    appState: Buffer.from(writeJson(top.object("app_state")), "utf8"),
  };
  top.done();
  return genesis;
}

function parse(bytes: Uint8Array, source: string): JsonNode {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) throw new NodeError("genesis.invalid", `${source}: ${error.message}`, undefined, { cause: error });
    throw error;
  }
}

function parseParams(params: Section): ConsensusParams {
  const block = params.section("block");
  const evidence = params.section("evidence");
  const validator = params.section("validator");
  const version = params.section("version");
  const abci = params.section("abci");
  const parsed = {
    block: { maxBytes: block.integer("max_bytes", 1n, 104_857_600n), maxGas: block.integer("max_gas", -1n, MAX_INT64) },
    evidence: {
      maxAgeNumBlocks: evidence.integer("max_age_num_blocks", 1n, MAX_INT64),
      maxAgeDurationNs: evidence.integer("max_age_duration", 1n, MAX_INT64),
      maxBytes: evidence.integer("max_bytes", 0n, 104_857_600n),
    },
    validator: { pubKeyTypes: validator.strings("pub_key_types") },
    version: { app: version.integer("app", 0n, MAX_INT64, 0n) },
    abci: { voteExtensionsEnableHeight: abci.integer("vote_extensions_enable_height", 0n, MAX_INT64, 0n) },
  };
  for (const section of [block, evidence, validator, version, abci, params]) section.done();
  return parsed;
}

function parseValidators(top: Section): GenesisValidator[] {
  const seen = new Set<string>();
  let total = 0n;
  const validators = top.sections("validators").map((each) => {
    const key = each.section("pub_key");
    const type = key.string("type");
    if (type !== "tendermint/PubKeyEd25519") throw key.error("type", `"${type}" is not tendermint/PubKeyEd25519`);
    const text = key.string("value");
    const pubKey = Buffer.from(text, "base64");
    if (pubKey.length !== 32 || pubKey.toString("base64") !== text) throw key.error("value", "not 32 bytes of base64");
    if (seen.has(text)) throw key.error("value", "key given twice");
    seen.add(text);
    const power = each.integer("power", 1n, MAX_TOTAL_POWER);
    total += power;
    const name = each.optionalString("name");
    each.optionalString("address");
    key.done();
    each.done();
    return { pubKeyType: "ed25519" as const, pubKey: new Uint8Array(pubKey), power, name };
  });
  if (validators.length === 0) throw top.error("validators", "empty: somebody must make blocks");
  if (total > MAX_TOTAL_POWER) throw top.error("validators", `total power ${total} is over ${MAX_TOTAL_POWER}`);
  return validators;
}

/** One JSON object, read member by member; `done` refuses what nobody asked for. */
class Section {
  readonly #fields: ReadonlyMap<string, JsonNode>;
  readonly #asked = new Set<string>();
  constructor(
    node: JsonNode | undefined,
    readonly path: string,
    readonly source: string,
  ) {
    if (node?.kind !== "object") {
      throw new NodeError("genesis.invalid", `${source}: ${path === "" ? "document" : path}: ${node === undefined ? "missing" : "not an object"}`);
    }
    this.#fields = node.fields;
  }

  error(name: string, what: string): NodeError {
    return new NodeError("genesis.invalid", `${this.source}: ${this.#pathOf(name)}: ${what}`);
  }

  section(name: string): Section {
    return new Section(this.#ask(name), this.#pathOf(name), this.source);
  }

  /** An object that somebody else reads. */
  object(name: string): JsonNode {
    this.section(name);
    return this.#ask(name)!;
  }

  sections(name: string): Section[] {
    return this.#items(name).map((each, index) => new Section(each, `${this.#pathOf(name)}[${index}]`, this.source));
  }

  string(name: string): string {
    const node = this.#ask(name);
    if (node?.kind !== "string") throw this.error(name, node === undefined ? "missing" : "not a string");
    return node.value;
  }

  optionalString(name: string): string {
    return this.#ask(name) === undefined ? "" : this.string(name);
  }

  /** At least one. */
  strings(name: string): string[] {
    const items = this.#items(name);
    if (items.length === 0) throw this.error(name, "empty");
    return items.map((each) => {
      if (each.kind !== "string") throw this.error(name, "not a list of strings");
      return each.value;
    });
  }

  /** 64-bit integers are decimal strings. */
  integer(name: string, min: bigint, max: bigint, absent?: bigint): bigint {
    if (absent !== undefined && this.#ask(name) === undefined) return absent;
    const text = this.string(name);
    if (!/^-?(?:0|[1-9]\d{0,18})$/.test(text)) throw this.error(name, `"${text.slice(0, 40)}" is not a decimal integer`);
    const value = BigInt(text);
    if (value < min || value > max) throw this.error(name, `${value} is outside ${min}..${max}`);
    return value;
  }

  done(): void {
    for (const name of this.#fields.keys()) {
      if (!this.#asked.has(name)) throw this.error(name, "unknown field");
    }
  }

  #items(name: string): readonly JsonNode[] {
    const node = this.#ask(name);
    if (node?.kind !== "array") throw this.error(name, node === undefined ? "missing" : "not an array");
    return node.items;
  }

  #pathOf(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  #ask(name: string): JsonNode | undefined {
    this.#asked.add(name);
    return this.#fields.get(name);
  }
}
