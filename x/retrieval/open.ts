import { create } from "@bufbuild/protobuf";
import { type ExecCtx, addressFromString } from "nild/sdk";
import { equalBytes, leafIndexOf, rowsOf, sessionId, sessionSeed } from "nild/nilfs";
import { type Volume, SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { EventSessionOpenedSchema } from "nild/gen/nil/retrieval/v1/events_pb.js";
import type { MsgOpenSession } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { type Session, SessionSchema, Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import type { RetrievalEnv } from "./keeper.js";

/**
 * Pins root, generation, slot, provider and range, burns the base fee and locks the variable one. Returns the session's
 * id. O(1). Everything is checked before money moves.
 */
export function openSession(env: RetrievalEnv, ctx: ExecCtx, msg: MsgOpenSession): Uint8Array {
  const { state, err, deps } = env;
  const { opener, provider, dealId, slot, nonce, blobCount, expiresHeight } = msg;
  const volume = openVolume(env, ctx, msg);
  checkSlot(env, volume, msg);
  checkRange(env, ctx, volume, msg);
  checkExpiry(env, ctx, volume, msg);
  const lastNonce = state.nonces.find(ctx, opener) ?? 0n;
  if (nonce <= lastNonce) throw err.StaleNonce(`nonce ${nonce}: the opener's last one is ${lastNonce}`);
  state.nonces.set(ctx, opener, nonce);

  const id = sessionId({
    opener: addressFromString(opener),
    provider: addressFromString(provider),
    startBlob: leafIndexOf(volume.profile!, slot, msg.startRow),
    startMdu: msg.startMdu,
    manifestRoot: msg.manifestRoot,
    expiresAt: expiresHeight,
    ...{ dealId, blobCount, nonce },
  });
  const lockedFee = `${deps.escrow.openFee(ctx, dealId, blobCount, opener)}`;
  const session: Session = create(SessionSchema, {
    ...{ id, dealId, slot, opener, provider, blobCount, nonce, expiresHeight, lockedFee },
    ...{ manifestRoot: msg.manifestRoot, startMdu: msg.startMdu, startRow: msg.startRow },
    generation: volume.generation,
    profile: volume.profile!,
    openedHeight: ctx.height,
    status: Status.OPEN,
    seed: sessionSeed(id, deps.epoch.current(ctx).beacon),
    dueHeight: expiresHeight + 1n,
  });
  state.sessions.set(ctx, id, session);
  ctx.emit(EventSessionOpenedSchema, { sessionId: id, dealId, slot, opener, provider, blobCount, lockedFee });
  return id;
}

/** The deal's volume, if it lives and this account may read it. */
function openVolume({ err, deps }: RetrievalEnv, ctx: ExecCtx, { dealId, opener }: MsgOpenSession): Volume {
  const deal = deps.deal.find(ctx, dealId);
  const volume = deps.mode2.find(ctx, dealId);
  if (!deal || !volume) throw err.DealNotFound(`deal ${dealId} does not exist`);
  if (ctx.height > volume.endHeight) throw err.DealEnded(`deal ${dealId} ended at height ${volume.endHeight}`);
  if (opener !== volume.owner && !deal.publicRead) throw err.NotAllowed(`deal ${dealId} is not public: only ${volume.owner} opens sessions`);
  if (volume.generation === 0n) throw err.NoContent(`deal ${dealId} holds nothing yet`);
  return volume;
}

function checkSlot({ err }: RetrievalEnv, volume: Volume, { dealId, slot, provider, manifestRoot }: MsgOpenSession): void {
  const held = volume.slots[slot];
  if (!held) throw err.NoSuchSlot(`slot ${slot}: deal ${dealId} has ${volume.slots.length}`);
  // Nobody is bound to serve a slot under repair: take another of the K+M.
  if (held.status !== SlotStatus.ACTIVE) throw err.SlotNotActive(`slot ${slot} of deal ${dealId} is ${SlotStatus[held.status]}: read another slot`);
  if (held.provider !== provider) throw err.WrongProvider(`slot ${slot} of deal ${dealId} is held by ${held.provider}`);
  if (!equalBytes(volume.manifestRoot, manifestRoot)) throw err.WrongRoot(`not the root of deal ${dealId}'s generation ${volume.generation}`);
}

/** The run lies within the slot's rows of the user MDUs. */
function checkRange({ state, err }: RetrievalEnv, ctx: ExecCtx, volume: Volume, { startMdu, startRow, blobCount }: MsgOpenSession): void {
  const max = state.params.get(ctx).maxBlobsPerSession;
  if (blobCount > max) throw err.TooManyBlobs(`blob_count ${blobCount}: at most ${max}`);
  const rows = BigInt(rowsOf(volume.profile!));
  const firstMdu = 1n + volume.witnessMdus;
  if (BigInt(startMdu) < firstMdu) throw err.RangeOutside(`start_mdu ${startMdu}: user MDUs start at ${firstMdu}; metadata is read without a session`);
  if (BigInt(startRow) >= rows) throw err.RangeOutside(`start_row ${startRow}: a slot has ${rows} rows`);
  const end = (BigInt(startMdu) - firstMdu) * rows + BigInt(startRow) + blobCount;
  const held = (volume.totalMdus - firstMdu) * rows;
  if (end > held) throw err.RangeOutside(`the run ends at blob ${end} of the slot, which has ${held}`);
}

function checkExpiry({ state, err }: RetrievalEnv, ctx: ExecCtx, volume: Volume, { expiresHeight }: MsgOpenSession): void {
  const longest = ctx.height + state.params.get(ctx).maxSessionBlocks;
  const last = longest < volume.endHeight ? longest : volume.endHeight;
  if (expiresHeight <= ctx.height || expiresHeight > last) {
    throw err.InvalidExpiry(`expires_height ${expiresHeight}: expected ${ctx.height + 1n} to ${last}`);
  }
}
