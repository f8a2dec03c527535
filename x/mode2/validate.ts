import type { Msg } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { checkProofForm, openingsCheck, refusedAs } from "nild/nilfs";
import { type MsgChecks, type MsgValidators, addressFromString } from "nild/sdk";
import type { Mode2Errors } from "./errors.js";
import { checkParams } from "./params.js";
import { MAX_READINESS_BLOBS } from "./readiness.js";

export function msgValidators(err: Mode2Errors): MsgValidators<typeof Msg> {
  return {
    proveReadiness({ provider, proof }) {
      addressFromString(provider);
      if (!proof) throw err.MalformedProof("proof: missing");
      refusedAs((fault) => err.MalformedProof(`proof.${fault}`), () => checkProofForm(proof));
      const [group] = proof.groups;
      if (!group || proof.groups.length !== 1) throw err.MalformedProof(`proof.groups: ${proof.groups.length}, expected 1`);
      if (group.blobs.length > MAX_READINESS_BLOBS) throw err.MalformedProof(`proof: ${group.blobs.length} blobs, at most ${MAX_READINESS_BLOBS}`);
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
  proveReadiness: ({ proof }) => (proof ? [openingsCheck(proof)] : []),
};
