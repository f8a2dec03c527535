import { type StateSchema, k } from "nild/sdk";
import { LockSchema, ParamsSchema } from "nild/gen/vault/v1/types_pb.js";

// #region state
export type VaultState = ReturnType<typeof vaultState>;

export function vaultState(s: StateSchema) {
  return {
    params: s.item(0, "params", ParamsSchema),
    nextId: s.sequence(1, "next_id"),
    locks: s.indexedMap(2, "locks", k.u64, LockSchema, (multi) => ({
      // The due queue. A failed lock has no place in it.
      byRelease: multi(3, k.u64, (lock) => (lock.failed ? undefined : lock.releaseHeight)),
      byOwner: multi(4, k.address, (lock) => lock.owner),
    })),
  };
}
// #endregion
