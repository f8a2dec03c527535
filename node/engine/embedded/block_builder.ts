import { create } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { EngineState } from "nild/gen/nil/node/v1/engine_pb.js";
import { type Block, BlockSchema } from "nild/gen/tendermint/types/block_pb.js";
import { type Commit, CommitSchema, type Header } from "nild/gen/tendermint/types/types_pb.js";
import { BlockIDFlag } from "nild/gen/tendermint/types/validator_pb.js";
import type { ConsensusParams } from "nild/sdk";
import { MIN_BLOCK_TIME_STEP_NS, nsFromTimestamp, timestampFromNs } from "../../time.js";
import { blockIdOf, commitHash, consensusHash, dataHash, validatorsHash } from "./hashes.js";
import { merkleRoot } from "./merkle.js";

/** CometBFT 0.38's block protocol. */
export const BLOCK_PROTOCOL = 11n;

/** Under the first block there is nothing to have voted for. */
export function emptyCommit(): Commit {
  return create(CommitSchema, { height: 0n, round: 0, blockId: { partSetHeader: {} } });
}

/**
 * The block after `state`, with every header field as CometBFT computes it. Its time is the previous vote's: the
 * weighted median of one validator's vote. The first block carries genesis time.
 */
export function buildBlock(state: EngineState, lastCommit: Commit, txs: readonly Uint8Array[], params: ConsensusParams, proposer: Uint8Array): Block {
  const header: Omit<Header, "$typeName" | "$unknown"> = {
    version: { $typeName: "tendermint.version.Consensus", block: BLOCK_PROTOCOL, app: params.version.app },
    chainId: state.chainId,
    height: state.height + 1n,
    time: lastCommit.signatures[0]?.timestamp ?? state.time!,
    lastBlockId: state.blockId!,
    lastCommitHash: commitHash(lastCommit),
    dataHash: dataHash(txs),
    validatorsHash: validatorsHash(state.validators),
    nextValidatorsHash: validatorsHash(state.nextValidators),
    consensusHash: consensusHash(params.block),
    appHash: state.appHash,
    lastResultsHash: state.resultsHash,
    evidenceHash: merkleRoot([]),
    proposerAddress: proposer,
  };
  // Go writes these even when they are empty, so they must be set for the part set to agree.
  return create(BlockSchema, { header, data: { txs: [...txs] }, evidence: {}, lastCommit });
}

/** The one-vote commit for a block, its signature still empty. */
export function unsignedCommit(block: Block, voteTime: Timestamp): Commit {
  return create(CommitSchema, {
    height: block.header!.height,
    round: 0,
    blockId: blockIdOf(block),
    signatures: [{ blockIdFlag: BlockIDFlag.BLOCK_ID_FLAG_COMMIT, validatorAddress: block.header!.proposerAddress, timestamp: voteTime }],
  });
}

export function signedCommit(unsigned: Commit, signature: Uint8Array): Commit {
  return create(CommitSchema, { ...unsigned, signatures: [{ ...unsigned.signatures[0]!, signature }] });
}

/** Now, but always after the block's own time: block times rise strictly whatever the clock does. */
export function voteTime(block: Block, nowNs: bigint): Timestamp {
  const earliest = nsFromTimestamp(block.header!.time!) + MIN_BLOCK_TIME_STEP_NS;
  return timestampFromNs(nowNs > earliest ? nowNs : earliest);
}

/** What is left for transactions under `maxBytes` once header, one-signature commit and framing are in. */
export function maxTxBytes(maxBytes: bigint): number {
  const MAX_HEADER = 626;
  const MAX_COMMIT = 94 + 109;
  const FRAMING = 11;
  return Number(maxBytes) - MAX_HEADER - MAX_COMMIT - FRAMING;
}
