import { MsgProveSessionResponseSchema, MsgProveSessionSchema } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { Status, type Session } from "nild/gen/nil/retrieval/v1/types_pb.js";
import type { OpeningsProof } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { addressBytes, ChainError, ClientError, msg, present, responseOf } from "nild/client";
import { challengeZ, sessionPositions } from "nild/nilfs";
import type { ProverContext } from "./challenges.js";
import { HttpError } from "./errors.js";
import { openDemands, proofGas } from "./proofs.js";
import type { ServedSessions } from "./served_sessions.js";
import { sessionRange } from "./sessions.js";

/** A retrieval proof opens so many of its blobs, at most (storage.md A6). */
const OPENED_PER_SESSION = 8;
const SESSIONS_PER_TX = 8;
/** A session that its reader left half read is proved when so few blocks are left. */
const EXPIRY_MARGIN = 15n;

/** Which served sessions should be proved at this height. */
export function sessionsToProve(served: ServedSessions, height: bigint): string[] {
  return served.provable().filter(({ complete, expiresHeight }) => complete || expiresHeight - height <= EXPIRY_MARGIN).map(({ id }) => id);
}

/** Proves served sessions, several by one transaction; what is proved or ended is forgotten. Returns how many were proved. */
export async function proveSessions(context: ProverContext, served: ServedSessions, ids: readonly string[]): Promise<number> {
  let proved = 0;
  for (let at = 0; at < ids.length; at += SESSIONS_PER_TX) {
    const live: Session[] = [];
    for (const id of ids.slice(at, at + SESSIONS_PER_TX)) {
      const session = await provable(context, id);
      if (session === undefined) await served.forget([id]);
      else live.push(session);
    }
    for (const session of await proveTogether(context, live)) {
      await served.forget([Buffer.from(session.id).toString("hex")]);
      proved++;
    }
  }
  return proved;
}

async function provable({ chain }: ProverContext, id: string): Promise<Session | undefined> {
  try {
    const session = present((await chain.query.retrieval.session({ sessionId: Buffer.from(id, "hex") })).session, "session");
    return session.status === Status.OPEN || session.status === Status.CONFIRMED ? session : undefined;
  } catch (error) {
    if (error instanceof ClientError && error.code === "not_found") return undefined;
    throw error;
  }
}

/** All by one transaction; if that fails, one by one, so that one ended session does not hold up the others. */
async function proveTogether(context: ProverContext, sessions: readonly Session[]): Promise<readonly Session[]> {
  if (sessions.length === 0) return [];
  try {
    return await send(context, sessions);
  } catch (error) {
    if (!(error instanceof ChainError || error instanceof HttpError)) throw error;
    if (sessions.length === 1) {
      context.log("warn", "session could not be proved", { session: Buffer.from(sessions[0]!.id).toString("hex"), error: error.message });
      return [];
    }
    const proved: Session[] = [];
    for (const session of sessions) proved.push(...(await proveTogether(context, [session])));
    return proved;
  }
}

async function send(context: ProverContext, sessions: readonly Session[]): Promise<Session[]> {
  const { chain, wallet, slabs, kzg } = context;
  const proofs: OpeningsProof[] = [];
  for (const session of sessions) {
    const slab = await slabs.open(session.dealId, session.generation, session.manifestRoot);
    const positions = sessionPositions(session.seed, sessionRange(session), OPENED_PER_SESSION);
    proofs.push(await openDemands(kzg, challengeZ(session.seed, addressBytes(wallet.address)), [{ slab, positions }]));
  }
  const messages = sessions.map(({ id }, i) => msg(MsgProveSessionSchema, { provider: wallet.address, sessionId: id, proof: proofs[i]! }));
  const result = await chain.signAndBroadcast(wallet, messages, { gas: proofGas(proofs) });
  return sessions.filter((_, i) => responseOf(result, i, MsgProveSessionResponseSchema).valid);
}
