import type { Invariant } from "nild/sdk";
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
  };
}
