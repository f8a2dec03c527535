import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ConsensusKey } from "../engine/embedded/consensus_key.js";
import { NodeError, errnoOf } from "../errors.js";
import { createFileExclusive } from "../files/atomic.js";

/** Names this node among its peers: node_key.json holds an ed25519 key in CometBFT's format. */
export async function readNodeId(path: string): Promise<string> {
  try {
    const file = JSON.parse(await readFile(path, "utf8")) as { priv_key?: { value?: unknown } };
    const bytes = Buffer.from(String(file.priv_key?.value), "base64");
    if (bytes.length !== 64) throw new Error("not 64 bytes");
    return nodeIdOf(new ConsensusKey(bytes.subarray(0, 32)));
  } catch (error) {
    throw new NodeError("key.malformed", `${path} is ${errnoOf(error) === "ENOENT" ? "missing" : "not a node key"}`, "run `nild init`, or restore the file", { cause: error });
  }
}

/** Fails with EEXIST if the file is there. Returns the node's id. */
export async function createNodeKey(path: string): Promise<string> {
  const seed = randomBytes(32);
  const key = new ConsensusKey(seed);
  const file = { priv_key: { type: "tendermint/PrivKeyEd25519", value: Buffer.concat([seed, key.pubKey]).toString("base64") } };
  await createFileExclusive(path, `${JSON.stringify(file)}\n`);
  return nodeIdOf(key);
}

function nodeIdOf(key: ConsensusKey): string {
  return Buffer.from(key.address).toString("hex");
}
