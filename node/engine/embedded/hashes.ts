import { create, toBinary } from "@bufbuild/protobuf";
import { BytesValueSchema, Int64ValueSchema, StringValueSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type ExecTxResult, ExecTxResultSchema } from "nild/gen/tendermint/abci/types_pb.js";
import { type Block, BlockSchema } from "nild/gen/tendermint/types/block_pb.js";
import { HashedParamsSchema } from "nild/gen/tendermint/types/params_pb.js";
import {
  type BlockID,
  BlockIDSchema,
  type Commit,
  CommitSigSchema,
  type Header,
  type PartSetHeader,
  PartSetHeaderSchema,
} from "nild/gen/tendermint/types/types_pb.js";
import { SimpleValidatorSchema, type Validator } from "nild/gen/tendermint/types/validator_pb.js";
import { ConsensusSchema } from "nild/gen/tendermint/version/types_pb.js";
import { merkleRoot, sha256 } from "./merkle.js";

/** Blocks travel and are committed to in parts of this size. CometBFT types/params.go. */
export const BLOCK_PART_BYTES = 65_536;

/**
 * The hash that names a block: the root over the header's 14 fields, each encoded alone, in the header's order
 * (CometBFT 0.38 types/block.go). Every embedded message must be set, as Go always writes them.
 */
export function headerHash(header: Header): Uint8Array {
  return merkleRoot([
    toBinary(ConsensusSchema, header.version!),
    stringField(header.chainId),
    int64Field(header.height),
    toBinary(TimestampSchema, header.time!),
    toBinary(BlockIDSchema, header.lastBlockId!),
    bytesField(header.lastCommitHash),
    bytesField(header.dataHash),
    bytesField(header.validatorsHash),
    bytesField(header.nextValidatorsHash),
    bytesField(header.consensusHash),
    bytesField(header.appHash),
    bytesField(header.lastResultsHash),
    bytesField(header.evidenceHash),
    bytesField(header.proposerAddress),
  ]);
}

/** Root over the transactions' hashes. */
export function dataHash(txs: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(txs.map(txHash));
}

/** SHA-256 of the TxRaw bytes. */
export function txHash(tx: Uint8Array): Uint8Array {
  return sha256(tx);
}

export function commitHash(commit: Commit): Uint8Array {
  return merkleRoot(commit.signatures.map((each) => toBinary(CommitSigSchema, each)));
}

export function validatorsHash(validators: readonly Validator[]): Uint8Array {
  return merkleRoot(
    validators.map(({ pubKey, votingPower }) =>
      toBinary(SimpleValidatorSchema, create(SimpleValidatorSchema, { pubKey: pubKey!, votingPower })),
    ),
  );
}

export function consensusHash(params: { readonly maxBytes: bigint; readonly maxGas: bigint }): Uint8Array {
  return sha256(
    toBinary(HashedParamsSchema, create(HashedParamsSchema, { blockMaxBytes: params.maxBytes, blockMaxGas: params.maxGas })),
  );
}

/** Covers code, data and gas of each result; log, events and codespace stay outside consensus. */
export function resultsHash(results: readonly ExecTxResult[]): Uint8Array {
  return merkleRoot(
    results.map(({ code, data, gasWanted, gasUsed }) =>
      toBinary(ExecTxResultSchema, create(ExecTxResultSchema, { code, data, gasWanted, gasUsed })),
    ),
  );
}

/** What a commit signs: the header's hash and the root over the encoded block's parts. */
export function blockIdOf(block: Block): BlockID {
  return create(BlockIDSchema, { hash: headerHash(block.header!), partSetHeader: partSetHeader(toBinary(BlockSchema, block)) });
}

export function partSetHeader(blockBytes: Uint8Array): PartSetHeader {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < blockBytes.length; start += BLOCK_PART_BYTES) {
    parts.push(blockBytes.subarray(start, start + BLOCK_PART_BYTES));
  }
  return create(PartSetHeaderSchema, { total: parts.length, hash: merkleRoot(parts) });
}

/** Consensus address: the first 20 bytes of SHA-256 of the ed25519 key. */
export function consensusAddress(pubKey: Uint8Array): Uint8Array {
  return sha256(pubKey).subarray(0, 20);
}

/* A zero value is the empty leaf: the wrapper types write nothing for it. */
function stringField(value: string): Uint8Array {
  return toBinary(StringValueSchema, create(StringValueSchema, { value }));
}
function int64Field(value: bigint): Uint8Array {
  return toBinary(Int64ValueSchema, create(Int64ValueSchema, { value }));
}
function bytesField(value: Uint8Array): Uint8Array {
  return toBinary(BytesValueSchema, create(BytesValueSchema, { value }));
}
