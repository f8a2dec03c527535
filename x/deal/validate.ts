import type { Msg, MsgCommitContent } from "nild/gen/nil/deal/v1/tx_pb.js";
import { Code, type Profile } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { checkProfile, checkRootForm, refusedAs } from "nild/nilfs";
import { type MsgValidators, addressFromString, amount } from "nild/sdk";
import type { DealErrors } from "./errors.js";
import { checkParams } from "./params.js";

const HASH_BYTES = 32;
const SIGNATURE_BYTES = 64;

export function msgValidators(err: DealErrors): MsgValidators<typeof Msg> {
  return {
    createDeal({ owner, durationBlocks, profile, initialEscrow, maxMonthlySpend }) {
      addressFromString(owner);
      if (durationBlocks === 0n) throw err.BadDuration("duration_blocks: 0");
      checkProfileForm(err, profile);
      amount(initialEscrow);
      amount(maxMonthlySpend);
      return undefined;
    },
    commitContent(msg) {
      addressFromString(msg.signer);
      checkContentForm(err, msg);
      return undefined;
    },
    updateParams({ authority, params }) {
      addressFromString(authority);
      checkParams(err, params);
      return undefined;
    },
  };
}

function checkProfileForm(err: DealErrors, profile: Profile | undefined): undefined {
  if (!profile) throw err.BadProfile("profile: missing");
  refusedAs(err.BadProfile, () => checkProfile(profile));
  if (profile.code !== Code.GF256) throw err.BadProfile(`profile.code ${profile.code}: CODE_GF256 is the only one so far`);
}

/** @throws deal/8, deal/9 */
function checkContentForm(err: DealErrors, msg: MsgCommitContent): undefined {
  const { manifestRoot, mdu0Hash, sizeBytes, totalMdus, acks } = msg;
  refusedAs(err.BadContent, () => checkRootForm(manifestRoot, "manifest_root"));
  if (mdu0Hash.length !== HASH_BYTES) throw err.BadContent(`mdu0_hash: ${mdu0Hash.length} bytes, expected ${HASH_BYTES}`);
  if (sizeBytes === 0n) throw err.BadContent("size_bytes: 0; a commit has content");
  if (totalMdus === 0n) throw err.BadContent("total_mdus: 0; MDU 0 is always there");
  for (const [i, { slot, signature }] of acks.entries()) {
    if (signature.length !== SIGNATURE_BYTES) throw err.BadAcks(`acks[${i}].signature: ${signature.length} bytes, expected ${SIGNATURE_BYTES}`);
    if (i > 0 && slot <= acks[i - 1]!.slot) throw err.BadAcks(`acks[${i}]: slot ${slot} is given twice or out of order`);
  }
}
