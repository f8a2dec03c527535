import { create } from "@bufbuild/protobuf";
import { type ExecCtx, type ReadCtx, amount } from "nild/sdk";
import { EventExtendedSchema, EventLockedSchema, EventReleaseFailedSchema, EventReleasedSchema } from "nild/gen/vault/v1/events_pb.js";
import { type Lock, LockSchema } from "nild/gen/vault/v1/types_pb.js";
import type { VaultApi, VaultDeps } from "./api.js";
import type { VaultErrors } from "./errors.js";
import type { VaultState } from "./state.js";

/** A release is one payment, about 100,000 gas; more than this is a fault of that lock, not the block's. */
const RELEASE_GAS = 1_000_000n;

/** The rules: the only code that writes the vault's state. */
export class VaultKeeper implements VaultApi {
  constructor(
    readonly state: VaultState,
    readonly err: VaultErrors,
    readonly deps: VaultDeps,
  ) {}

  // #region lock
  /** @throws vault/4 BadDuration, sdk/5 when the owner is short */
  lock(ctx: ExecCtx, owner: string, value: bigint, blocks: bigint): Lock {
    const releaseHeight = this.#releaseHeight(ctx, ctx.height, blocks);
    this.deps.bank.receive(ctx, owner, value);
    const id = this.state.nextId.next(ctx);
    const lock = create(LockSchema, { id, owner, amount: `${value}`, releaseHeight });
    this.state.locks.set(ctx, id, lock);
    ctx.emit(EventLockedSchema, { id, owner, amount: lock.amount, releaseHeight });
    return lock;
  }
  // #endregion

  // #region extend
  /** @throws vault/2 NotFound, vault/5 NotOwner, vault/4 BadDuration */
  extend(ctx: ExecCtx, owner: string, id: bigint, blocks: bigint): Lock {
    const lock = this.get(ctx, id);
    if (lock.owner !== owner) throw this.err.NotOwner(`lock ${id} belongs to ${lock.owner}`);
    const from = lock.releaseHeight > ctx.height ? lock.releaseHeight : ctx.height;
    lock.releaseHeight = this.#releaseHeight(ctx, from, blocks);
    lock.failed = false;
    this.state.locks.set(ctx, id, lock);
    ctx.emit(EventExtendedSchema, { id, releaseHeight: lock.releaseHeight });
    return lock;
  }

  #releaseHeight(ctx: ExecCtx, from: bigint, blocks: bigint): bigint {
    const { maxBlocks } = this.state.params.get(ctx);
    const releaseHeight = from + blocks;
    if (releaseHeight > ctx.height + maxBlocks) {
      throw this.err.BadDuration(`release at ${releaseHeight} is more than ${maxBlocks} blocks after ${ctx.height}`);
    }
    return releaseHeight;
  }
  // #endregion

  // #region release
  /** Pays back what is due. The rest of a long queue waits for the next blocks. */
  releaseDue(ctx: ExecCtx): undefined {
    const { maxReleasesPerBlock } = this.state.params.get(ctx);
    for (const id of this.state.locks.by.byRelease.scan(ctx, { endInclusive: ctx.height, limit: maxReleasesPerBlock })) {
      const released = ctx.isolated((branch) => this.#release(branch, id), { gasLimit: RELEASE_GAS });
      if (!released.ok) this.#markFailed(ctx, id, released.error.detail);
    }
  }

  #release(ctx: ExecCtx, id: bigint): undefined {
    const { owner, amount: held } = this.get(ctx, id);
    this.state.locks.remove(ctx, id);
    this.deps.bank.pay(ctx, owner, amount(held));
    ctx.emit(EventReleasedSchema, { id, owner, amount: held });
  }

  /** Leaves the queue, so that it is not tried at every block; its owner can extend it. */
  #markFailed(ctx: ExecCtx, id: bigint, reason: string): undefined {
    const lock = this.get(ctx, id);
    lock.failed = true;
    this.state.locks.set(ctx, id, lock);
    ctx.emit(EventReleaseFailedSchema, { id, reason });
  }
  // #endregion

  find(ctx: ReadCtx, id: bigint): Lock | undefined {
    return this.state.locks.find(ctx, id);
  }

  /** @throws vault/2 NotFound */
  get(ctx: ReadCtx, id: bigint): Lock {
    const lock = this.find(ctx, id);
    if (!lock) throw this.err.NotFound(`lock ${id} does not exist or was released`);
    return lock;
  }
}
