import { create } from "@bufbuild/protobuf";
import type { EngineState } from "nild/gen/nil/node/v1/engine_pb.js";
import { BlockSchema } from "nild/gen/tendermint/types/block_pb.js";
import { BlockIDSchema } from "nild/gen/tendermint/types/types_pb.js";
import type { ValidatorUpdate } from "nild/sdk";
import { blockResults, genesisState, stateAfter } from "../engine/embedded/results.js";

const OWN = new Uint8Array(32).fill(1);
const OTHER = new Uint8Array(32).fill(2);
const GENESIS = genesisState("c-1", 1n, 0n, new Uint8Array(32), [{ pubKeyType: "ed25519", pubKey: OWN, power: 10n }]);

function after(state: EngineState, updates: ValidatorUpdate[]): EngineState {
  const block = create(BlockSchema, { header: { height: state.height + 1n, time: { seconds: 1n } } });
  const results = blockResults({ txResults: [], events: [], validatorUpdates: updates, appHash: new Uint8Array(32) });
  return stateAfter(state, block, create(BlockIDSchema, {}), results);
}
const powers = (state: EngineState): bigint[][] => [state.validators, state.nextValidators].map((set) => set.map(({ votingPower }) => votingPower));
const update = (pubKey: Uint8Array, power: bigint): ValidatorUpdate => ({ pubKeyType: "ed25519", pubKey, power });

test("a change of the own power at H signs from H + 2 on", () => {
  const changed = after(GENESIS, [update(OWN, 25n)]);
  expect(powers(changed)).toEqual([[10n], [25n]]);
  expect(powers(after(changed, []))).toEqual([[25n], [25n]]);
});

test.each([
  ["another validator", update(OTHER, 5n)],
  ["the last validator's removal", update(OWN, 0n)],
])("%s is not applied", (_name, each) => {
  expect(powers(after(after(GENESIS, [each]), []))).toEqual([[10n], [10n]]);
});
