import { Status } from "nild/gen/nil/deal/v1/types_pb.js";
import { MsgCreateDealResponseSchema, MsgCreateDealSchema } from "nild/gen/nil/deal/v1/tx_pb.js";
import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Code } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { slotsOf, userMdusFor } from "nild/nilfs";
import { present, responseOf } from "./chain.js";
import { ClientError } from "./errors.js";
import { msg } from "./tx.js";
import { profileOf, readVolume } from "./volume.js";
import type { ClientContext, NewDeal, PutOptions } from "./types.js";

const PLACEMENT_POLL_MS = 250;
const PLACEMENT_TIMEOUT_MS = 60_000;

/** The volume to fill: a deal that exists, or a new one once its slots are drawn. @throws ClientError `placement_failed`, `deal_not_open`. */
export async function openDeal(context: ClientContext, options: PutOptions): Promise<Volume> {
  if (typeof options.deal === "bigint") return placed(context, options.deal, options.onProgress);
  const sizeBytes = options.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  options.onProgress?.({ phase: "deal", done: 0, total: 1 });
  const dealId = await createDeal(context, options.deal, Math.max(1, userMdusFor(sizeBytes)));
  options.onProgress?.({ phase: "deal", done: 1, total: 1 });
  return placed(context, dealId, options.onProgress);
}

async function createDeal({ chain, wallet }: ClientContext, terms: NewDeal, neededMdus: number): Promise<bigint> {
  const result = await chain.signAndBroadcast(wallet, [
    msg(MsgCreateDealSchema, {
      owner: wallet.address,
      durationBlocks: terms.durationBlocks,
      profile: { ...terms.profile, code: Code.GF256 },
      serviceHint: terms.serviceHint ?? "Hot",
      initialEscrow: terms.deposit.toString(),
      maxMonthlySpend: (terms.maxMonthlySpend ?? 0n).toString(),
      maxUserMdus: BigInt(terms.maxUserMdus ?? neededMdus),
      publicRead: terms.publicRead ?? false,
    }),
  ]);
  return responseOf(result, 0, MsgCreateDealResponseSchema).dealId;
}

/** Slots are drawn in the block after the one that created the deal. */
async function placed(context: ClientContext, dealId: bigint, onProgress: PutOptions["onProgress"]): Promise<Volume> {
  const deadline = Date.now() + PLACEMENT_TIMEOUT_MS;
  for (;;) {
    const deal = await findDeal(context, dealId);
    if (deal === undefined) {
      throw new ClientError("placement_failed", `deal ${dealId} does not exist: if it was just created, no set of providers fitted it and the money went back`, "are there K+M providers with room, bond and a full epoch of age? see query provider providers");
    }
    if (deal.status === Status.OPEN) {
      const volume = await readVolume(context, dealId);
      const slots = slotsOf(profileOf(volume));
      onProgress?.({ phase: "placement", done: slots, total: slots });
      return volume;
    }
    if (Date.now() >= deadline) throw new ClientError("deal_not_open", `deal ${dealId} still waits for its slots`, "does the chain make blocks?");
    await new Promise((resolve) => setTimeout(resolve, PLACEMENT_POLL_MS));
  }
}

async function findDeal({ chain }: ClientContext, id: bigint): Promise<{ status: Status } | undefined> {
  try {
    return present((await chain.query.deal.deal({ id })).deal, "deal");
  } catch (error) {
    if (error instanceof ClientError && error.code === "not_found") return undefined;
    throw error;
  }
}
