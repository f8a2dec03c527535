import { type GenesisHandlers, addressFromString, amount } from "nild/sdk";
import type { GenesisStateSchema } from "nild/gen/vault/v1/genesis_pb.js";
import type { Lock } from "nild/gen/vault/v1/types_pb.js";
import type { VaultErrors } from "./errors.js";
import type { VaultKeeper } from "./keeper.js";
import { DEFAULT_PARAMS, checkParams } from "./params.js";

// #region genesis
export function genesisHandlers({ state, err, deps }: VaultKeeper): GenesisHandlers<typeof GenesisStateSchema> {
  return {
    default: () => ({ params: DEFAULT_PARAMS, locks: [], nextId: 1n }),

    validate({ params, locks, nextId }) {
      checkParams(err, params);
      if (nextId === 0n) throw err.InvalidGenesis("next_id: 0, ids start at 1");
      let last = 0n;
      for (const [i, lock] of locks.entries()) {
        checkLock(err, lock, `locks[${i}]`);
        if (lock.id <= last || lock.id >= nextId) throw err.InvalidGenesis(`locks[${i}].id: ${lock.id} is not between ${last} and next_id ${nextId}`);
        last = lock.id;
      }
      return undefined;
    },

    init(ctx, { params, locks, nextId }) {
      state.params.set(ctx, params!);
      state.nextId.set(ctx, nextId);
      for (const lock of locks) state.locks.set(ctx, lock.id, lock);
      const locked = locks.reduce((sum, lock) => sum + amount(lock.amount), 0n);
      const held = deps.bank.balance(ctx);
      if (held < locked) throw err.InvalidGenesis(`locks: ${locked} unil, but the module account holds ${held}`);
      return undefined;
    },

    export: (ctx) => ({
      params: state.params.get(ctx),
      locks: [...state.locks.all(ctx)].map(([, lock]) => lock),
      nextId: state.nextId.peek(ctx),
    }),
  };
}

function checkLock(err: VaultErrors, lock: Lock, path: string): undefined {
  addressFromString(lock.owner);
  if (amount(lock.amount) === 0n) throw err.InvalidGenesis(`${path}.amount: 0`);
  if (lock.releaseHeight === 0n) throw err.InvalidGenesis(`${path}.release_height: 0, heights start at 1`);
}
// #endregion
