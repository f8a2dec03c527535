import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { SignedMsgType, type Vote, VoteSchema } from "nild/gen/tendermint/types/types_pb.js";
import { ConsensusKey } from "../engine/embedded/consensus_key.js";
import { BlockSigner } from "../engine/embedded/signer.js";

let folder: string;
let path: string;
const key = new ConsensusKey(Buffer.alloc(32, 3));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nild-signer-"));
  path = join(folder, "priv_validator_state.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function vote(height: bigint, blockByte = 1, seconds = 100n): Vote {
  const hash = Buffer.alloc(32, blockByte);
  return create(VoteSchema, { type: SignedMsgType.PRECOMMIT, height, round: 0, blockId: { hash, partSetHeader: { total: 1, hash } }, timestamp: { seconds } });
}

async function fresh(): Promise<BlockSigner> {
  await BlockSigner.init(path);
  return BlockSigner.open(key, path);
}

test("the same vote gives the same signature, before and after a restart", async () => {
  const first = await (await fresh()).signPrecommit("c-1", vote(5n));
  const again = await (await BlockSigner.open(key, path)).signPrecommit("c-1", vote(5n));
  expect(Buffer.from(again).equals(first)).toBe(true);
});

test.each([
  ["another block at the height", vote(5n, 2)],
  ["another time at the height", vote(5n, 1, 101n)],
  ["a lower height", vote(4n)],
])("refuses %s, after a restart too", async (_name, other) => {
  const signer = await fresh();
  await signer.signPrecommit("c-1", vote(5n));
  await expect(signer.signPrecommit("c-1", other)).rejects.toMatchObject({ code: "signer.double_sign" });
  await expect((await BlockSigner.open(key, path)).signPrecommit("c-1", other)).rejects.toMatchObject({ code: "signer.double_sign" });
});

test("refuses what a later round of the height signed", async () => {
  writeFileSync(path, JSON.stringify({ height: "5", round: 1, step: 1 }));
  await expect((await BlockSigner.open(key, path)).signPrecommit("c-1", vote(5n))).rejects.toMatchObject({ code: "signer.double_sign" });
});

test("no signature leaves when its state cannot be written", async () => {
  const signer = await fresh();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "a file where the folder was");
  await expect(signer.signPrecommit("c-1", vote(1n))).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|EEXIST/) as string });
  expect(signer.lastHeight).toBe(0n);
});

test.each([
  ["K12 empty", ""],
  ["half", '{"height":"5","rou'],
  ["no height", "{}"],
  ["height a number", '{"height":5,"round":0,"step":3}'],
  ["height negative", '{"height":"-1","round":0,"step":3}'],
])("refuses to sign with a sign state that is %s", async (_name, content) => {
  writeFileSync(path, content);
  await expect(BlockSigner.open(key, path)).rejects.toMatchObject({ code: "signer.state_unreadable" });
});

test("refuses to sign without a sign state, and init never replaces one", async () => {
  await expect(BlockSigner.open(key, path)).rejects.toMatchObject({ code: "signer.state_unreadable" });
  await BlockSigner.init(path);
  await expect(BlockSigner.init(path)).rejects.toMatchObject({ code: "EEXIST" });
});

describe("consensus key file", () => {
  test("is read back as it was written, readable by its owner only", async () => {
    const file = join(folder, "priv_validator_key.json");
    await key.write(file);
    expect(Buffer.from((await ConsensusKey.read(file)).pubKey).equals(key.pubKey)).toBe(true);
    await expect(key.write(file)).rejects.toMatchObject({ code: "EEXIST" });
  });

  test.each([
    ["truncated", (text: string) => text.slice(0, 80)],
    ["of another type", (text: string) => text.replace("PrivKeyEd25519", "PrivKeySecp256k1")],
    ["with halves of two keys", (text: string) => text.replace(/("priv_key"[^}]*"value": ")(.)/, (_all, head: string, first: string) => head + (first === "A" ? "B" : "A"))],
  ])("is refused %s", async (_name, spoil) => {
    const file = join(folder, "priv_validator_key.json");
    await key.write(file);
    writeFileSync(file, spoil(readFileSync(file, "utf8")));
    await expect(ConsensusKey.read(file)).rejects.toMatchObject({ code: "key.malformed" });
  });
});
