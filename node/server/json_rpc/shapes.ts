import type { BlockResults } from "nild/gen/nil/node/v1/engine_pb.js";
import type { Event, ExecTxResult } from "nild/gen/tendermint/abci/types_pb.js";
import type { PublicKey } from "nild/gen/tendermint/crypto/keys_pb.js";
import type { Block } from "nild/gen/tendermint/types/block_pb.js";
import type { BlockID, Commit, Header } from "nild/gen/tendermint/types/types_pb.js";
import type { QueryResult } from "nild/sdk";
import type { CommittedTx, StoredBlock } from "../../engine/chain.js";
import { merkleProof } from "../../engine/embedded/merkle.js";
import { txHash } from "../../engine/embedded/hashes.js";
import { hex } from "../../hex.js";
import { rfc3339 } from "../../time.js";

/*
 * CometBFT 0.38's JSON: 64-bit integers are strings, 32-bit ones numbers; hashes and addresses are upper-case hex,
 * other bytes base64 or null.
 */

export function base64(bytes: Uint8Array): string | null {
  return bytes.length === 0 ? null : Buffer.from(bytes).toString("base64");
}

export function blockIdJson(id: BlockID): object {
  return { hash: hex(id.hash), parts: { total: id.partSetHeader?.total ?? 0, hash: hex(id.partSetHeader?.hash ?? new Uint8Array(0)) } };
}

export function headerJson(header: Header): object {
  const { block, app } = header.version!;
  return {
    version: { block: String(block), ...(app === 0n ? {} : { app: String(app) }) },
    chain_id: header.chainId,
    height: String(header.height),
    time: rfc3339(header.time!),
    last_block_id: blockIdJson(header.lastBlockId!),
    last_commit_hash: hex(header.lastCommitHash),
    data_hash: hex(header.dataHash),
    validators_hash: hex(header.validatorsHash),
    next_validators_hash: hex(header.nextValidatorsHash),
    consensus_hash: hex(header.consensusHash),
    app_hash: hex(header.appHash),
    last_results_hash: hex(header.lastResultsHash),
    evidence_hash: hex(header.evidenceHash),
    proposer_address: hex(header.proposerAddress),
  };
}

export function commitJson(commit: Commit): object {
  return {
    height: String(commit.height),
    round: commit.round,
    block_id: blockIdJson(commit.blockId!),
    signatures: commit.signatures.map((each) => ({
      block_id_flag: each.blockIdFlag,
      validator_address: hex(each.validatorAddress),
      timestamp: rfc3339(each.timestamp!),
      signature: base64(each.signature),
    })),
  };
}

export function blockJson({ id, block }: StoredBlock): object {
  return {
    block_id: blockIdJson(id),
    block: {
      header: headerJson(block.header!),
      data: { txs: block.data!.txs.map((tx) => Buffer.from(tx).toString("base64")) },
      evidence: { evidence: [] },
      last_commit: commitJson(block.lastCommit!),
    },
  };
}

export function blockResultsJson(height: bigint, results: BlockResults): object {
  return {
    height: String(height),
    txs_results: results.txResults.length === 0 ? null : results.txResults.map(execResultJson),
    finalize_block_events: results.events.map(eventJson),
    validator_updates: results.validatorUpdates.length === 0 ? null : results.validatorUpdates.map(({ pubKey, power }) => ({ pub_key: updateKeyJson(pubKey!), power: String(power) })),
    consensus_param_updates: null,
    app_hash: base64(results.appHash),
  };
}

export function execResultJson(result: ExecTxResult): object {
  return {
    code: result.code,
    data: base64(result.data),
    log: result.log,
    info: result.info,
    gas_wanted: String(result.gasWanted),
    gas_used: String(result.gasUsed),
    events: result.events.map(eventJson),
    codespace: result.codespace,
  };
}

export function eventJson(event: Event): object {
  return { type: event.type, attributes: event.attributes.map(({ key, value, index }) => ({ key, value, index })) };
}

/** `block`: given when the caller asked for a proof of inclusion under data_hash. */
export function txJson(found: CommittedTx, block?: Block): object {
  return {
    hash: hex(found.hash),
    height: String(found.height),
    index: found.index,
    tx_result: execResultJson(found.result),
    tx: Buffer.from(found.tx).toString("base64"),
    ...(block === undefined ? {} : { proof: txProofJson(block, found.index) }),
  };
}

function txProofJson(block: Block, index: number): object {
  const txs = block.data!.txs;
  const proof = merkleProof(txs.map(txHash), index);
  return {
    root_hash: hex(block.header!.dataHash),
    data: base64(txs[index]!),
    proof: { total: String(proof.total), index: String(proof.index), leaf_hash: base64(proof.leafHash), aunts: proof.aunts.map(base64) },
  };
}

export function queryResultJson(result: QueryResult): object {
  return {
    code: result.code,
    log: result.log,
    info: "",
    index: "0",
    key: base64(result.key),
    value: base64(result.value),
    proofOps: result.proofOps.length === 0 ? null : { ops: result.proofOps.map((op) => ({ type: op.type, key: base64(op.key), data: base64(op.data) })) },
    height: String(result.height),
    codespace: result.codespace,
  };
}

export function consensusKeyJson(pubKey: Uint8Array): object {
  return { type: "tendermint/PubKeyEd25519", value: base64(pubKey) };
}

function updateKeyJson(pubKey: PublicKey): object {
  const kind = pubKey.sum.case === "secp256k1" ? "Secp256K1" : "Ed25519";
  return { Sum: { type: `tendermint.crypto.PublicKey_${kind}`, value: { [pubKey.sum.case ?? "ed25519"]: base64(pubKey.sum.value ?? new Uint8Array(0)) } } };
}
