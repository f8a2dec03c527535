import { readFile } from "node:fs/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { CanonicalVoteSchema } from "nild/gen/tendermint/types/canonical_pb.js";
import { type Commit, type Vote, SignedMsgType } from "nild/gen/tendermint/types/types_pb.js";
import { NodeError, errnoOf } from "../../errors.js";
import { createFileExclusive, writeFileAtomic } from "../../files/atomic.js";
import { hex } from "../../hex.js";
import type { ConsensusKey } from "./consensus_key.js";

/** The step of a precommit in CometBFT's sign-state file. */
const STEP_PRECOMMIT = 3;

/** What was signed last: signing anything else at or below it would be a double sign. */
interface SignState {
  readonly height: bigint;
  readonly round: number;
  readonly step: number;
  readonly signBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Signs precommits and never two different ones for a height, across crashes too: what will be signed is on the disk
 * before the signature leaves (reliability S7). The file is CometBFT's priv_validator_state.json.
 */
export class BlockSigner {
  #state: SignState;
  private constructor(
    readonly key: ConsensusKey,
    readonly path: string,
    state: SignState,
  ) {
    this.#state = state;
  }

  /** Refuses if the file is absent or unreadable: only `init` makes one. */
  static async open(key: ConsensusKey, path: string): Promise<BlockSigner> {
    return new BlockSigner(key, path, await readState(path));
  }

  static async init(path: string): Promise<void> {
    await createFileExclusive(path, encodeState({ height: 0n, round: 0, step: 0, signBytes: EMPTY, signature: EMPTY }));
  }

  /** Height of the last signature; 0n for none. It lives outside the block database, so it tells if that lost blocks. */
  get lastHeight(): bigint {
    return this.#state.height;
  }

  async signPrecommit(chainId: string, vote: Vote): Promise<Uint8Array> {
    const signBytes = voteSignBytes(chainId, vote);
    const last = this.#state;
    const order = compareVotes(vote, last);
    if (order === 0 && Buffer.from(last.signBytes).equals(signBytes)) return last.signature;
    if (order <= 0) {
      throw new NodeError(
        "signer.double_sign",
        `refused to sign height ${vote.height}: ${this.path} says that height ${last.height} was signed already, for another block`,
        "the block database is older than the sign state; restore the newer one",
      );
    }
    const next = { height: vote.height, round: vote.round, step: STEP_PRECOMMIT, signBytes, signature: this.key.sign(signBytes) };
    await writeFileAtomic(this.path, encodeState(next));
    this.#state = next;
    return next.signature;
  }
}

/** The bytes under a vote's signature: a length-prefixed CanonicalVote (CometBFT types/canonical.go). */
export function voteSignBytes(chainId: string, vote: Vote): Uint8Array {
  const id = vote.blockId;
  const canonical = create(CanonicalVoteSchema, {
    type: vote.type,
    height: vote.height,
    round: BigInt(vote.round),
    ...(id === undefined || id.hash.length === 0 ? {} : { blockId: { hash: id.hash, partSetHeader: { total: id.partSetHeader!.total, hash: id.partSetHeader!.hash } } }),
    timestamp: vote.timestamp!,
    chainId,
  });
  const bytes = toBinary(CanonicalVoteSchema, canonical);
  return Buffer.concat([uvarint(bytes.length), bytes]);
}

/** The vote behind one signature of a commit. */
export function voteOf(commit: Commit, index: number): Omit<Vote, "$typeName" | "$unknown"> {
  const signature = commit.signatures[index]!;
  return {
    type: SignedMsgType.PRECOMMIT,
    height: commit.height,
    round: commit.round,
    blockId: commit.blockId!,
    timestamp: signature.timestamp!,
    validatorAddress: signature.validatorAddress,
    validatorIndex: index,
    signature: signature.signature,
    extension: EMPTY,
    extensionSignature: EMPTY,
  };
}

const EMPTY = new Uint8Array(0);

function compareVotes(vote: Vote, last: SignState): number {
  if (vote.height !== last.height) return vote.height > last.height ? 1 : -1;
  if (vote.round !== last.round) return vote.round > last.round ? 1 : -1;
  return STEP_PRECOMMIT - last.step;
}

function uvarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function encodeState(state: SignState): string {
  const file = {
    height: String(state.height),
    round: state.round,
    step: state.step,
    ...(state.signature.length === 0
      ? {}
      : { signature: Buffer.from(state.signature).toString("base64"), signbytes: hex(state.signBytes) }),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

async function readState(path: string): Promise<SignState> {
  try {
    const file = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    const { height, round, step, signature = "", signbytes = "" } = file;
    if (typeof height !== "string" || !/^\d{1,19}$/.test(height)) throw new Error("height");
    if (typeof round !== "number" || typeof step !== "number" || !Number.isSafeInteger(round) || !Number.isSafeInteger(step)) throw new Error("round or step");
    if (typeof signature !== "string" || typeof signbytes !== "string") throw new Error("signature");
    return { height: BigInt(height), round, step, signature: Buffer.from(signature, "base64"), signBytes: Buffer.from(signbytes, "hex") };
  } catch (error) {
    throw new NodeError(
      "signer.state_unreadable",
      `refused to sign: the sign state ${path} is ${errnoOf(error) === "ENOENT" ? "missing" : "unreadable"}`,
      "restore it from a backup; a fresh one could sign a height twice",
      { cause: error },
    );
  }
}
