import { MsgProveSlotsResponseSchema, MsgProveSlotsSchema } from "nild/gen/nil/challenge/v1/tx_pb.js";
import type { DueSlot, QueryDueResponse } from "nild/gen/nil/challenge/v1/query_pb.js";
import { ChainError, msg, responseOf, type ChainClient, type Wallet } from "nild/client";
import type { Kzg } from "nild/nilfs";
import { HttpError } from "./errors.js";
import { openDemands, proofGas, type Demand } from "./proofs.js";
import type { Slabs } from "./slabs.js";
import type { ProviderOptions } from "./types.js";

/** Keeps one answer well below the block's gas and the transaction's size. */
const MAX_OPENINGS = 128;
const MAX_SLOTS = 16;

export interface ProverContext {
  readonly chain: ChainClient;
  readonly wallet: Wallet;
  readonly slabs: Slabs;
  readonly kzg: () => Promise<Kzg>;
  readonly log: NonNullable<ProviderOptions["log"]>;
}

/** Answers what is due now, several slots by one message. Returns how many slots were answered with valid proofs. */
export async function answerDue(context: ProverContext, due: QueryDueResponse): Promise<number> {
  const ready: { due: DueSlot; demand: Demand }[] = [];
  for (const slot of due.slots) {
    const demand = await demandOf(context, slot);
    if (demand !== undefined) ready.push({ due: slot, demand });
  }
  let answered = 0;
  for (const batch of batches(ready)) answered += await answerBatch(context, due, batch);
  return answered;
}

type Ready = { due: DueSlot; demand: Demand };

async function answerBatch(context: ProverContext, due: QueryDueResponse, batch: readonly Ready[]): Promise<number> {
  try {
    return await send(context, due, batch);
  } catch (error) {
    // One slot that changed meanwhile fails the whole message: the others go alone.
    if (batch.length > 1 && (error instanceof ChainError || error instanceof HttpError)) {
      let answered = 0;
      for (const one of batch) answered += await answerBatch(context, due, [one]).catch((reason: unknown) => skip(context, one.due, reason));
      return answered;
    }
    throw error;
  }
}

async function send({ chain, wallet, kzg, log }: ProverContext, due: QueryDueResponse, batch: readonly Ready[]): Promise<number> {
  const proof = await openDemands(kzg, due.z, batch.map(({ demand }) => demand));
  const message = msg(MsgProveSlotsSchema, {
    provider: wallet.address,
    epoch: due.epoch,
    slots: batch.map(({ due: { dealId, slot, generation } }) => ({ dealId, slot, generation })),
    proof,
  });
  const result = await chain.signAndBroadcast(wallet, [message], { gas: proofGas([proof]) });
  if (responseOf(result, 0, MsgProveSlotsResponseSchema).valid) return batch.length;
  // A verdict: what is sent again could only be refused, for a fee.
  log("error", "the chain judged this provider's proof wrong", { epoch: due.epoch.toString(), slots: batch.length, hash: result.hash });
  return 0;
}

/** The slab and positions of a due slot; undefined when this provider does not hold it (any more). */
async function demandOf(context: ProverContext, due: DueSlot): Promise<Demand | undefined> {
  try {
    const slab = await context.slabs.open(due.dealId, due.generation, due.manifestRoot);
    // Credits excuse the tail; the metadata position comes last and is never excused.
    const payload = due.positions.slice(0, -1).slice(0, due.needed);
    return { slab, positions: [...payload, ...due.positions.slice(-1)] };
  } catch (error) {
    skip(context, due, error);
    return undefined;
  }
}

function skip({ log }: ProverContext, { dealId, slot }: DueSlot, error: unknown): 0 {
  log("error", "slot cannot be proved", { deal: dealId.toString(), slot, error: String(error) });
  return 0;
}

function batches(ready: readonly Ready[]): Ready[][] {
  const out: Ready[][] = [];
  let openings = 0;
  for (const one of ready) {
    const last = out.at(-1);
    const count = one.demand.positions.length;
    if (last === undefined || last.length >= MAX_SLOTS || openings + count > MAX_OPENINGS) {
      out.push([one]);
      openings = count;
    } else {
      last.push(one);
      openings += count;
    }
  }
  return out;
}
