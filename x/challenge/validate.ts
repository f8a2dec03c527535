import { type MsgChecks, type MsgValidators, addressFromString } from "nild/sdk";
import { checkProofForm, openingsCheck, refusedAs } from "nild/nilfs";
import type { Msg } from "nild/gen/nil/challenge/v1/tx_pb.js";
import type { ChallengeErrors } from "./errors.js";
import { checkParams } from "./params.js";

/** A daemon with more due slots sends more messages; gas and the size of a transaction bound them anyway. */
export const MAX_SLOTS_PER_MESSAGE = 64;

export function msgValidators(err: ChallengeErrors): MsgValidators<typeof Msg> {
  return {
    proveSlots({ provider, slots, proof }) {
      addressFromString(provider);
      if (slots.length === 0) throw err.NoSlots("slots: empty");
      if (slots.length > MAX_SLOTS_PER_MESSAGE) throw err.TooManySlots(`slots: ${slots.length}, at most ${MAX_SLOTS_PER_MESSAGE}`);
      slots.forEach((claim, i) => {
        const before = slots[i - 1];
        const rises = !before || before.dealId < claim.dealId || (before.dealId === claim.dealId && before.slot < claim.slot);
        if (!rises) throw err.SlotsOutOfOrder(`slots[${i}]: sort by (deal_id, slot), each once`);
      });
      if (!proof) throw err.MalformedProof("proof: missing");
      if (proof.groups.length !== slots.length) throw err.WrongGroups(`proof.groups: ${proof.groups.length}, expected one per slot (${slots.length})`);
      refusedAs((fault) => err.MalformedProof(`proof.${fault}`), () => checkProofForm(proof));
      return undefined;
    },
    updateParams({ authority, params }) {
      addressFromString(authority);
      checkParams(err, params);
      return undefined;
    },
  };
}

export const msgChecks: MsgChecks<typeof Msg> = {
  proveSlots: ({ proof }) => (proof ? [openingsCheck(proof)] : []),
};
