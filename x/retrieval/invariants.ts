import { type Invariant, amount } from "nild/sdk";
import { toHex } from "nild/nilfs";
import type { RetrievalEnv } from "./keeper.js";
import { isLive } from "./state.js";

export function invariants({ state, deps }: RetrievalEnv): Record<string, Invariant> {
  return {
    /** No live session outlives its deal's account, no nonce is above the opener's last one, each lies under its own id. */
    sessions_are_sound(ctx) {
      for (const [id, session] of state.sessions.all(ctx)) {
        const name = `session ${toHex(id)}`;
        if (toHex(session.id) !== toHex(id)) return `${name} names itself ${toHex(session.id)}`;
        if (session.nonce > (state.nonces.find(ctx, session.opener) ?? 0n)) return `${name} has nonce ${session.nonce}, above its opener's last`;
        if (!isLive(session)) continue;
        const volume = deps.mode2.find(ctx, session.dealId);
        if (!volume) return `${name} is live, its deal ${session.dealId} is gone`;
        if (session.expiresHeight > volume.endHeight) return `${name} expires at ${session.expiresHeight}, its deal ends at ${volume.endHeight}`;
      }
      return undefined;
    },
    /** What the live sessions of a deal hold is what its account has locked. */
    fees_are_locked(ctx) {
      const held = new Map<bigint, bigint>();
      for (const [, session] of state.sessions.all(ctx)) {
        if (isLive(session)) held.set(session.dealId, (held.get(session.dealId) ?? 0n) + amount(session.lockedFee));
      }
      for (const [dealId, sum] of held) {
        const locked = deps.escrow.find(ctx, dealId)?.locked ?? "nothing";
        if (locked !== `${sum}`) return `deal ${dealId}: its live sessions hold ${sum} unil, its account has locked ${locked}`;
      }
      return undefined;
    },
  };
}
