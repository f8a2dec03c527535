import { type ExecCtx, GAS, addressFromString } from "nild/sdk";
import { challengeZ, equalBytes, leavesOf, openingCount, openingsCheck } from "nild/nilfs";
import type { OpeningsProof } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { EventSessionConfirmedSchema, EventSessionProvedSchema } from "nild/gen/nil/retrieval/v1/events_pb.js";
import type { MsgConfirmSession, MsgProveSession } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { type Session, Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { complete } from "./end.js";
import type { RetrievalEnv } from "./keeper.js";
import { openedPositions } from "./opened.js";
import { isLive } from "./state.js";

/**
 * Checks a proof against what the session pinned. False when the inputs are right and an equation is not: the session
 * stays as it was, its provider may try again. 1,000,000 gas per opened blob and per manifest hop.
 */
export function proveSession(env: RetrievalEnv, ctx: ExecCtx, msg: MsgProveSession): boolean {
  const { state, err } = env;
  const session = liveSession(env, ctx, msg.sessionId);
  if (session.provider !== msg.provider) throw err.WrongProvider(`the session is with ${session.provider}`);
  if (session.status === Status.PROVED) throw err.AlreadyProved("the session has been proved");
  const proof = msg.proof!;
  checkInputs(env, session, proof);

  ctx.gas.consume(GAS.kzgOpening * BigInt(openingCount(proof)), "KzgOpenings");
  if (!ctx.verified(openingsCheck(proof))) return false;

  ctx.emit(EventSessionProvedSchema, { sessionId: session.id });
  if (session.status === Status.CONFIRMED) complete(env, ctx, session);
  else state.sessions.set(ctx, session.id, { ...session, status: Status.PROVED });
  return true;
}

/** The opener says that it received what it paid for. O(1). */
export function confirmSession(env: RetrievalEnv, ctx: ExecCtx, msg: MsgConfirmSession): void {
  const { state, err } = env;
  const session = liveSession(env, ctx, msg.sessionId);
  if (session.opener !== msg.opener) throw err.NotOpener(`the session was opened by ${session.opener}`);
  if (session.status === Status.CONFIRMED) throw err.AlreadyConfirmed("the session has been confirmed");
  ctx.emit(EventSessionConfirmedSchema, { sessionId: session.id });
  if (session.status === Status.PROVED) complete(env, ctx, session);
  else state.sessions.set(ctx, session.id, { ...session, status: Status.CONFIRMED });
}

/** Judged by height, never by whether the sweep has come. */
function liveSession({ state, err }: RetrievalEnv, ctx: ExecCtx, id: Uint8Array): Session {
  const session = state.sessions.find(ctx, id);
  if (!session) throw err.NotFound("no such session");
  if (!isLive(session)) throw err.SessionEnded(`the session is ${Status[session.status]}`);
  if (ctx.height > session.expiresHeight) throw err.SessionExpired(`the session expired at height ${session.expiresHeight}`);
  return session;
}

function checkInputs({ err }: RetrievalEnv, session: Session, proof: OpeningsProof): void {
  const group = proof.groups[0]!;
  if (!equalBytes(group.manifestRoot, session.manifestRoot)) throw err.WrongRoot("not the root that the session pinned");
  if (!equalBytes(proof.z, challengeZ(session.seed, addressFromString(session.provider)))) throw err.WrongZ("proof.z is not the session's point");
  const positions = openedPositions(session);
  if (group.blobs.length !== positions.length) throw err.WrongPositions(`${group.blobs.length} blobs, expected ${positions.length}`);
  const leafCount = leavesOf(session.profile!);
  positions.forEach(({ mduIndex, leafIndex }, i) => {
    const blob = group.blobs[i]!;
    if (blob.mduIndex !== mduIndex || blob.leafIndex !== leafIndex) {
      throw err.WrongPositions(`blob ${i}: (${blob.mduIndex}, ${blob.leafIndex}), expected (${mduIndex}, ${leafIndex})`);
    }
    if (blob.leafCount !== leafCount) throw err.WrongLeafCount(`blob ${i}: leaf_count ${blob.leafCount}, expected ${leafCount}`);
  });
}
