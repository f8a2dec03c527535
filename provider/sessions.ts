import { Status, type Session } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { inSession, leafIndexOf, type Profile, type SessionRange } from "nild/nilfs";
import type { ChainView } from "./chain_view.js";
import { HttpError } from "./errors.js";

/** A run of one MDU's rows that a request asks for. */
export interface WantedRows {
  readonly dealId: bigint;
  readonly generation: bigint;
  readonly slot: number;
  readonly mduIndex: number;
  readonly fromRow: number;
  /** Exclusive. */
  readonly toRow: number;
}

export function sessionProfile(session: Session): Profile {
  return { k: session.profile?.k ?? 0, m: session.profile?.m ?? 0 };
}

export function sessionRange(session: Session): SessionRange {
  const profile = sessionProfile(session);
  const { slot, startMdu, startRow } = session;
  return { profile, slot, startMdu, startBlob: leafIndexOf(profile, slot, startRow), blobCount: Number(session.blobCount) };
}

/**
 * The session under which the rows may be read. A session that this provider has proved already is still open to its reader.
 * @throws HttpError `session_*`, `bad_session`.
 */
export async function admitRead(view: ChainView, header: string | undefined, wanted: WantedRows): Promise<Session> {
  if (header === undefined) throw new HttpError("session_missing", "open a session on chain and send its id as Nil-Session");
  if (!/^[0-9a-f]{64}$/.test(header)) throw new HttpError("bad_session", "Nil-Session is 64 lowercase hex digits");
  const session = await view.session(header);
  if (session === undefined) throw new HttpError("session_unknown", "no such session: is its transaction in a block?");
  if (session.provider !== view.address) throw new HttpError("session_other_provider", `the session is with ${session.provider}`);
  if (session.status !== Status.OPEN && session.status !== Status.PROVED) throw new HttpError("session_closed", `the session is ${Status[session.status]}: open another`);
  if (view.height > session.expiresHeight) throw new HttpError("session_expired", `the session expired at height ${session.expiresHeight}: open another`);
  if (!covers(session, wanted)) throw new HttpError("session_range", "the session does not cover these rows, or is for another deal, generation or slot");
  return session;
}

function covers(session: Session, wanted: WantedRows): boolean {
  const { dealId, generation, slot, mduIndex, fromRow, toRow } = wanted;
  if (session.dealId !== dealId || session.generation !== generation || session.slot !== slot) return false;
  const range = sessionRange(session);
  // A run has no gaps, so its ends decide.
  return [fromRow, toRow - 1].every((row) => inSession(range, { mduIndex, leafIndex: leafIndexOf(range.profile, slot, row) }));
}
