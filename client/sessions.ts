import { MsgConfirmSessionSchema, MsgOpenSessionResponseSchema, MsgOpenSessionSchema } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { present, responseOf } from "./chain.js";
import { msg } from "./tx.js";
import type { ClientContext } from "./types.js";
import type { SlotHolder } from "./volume.js";

/** A run of a slot's blobs: rows count on over MDUs. */
export interface SlotRun {
  /** Index of the MDU in the slab. */
  readonly startMdu: number;
  readonly startRow: number;
  readonly blobs: number;
}

export interface OpenedSession {
  readonly id: Uint8Array;
  readonly holder: SlotHolder;
  readonly run: SlotRun;
}

/** A session lives long enough to read and to be proved, and no longer: its fee is locked meanwhile. */
const SESSION_BLOCKS = 100n;

/** Opens one session per holder over the same run, all in one transaction. @throws ChainError */
export async function openSessions(context: ClientContext, volume: Volume, holders: readonly SlotHolder[], run: SlotRun): Promise<OpenedSession[]> {
  const { chain, wallet } = context;
  const [{ params }, { nonce }, height] = await Promise.all([
    chain.query.retrieval.params({}),
    chain.query.retrieval.nonce({ opener: wallet.address }),
    chain.height(),
  ]);
  const longest = present(params, "params").maxSessionBlocks;
  const wanted = height + (longest < SESSION_BLOCKS ? longest : SESSION_BLOCKS);
  const expiresHeight = wanted < volume.endHeight ? wanted : volume.endHeight;
  const result = await chain.signAndBroadcast(
    wallet,
    holders.map((holder, i) =>
      msg(MsgOpenSessionSchema, {
        opener: wallet.address,
        dealId: volume.dealId,
        slot: holder.slot,
        provider: holder.provider,
        manifestRoot: volume.manifestRoot,
        startMdu: run.startMdu,
        startRow: run.startRow,
        blobCount: BigInt(run.blobs),
        nonce: nonce + 1n + BigInt(i),
        expiresHeight,
      }),
    ),
  );
  return holders.map((holder, i) => ({ id: responseOf(result, i, MsgOpenSessionResponseSchema).sessionId, holder, run }));
}

/**
 * The provider's proof may land between a simulation and this: then the confirmation completes the session, pays, and
 * takes three times the gas (81k instead of 29k). So its limit is that of the dearest case.
 */
const CONFIRM_GAS = { perTx: 50_000n, perSession: 150_000n } as const;

/** Tells the chain that what these sessions paid for arrived. @throws ChainError */
export async function confirmSessions(context: ClientContext, sessions: readonly OpenedSession[]): Promise<void> {
  const { chain, wallet } = context;
  const messages = sessions.map(({ id }) => msg(MsgConfirmSessionSchema, { opener: wallet.address, sessionId: id }));
  await chain.signAndBroadcast(wallet, messages, { gas: CONFIRM_GAS.perTx + CONFIRM_GAS.perSession * BigInt(messages.length) });
}
