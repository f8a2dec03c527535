import { create } from "@bufbuild/protobuf";
import { HeaderSchema, SignedMsgType, VoteSchema } from "nild/gen/tendermint/types/types_pb.js";
import { headerHash } from "../engine/embedded/hashes.js";
import { merkleProof, merkleRoot, sha256 } from "../engine/embedded/merkle.js";
import { voteSignBytes } from "../engine/embedded/signer.js";
import { nsFromRfc3339, rfc3339, timestampFromNs } from "../time.js";

const text = (value: string): Uint8Array => sha256(Buffer.from(value));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** Go's zero time, which its zero vote carries. */
const GO_ZERO_TIME = { seconds: -62_135_596_800n, nanos: 0 };

test("header hash equals CometBFT's published vector (types/block_test.go)", () => {
  const header = create(HeaderSchema, {
    version: { block: 1n, app: 2n },
    chainId: "chainId",
    height: 3n,
    time: timestampFromNs(nsFromRfc3339("2019-10-13T16:14:44Z")!),
    lastBlockId: { hash: new Uint8Array(32), partSetHeader: { total: 6, hash: new Uint8Array(32) } },
    lastCommitHash: text("last_commit_hash"),
    dataHash: text("data_hash"),
    validatorsHash: text("validators_hash"),
    nextValidatorsHash: text("next_validators_hash"),
    consensusHash: text("consensus_hash"),
    appHash: text("app_hash"),
    lastResultsHash: text("last_results_hash"),
    evidenceHash: text("evidence_hash"),
    proposerAddress: text("proposer_address").subarray(0, 20),
  });
  expect(hex(headerHash(header))).toBe("f740121f553b5418c3efbd343c2dbfe9e007bb67b0d020a0741374bab65242a4");
});

test("vote sign bytes equal CometBFT's published vectors (types/vote_test.go)", () => {
  const zero = create(VoteSchema, { timestamp: GO_ZERO_TIME });
  expect(hex(voteSignBytes("", zero))).toBe("0d2a0b088092b8c398feffffff01");
  const precommit = create(VoteSchema, { type: SignedMsgType.PRECOMMIT, height: 1n, round: 1, timestamp: GO_ZERO_TIME });
  expect(hex(voteSignBytes("", precommit))).toBe("2108021101000000000000001901000000000000002a0b088092b8c398feffffff01");
});

test("Merkle root follows RFC 6962: empty tree, prefixes, split at the largest power of two", () => {
  const items = [1, 2, 3, 4, 5].map((value) => Uint8Array.of(value));
  const [a, b, c, d, e] = items.map((item) => sha256(Uint8Array.of(0), item));
  const inner = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Uint8Array.of(1), left, right);
  expect(hex(merkleRoot([]))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(merkleRoot(items)).toEqual(inner(inner(inner(a!, b!), inner(c!, d!)), e!));
});

test("a Merkle proof leads from each leaf to the root", () => {
  const items = Array.from({ length: 7 }, (_, value) => Uint8Array.of(value));
  for (const [index] of items.entries()) {
    const proof = merkleProof(items, index);
    expect(rootFrom(proof.leafHash, proof.index, proof.total, [...proof.aunts])).toEqual(merkleRoot(items));
  }
});

/** Independent of the implementation: folds from the leaf by the tree's shape. */
function rootFrom(leaf: Uint8Array, index: number, total: number, aunts: Uint8Array[]): Uint8Array {
  if (total === 1) return leaf;
  const aunt = aunts.pop()!;
  let split = 1;
  while (split * 2 < total) split *= 2;
  return index < split
    ? sha256(Uint8Array.of(1), rootFrom(leaf, index, split, aunts), aunt)
    : sha256(Uint8Array.of(1), aunt, rootFrom(leaf, index - split, total - split, aunts));
}

test.each([
  ["2026-11-21T13:00:00Z", "2026-11-21T13:00:00Z"],
  ["2026-11-21T13:00:00.120000000Z", "2026-11-21T13:00:00.12Z"],
  ["2026-11-21T13:00:00.000000001Z", "2026-11-21T13:00:00.000000001Z"],
])("time %s is written as %s", (given, written) => {
  expect(rfc3339(timestampFromNs(nsFromRfc3339(given)!))).toBe(written);
});

test.each(["2026-11-21", "2026-11-21T13:00:00+01:00", "2026-13-21T13:00:00Z", "2026-11-21T13:00:00.1234567890Z"])("%s is no time", (given) => {
  expect(nsFromRfc3339(given)).toBeUndefined();
});
