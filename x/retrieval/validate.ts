import { type MsgChecks, type MsgValidators, addressFromString, sdkErr } from "nild/sdk";
import { checkProofForm, openingsCheck, refusedAs } from "nild/nilfs";
import type { Msg } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import type { RetrievalErrors } from "./errors.js";
import { checkParams } from "./params.js";

export const ROOT_BYTES = 48;
export const SESSION_ID_BYTES = 32;

export function msgValidators(err: RetrievalErrors): MsgValidators<typeof Msg> {
  const checkId = (id: Uint8Array): void => {
    if (id.length !== SESSION_ID_BYTES) throw err.InvalidRequest(`session_id: ${id.length} bytes, expected ${SESSION_ID_BYTES}`);
  };
  return {
    openSession({ opener, provider, manifestRoot, blobCount, nonce }) {
      accountBytes("opener", opener);
      accountBytes("provider", provider);
      if (manifestRoot.length !== ROOT_BYTES) throw err.InvalidRequest(`manifest_root: ${manifestRoot.length} bytes, expected ${ROOT_BYTES}`);
      if (blobCount === 0n) throw err.InvalidRequest("blob_count: 0");
      if (nonce === 0n) throw err.InvalidRequest("nonce: nonces start at 1");
      return undefined;
    },
    proveSession({ provider, sessionId, proof }) {
      accountBytes("provider", provider);
      checkId(sessionId);
      if (!proof) throw err.MalformedProof("proof: missing");
      if (proof.groups.length !== 1) throw err.MalformedProof(`proof.groups: ${proof.groups.length}, a session has one`);
      refusedAs((fault) => err.MalformedProof(`proof.${fault}`), () => checkProofForm(proof));
      return undefined;
    },
    confirmSession({ opener, sessionId }) {
      accountBytes("opener", opener);
      checkId(sessionId);
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
  proveSession: ({ proof }) => (proof ? [openingsCheck(proof)] : []),
};

/** A session's id packs addresses of 20 bytes. */
function accountBytes(field: string, address: string): void {
  const { length } = addressFromString(address);
  if (length !== 20) throw sdkErr.InvalidAddress(`${field}: ${length} bytes, expected 20`);
}
