import type { Epoch } from "nild/gen/nil/epoch/v1/types_pb.js";
import type { Provider, Status } from "nild/gen/nil/provider/v1/types_pb.js";
import type { ExecCtx, HookPoint, ReadCtx } from "nild/sdk";
import type { BurnBank } from "nild/x/bank";

/** What happens to a provider's record when a slot's challenge has ended. */
export interface RecordedVerdict {
  /** True for answers in time, late ones included; false for a missing or wrong answer. */
  readonly onTime: boolean;
  /** The slot's health after the verdict, 0 to 1000. */
  readonly slotHealth: number;
}

/** Fired after the new status is written. A JAILED provider has left the array of candidates by then. */
export interface StatusChanged {
  readonly provider: string;
  readonly from: Status;
  readonly to: Status;
}

/** What x/provider offers. Every call is O(1) in the number of providers. Bytes are whole bytes of slot data. */
export interface ProviderApi {
  find(ctx: ReadCtx, address: string): Provider | undefined;
  /** @throws provider/2 NotFound */
  get(ctx: ReadCtx, address: string): Provider;
  /** Length of the dense array of ACTIVE providers, the drawable and those too new to be drawn. */
  candidateCount(ctx: ReadCtx): number;
  /** Address at an index below `candidateCount`; the order changes when a provider leaves. @throws provider/2 */
  candidateAt(ctx: ReadCtx, index: number): string;
  /** True when the provider is ACTIVE and has capacity and bond for `more` bytes on top of what it holds. */
  canHold(ctx: ReadCtx, address: string, more: bigint): boolean;
  /** As `canHold`, and the provider may be drawn in `epoch`. */
  canTake(ctx: ReadCtx, address: string, bytes: bigint, epoch: bigint): boolean;
  /** Counts one more slot of `bytes` against the provider. Does not ask whether it can: callers draw with `canTake`. */
  assign(ctx: ExecCtx, address: string, bytes: bigint): undefined;
  /** Undoes `assign`. */
  release(ctx: ExecCtx, address: string, bytes: bigint): undefined;
  /** A slot it holds changes its size. */
  resize(ctx: ExecCtx, address: string, oldBytes: bigint, newBytes: bigint): undefined;
  /** Burns up to `amount` unil of the bond and returns what was burned. A bond below min_bond jails. */
  slash(ctx: ExecCtx, address: string, amount: bigint, cause: string): bigint;
  /** health := floor((15 · health + slotHealth) / 16); below jail_below_health the provider is JAILED. */
  recordVerdict(ctx: ExecCtx, address: string, verdict: RecordedVerdict): undefined;
}

/** What x/provider needs. */
export interface ProviderDeps {
  readonly bank: Pick<BurnBank, "balance" | "receive" | "burn">;
  readonly epoch: { current(ctx: ReadCtx): Epoch };
  readonly statusChanged: HookPoint<StatusChanged>;
}
