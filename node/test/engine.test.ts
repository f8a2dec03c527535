import { Block as CosmjsBlock } from "cosmjs-types/tendermint/types/block.js";
import { create, toBinary } from "@bufbuild/protobuf";
import { BlockSchema } from "nild/gen/tendermint/types/block_pb.js";
import { CommitSigSchema, type Header, VoteSchema } from "nild/gen/tendermint/types/types_pb.js";
import { verifyEd25519 } from "../engine/embedded/consensus_key.js";
import type { EmbeddedEngine } from "../engine/embedded/engine.js";
import { merkleRoot, sha256 } from "../engine/embedded/merkle.js";
import { voteOf, voteSignBytes } from "../engine/embedded/signer.js";
import { nsFromTimestamp } from "../time.js";
import { ChainFixture, GENESIS_TIME_NS } from "./chain_fixture.js";

const tx = (text: string): Uint8Array => Buffer.from(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
let chain: ChainFixture;
beforeEach(() => (chain = new ChainFixture()));
afterEach(() => chain.remove());

const headerAt = (engine: EmbeddedEngine, height: bigint): Header => engine.block(height)!.block.header!;

describe("blocks", () => {
  test("the first block exists once the engine has started and stands on genesis", async () => {
    const engine = await chain.started();
    const header = headerAt(engine, 1n);
    expect(engine.height).toBe(1n);
    expect(nsFromTimestamp(header.time!)).toBe(GENESIS_TIME_NS);
    expect(hex(header.appHash)).toBe(hex(sha256(Buffer.from("{}"))));
    for (const empty of [header.lastCommitHash, header.dataHash, header.evidenceHash, header.lastResultsHash]) expect(hex(empty)).toBe(hex(sha256()));
    expect(header.lastBlockId!.hash).toHaveLength(0);
  });

  test("each header names the block before it, its commit, its results and the state after it", async () => {
    const engine = await chain.started();
    await Promise.all([engine.submit(tx("a=1")), engine.submit(tx("b=bad"))]);
    await engine.produceBlock();
    await engine.produceBlock();
    const [second, third] = [engine.block(2n)!, headerAt(engine, 3n)];
    expect(second.block.data!.txs.map((each) => Buffer.from(each).toString())).toEqual(["a=1", "b=bad"]);
    expect(third.lastBlockId).toEqual(second.id);
    expect(third.appHash).toEqual(engine.results(2n)!.appHash);
    expect(third.lastCommitHash).toEqual(merkleRoot(engine.commit(2n)!.signatures.map((each) => toBinary(CommitSigSchema, each))));
    expect(hex(second.block.header!.dataHash)).toBe(hex(merkleRoot([sha256(tx("a=1")), sha256(tx("b=bad"))])));
    expect(engine.results(2n)!.txResults.map((each) => each.code)).toEqual([0, 5]);
  });

  test("results hash covers code, data and gas only, by hand", async () => {
    const engine = await chain.started();
    await engine.submit(tx("b=bad"));
    await engine.produceBlock();
    await engine.produceBlock();
    // code = 5 (08 05), gas_wanted = 100 (28 64), gas_used = 50 (30 32)
    expect(hex(headerAt(engine, 3n).lastResultsHash)).toBe(hex(merkleRoot([Buffer.from("080528643032", "hex")])));
  });

  test("cosmjs-types, an independent codec, re-encodes the stored block to the same bytes and the same part set", async () => {
    const engine = await chain.started();
    await engine.submit(tx("a=1"));
    await engine.produceBlock();
    const bytes = toBinary(BlockSchema, engine.block(2n)!.block);
    const again = CosmjsBlock.encode(CosmjsBlock.decode(bytes)).finish();
    expect(hex(again)).toBe(hex(bytes));
    expect(engine.block(2n)!.size).toBe(bytes.length);
    expect(hex(engine.block(2n)!.id.partSetHeader!.hash)).toBe(hex(merkleRoot([again])));
  });

  test("the part set covers the encoded block in 64 KiB parts", async () => {
    const engine = await chain.started();
    await engine.submit(tx(`a=${"x".repeat(150_000)}`));
    await engine.produceBlock();
    const { block, id } = engine.block(2n)!;
    const bytes = toBinary(BlockSchema, block);
    const parts = [bytes.subarray(0, 65_536), bytes.subarray(65_536, 131_072), bytes.subarray(131_072)];
    expect(id.partSetHeader!.total).toBe(3);
    expect(hex(id.partSetHeader!.hash)).toBe(hex(merkleRoot(parts)));
  });

  test("the commit carries a signature over the canonical vote that verifies, and no other message does", async () => {
    const engine = await chain.started();
    const commit = engine.commit(1n)!;
    const vote = create(VoteSchema, voteOf(commit, 0));
    expect(verifyEd25519(chain.key.pubKey, voteSignBytes("nild-test-1", vote), vote.signature)).toBe(true);
    expect(verifyEd25519(chain.key.pubKey, voteSignBytes("nild-test-2", vote), vote.signature)).toBe(false);
    expect(verifyEd25519(chain.key.pubKey, voteSignBytes("nild-test-1", create(VoteSchema, { ...vote, height: 2n })), vote.signature)).toBe(false);
  });

  test("block times rise strictly when the clock stands still or jumps back", async () => {
    const engine = await chain.started({ clock: { nowNs: () => GENESIS_TIME_NS - 3_600_000_000_000n } });
    for (let made = 0; made < 3; made++) await engine.produceBlock();
    const times = [1n, 2n, 3n, 4n].map((height) => nsFromTimestamp(headerAt(engine, height).time!));
    expect(times).toEqual([0n, 1n, 2n, 3n].map((step) => GENESIS_TIME_NS + step * 1_000_000n));
  });

  test("a later initial height starts there", async () => {
    const late = new ChainFixture({ initialHeight: 1000n });
    const engine = await late.started();
    expect([engine.base, engine.height, late.disk.height]).toEqual([1000n, 1000n, 1000n]);
    expect(engine.commit(1000n)!.height).toBe(1000n);
    await engine.stop();
    expect((await late.started()).height).toBe(1000n);
    late.remove();
  });

  test("an application that refuses its own proposal gets an empty block", async () => {
    const engine = await chain.started();
    chain.app.acceptProposals = false;
    await engine.submit(tx("a=1"));
    await engine.produceBlock();
    expect(engine.block(2n)!.block.data!.txs).toEqual([]);
    expect(engine.mempoolSize().txs).toBe(1);
  });

  test("blocks come at the interval until the engine stops", async () => {
    const engine = await chain.engine({ blockTimeMs: 5 });
    const reached = new Promise<void>((resolve) => engine.subscribe(({ height }) => void (height === 4n && resolve())));
    await engine.start();
    await reached;
    await engine.stop();
    const stopped = engine.height;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(engine.height).toBe(stopped);
    await expect(engine.produceBlock()).rejects.toMatchObject({ code: "engine.stopped" });
  });

  test("a listener that throws does not stop the chain nor the listeners after it", async () => {
    const engine = await chain.started();
    const heard: bigint[] = [];
    engine.subscribe(() => {
      throw new Error("listener");
    });
    engine.subscribe(({ height }) => void heard.push(height));
    await engine.produceBlock();
    expect(heard).toEqual([2n]);
    expect(chain.fatal).toEqual([]);
  });
});

describe("refusals at start", () => {
  test("a genesis that names another validator", async () => {
    const other = new ChainFixture({ validators: [{ pubKeyType: "ed25519", pubKey: Buffer.alloc(32, 9), power: 1n, name: "" }] });
    await expect(other.started()).rejects.toMatchObject({ code: "engine.not_the_validator" });
    other.remove();
  });

  test("a genesis with two validators", async () => {
    const two = [1, 2].map((seed) => ({ pubKeyType: "ed25519" as const, pubKey: Buffer.alloc(32, seed), power: 1n, name: "" }));
    const other = new ChainFixture({ validators: two });
    await expect(other.started()).rejects.toMatchObject({ code: "engine.not_the_validator" });
    other.remove();
  });

  test("another chain's block database", async () => {
    await (await chain.started()).stop();
    Object.assign(chain.genesis, { chainId: "nild-other-1" });
    await expect(chain.started()).rejects.toMatchObject({ code: "recovery.other_chain" });
  });

  test("a genesis whose app state changed after block 1, when the application must start over", async () => {
    await (await chain.started()).stop();
    Object.assign(chain.disk, { height: 0n });
    Object.assign(chain.genesis, { appState: Buffer.from('{"a":1}') });
    await expect(chain.started()).rejects.toMatchObject({ code: "recovery.app_hash_mismatch" });
  });
});
