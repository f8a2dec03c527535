import { type StateSchema, k, v } from "nild/sdk";
import { ParamsSchema, type Session, SessionSchema, Status } from "nild/gen/nil/retrieval/v1/types_pb.js";

export type RetrievalState = ReturnType<typeof retrievalState>;

export function retrievalState(s: StateSchema) {
  const ofAddress = k.tuple<readonly [string, bigint]>(k.address, k.u64);
  return {
    params: s.item(0, "params", ParamsSchema),
    sessions: s.indexedMap(1, "sessions", k.bytes, SessionSchema, (multi) => ({
      /** What the sweep takes next: sessions past their expiry and ended ones to be forgotten. */
      byDue: multi(2, k.u64, (session) => session.dueHeight),
      byOpener: multi(3, ofAddress, (session) => [session.opener, session.openedHeight] as const),
      byProvider: multi(4, ofAddress, (session) => [session.provider, session.openedHeight] as const),
      /** Sessions that still hold a fee. */
      liveByDeal: multi(5, k.u64, (session) => (isLive(session) ? session.dealId : undefined)),
    })),
    /** The last nonce of each opener. */
    nonces: s.map(6, "nonces", k.address, v.u64),
  };
}

/** Not ended: its fee is still locked. */
export function isLive({ status }: Pick<Session, "status">): boolean {
  return status === Status.OPEN || status === Status.PROVED || status === Status.CONFIRMED;
}
