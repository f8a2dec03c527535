import { create } from "@bufbuild/protobuf";
import { type BlockResults, BlockResultsSchema, type EngineState, EngineStateSchema } from "nild/gen/nil/node/v1/engine_pb.js";
import type { Block } from "nild/gen/tendermint/types/block_pb.js";
import type { BlockID } from "nild/gen/tendermint/types/types_pb.js";
import { type Validator, ValidatorSchema } from "nild/gen/tendermint/types/validator_pb.js";
import type { Event, FinalizeBlockResult, ValidatorUpdate } from "nild/sdk";
import { timestampFromNs } from "../../time.js";
import { consensusAddress, resultsHash } from "./hashes.js";
import { merkleRoot } from "./merkle.js";

/** The application's answer as the record that is kept and served. */
export function blockResults(result: FinalizeBlockResult): BlockResults {
  return create(BlockResultsSchema, {
    txResults: result.txResults.map((each) => ({
      code: each.code,
      data: each.data,
      log: each.log,
      gasWanted: each.gasWanted,
      gasUsed: each.gasUsed,
      events: each.events.map(eventRecord),
      codespace: each.codespace,
    })),
    events: result.events.map(eventRecord),
    validatorUpdates: result.validatorUpdates.map((each) => ({
      pubKey: { sum: { case: each.pubKeyType, value: each.pubKey } },
      power: each.power,
    })),
    appHash: result.appHash,
  });
}

export function genesisState(chainId: string, initialHeight: bigint, timeNs: bigint, appHash: Uint8Array, validators: readonly ValidatorUpdate[]): EngineState {
  const set = validators.map(validatorOf);
  return create(EngineStateSchema, {
    chainId,
    height: initialHeight - 1n,
    blockId: { partSetHeader: {} },
    time: timestampFromNs(timeNs),
    appHash,
    resultsHash: merkleRoot([]),
    validators: set,
    nextValidators: set,
  });
}

/** Updates returned at H sign from H + 2 on. This engine has one validator: only a change of its power counts. */
export function stateAfter(state: EngineState, block: Block, blockId: BlockID, results: BlockResults): EngineState {
  return create(EngineStateSchema, {
    chainId: state.chainId,
    height: block.header!.height,
    blockId,
    time: block.header!.time!,
    appHash: results.appHash,
    resultsHash: resultsHash(results.txResults),
    validators: state.nextValidators,
    nextValidators: state.nextValidators.map((validator) => {
      const update = results.validatorUpdates.find(({ pubKey }) => samePubKey(pubKey?.sum.value, validator.pubKey?.sum.value));
      return update === undefined || update.power === 0n ? validator : create(ValidatorSchema, { ...validator, votingPower: update.power });
    }),
  });
}

function validatorOf({ pubKeyType, pubKey, power }: ValidatorUpdate): Validator {
  return create(ValidatorSchema, { address: consensusAddress(pubKey), pubKey: { sum: { case: pubKeyType, value: pubKey } }, votingPower: power });
}

function samePubKey(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.from(a).equals(b);
}

function eventRecord({ type, attributes }: Event): { type: string; attributes: { key: string; value: string; index: boolean }[] } {
  return { type, attributes: attributes.map(({ key, value }) => ({ key, value, index: true })) };
}
