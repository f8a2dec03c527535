import { create } from "@bufbuild/protobuf";
import { EventProviderRegisteredSchema, EventProviderSlashedSchema, EventProviderStatusChangedSchema } from "nild/gen/nil/provider/v1/events_pb.js";
import type { MsgRegisterProvider } from "nild/gen/nil/provider/v1/tx_pb.js";
import { type Params, type Provider, ProviderSchema, Status } from "nild/gen/nil/provider/v1/types_pb.js";
import { Ed25519PubKey, type ExecCtx, type ReadCtx, amount, quoDown, quoUp } from "nild/sdk";
import type { ProviderApi, ProviderDeps, RecordedVerdict } from "./api.js";
import { candidateArray } from "./candidates.js";
import { parseEndpoint } from "./endpoint.js";
import type { ProviderErrors } from "./errors.js";
import { FULL_HEALTH } from "./params.js";
import type { ProviderState } from "./state.js";

const GIB = 1n << 30n;
/** One look whether an ed25519 key is of prime order. */
const KEY_GAS = 1_000_000n;
/** One full epoch must lie between an epoch's event and the first draw that may count on it. */
const EPOCHS_UNTIL_DRAWABLE = 2n;

/** unil that must be bonded to hold `bytes`: min_bond + bond_per_gib per started GiB. */
export function requiredBond(params: Params, bytes: bigint): bigint {
  return amount(params.minBond) + amount(params.bondPerGib) * quoUp(bytes, GIB);
}

export function providerKeeper(state: ProviderState, err: ProviderErrors, { bank, epoch, statusChanged }: ProviderDeps) {
  const candidates = candidateArray(state, err);

  function get(ctx: ReadCtx, address: string): Provider {
    const provider = state.providers.find(ctx, address);
    if (!provider) throw err.NotFound(`${address} is not a provider`);
    return provider;
  }

  /** Writes the provider with its new status, keeps the candidates true and tells the listeners. O(1) but for them. */
  function setStatus(ctx: ExecCtx, provider: Provider, to: Status): undefined {
    const from = provider.status;
    provider.status = to;
    provider.statusHeight = ctx.height;
    state.providers.set(ctx, provider.address, provider);
    if (from === Status.ACTIVE) candidates.leave(ctx, provider.address);
    if (to === Status.ACTIVE) candidates.enter(ctx, provider.address);
    ctx.emit(EventProviderStatusChangedSchema, { provider: provider.address, from, to });
    statusChanged.fire(ctx, { provider: provider.address, from, to });
  }

  /** Writes the provider, jailed if `faulty` and not past jailing. */
  function setOrJail(ctx: ExecCtx, provider: Provider, faulty: boolean): undefined {
    const jailable = provider.status === Status.ACTIVE || provider.status === Status.DRAINING;
    if (faulty && jailable) return setStatus(ctx, provider, Status.JAILED);
    state.providers.set(ctx, provider.address, provider);
  }

  function canHold(ctx: ReadCtx, provider: Provider | undefined, more: bigint): boolean {
    if (provider?.status !== Status.ACTIVE) return false;
    const bytes = provider.usedBytes + more;
    return bytes <= provider.totalBytes && amount(provider.bond) >= requiredBond(state.params.get(ctx), bytes);
  }

  function changeUse(ctx: ExecCtx, address: string, slots: number, bytes: bigint): undefined {
    const provider = get(ctx, address);
    provider.assignedSlots += slots;
    provider.usedBytes += bytes;
    // Every release follows its own assign, so this is a bug of the caller and not bad input.
    if (provider.assignedSlots < 0 || provider.usedBytes < 0n) throw new Error(`${address} releases more than it was assigned`);
    state.providers.set(ctx, address, provider);
  }

  return {
    candidates,
    find: (ctx: ReadCtx, address: string) => state.providers.find(ctx, address),
    get,

    /** Locks the bond and enters an ACTIVE provider; returns the epoch from which it can be drawn. O(1). */
    register(ctx: ExecCtx, msg: MsgRegisterProvider): bigint {
      const { operator, endpoints } = msg;
      const params = state.params.get(ctx);
      const bond = amount(msg.bond);
      if (state.providers.has(ctx, operator)) throw err.AlreadyRegistered(`${operator} is a provider already`);
      if (bond < amount(params.minBond)) throw err.BondTooLow(`a bond of ${bond} unil; at least ${params.minBond} is needed`);
      const hidden = params.allowPrivateEndpoints ? undefined : endpoints.find((each) => parseEndpoint(err, each).isPrivate);
      if (hidden !== undefined) throw err.PrivateEndpoint(`endpoint "${hidden}" is not publicly reachable`);
      ctx.gas.consume(KEY_GAS, "ResponseKey");
      new Ed25519PubKey(msg.responseKey).assertOnCurve();
      bank.receive(ctx, operator, bond);
      const drawableFromEpoch = epoch.current(ctx).number + EPOCHS_UNTIL_DRAWABLE;
      const provider = create(ProviderSchema, {
        address: operator,
        status: Status.ACTIVE,
        bond: msg.bond,
        capability: msg.capability,
        totalBytes: msg.totalBytes,
        endpoints,
        responseKey: msg.responseKey,
        registeredHeight: ctx.height,
        drawableFromEpoch,
        health: FULL_HEALTH,
        slashed: "0",
        statusHeight: ctx.height,
      });
      if (msg.failureDomain) provider.failureDomain = msg.failureDomain;
      state.providers.set(ctx, operator, provider);
      candidates.enter(ctx, operator);
      ctx.emit(EventProviderRegisteredSchema, { provider: operator, bond: msg.bond, totalBytes: msg.totalBytes, drawableFromEpoch });
      return drawableFromEpoch;
    },

    canHold: (ctx: ReadCtx, address: string, more: bigint) => canHold(ctx, state.providers.find(ctx, address), more),

    canTake(ctx: ReadCtx, address: string, bytes: bigint, atEpoch: bigint): boolean {
      const provider = state.providers.find(ctx, address);
      return provider !== undefined && provider.drawableFromEpoch <= atEpoch && canHold(ctx, provider, bytes);
    },

    assign: (ctx: ExecCtx, address: string, bytes: bigint) => changeUse(ctx, address, 1, bytes),
    release: (ctx: ExecCtx, address: string, bytes: bigint) => changeUse(ctx, address, -1, -bytes),
    resize: (ctx: ExecCtx, address: string, oldBytes: bigint, newBytes: bigint) => changeUse(ctx, address, 0, newBytes - oldBytes),

    /** Burns at most the bond. O(1). */
    slash(ctx: ExecCtx, address: string, wanted: bigint, cause: string): bigint {
      const provider = get(ctx, address);
      const bond = amount(provider.bond);
      const burned = wanted < bond ? wanted : bond;
      if (burned <= 0n) return 0n;
      bank.burn(ctx, burned);
      provider.bond = `${bond - burned}`;
      provider.slashed = `${amount(provider.slashed) + burned}`;
      ctx.emit(EventProviderSlashedSchema, { provider: address, amount: `${burned}`, cause });
      setOrJail(ctx, provider, bond - burned < amount(state.params.get(ctx).minBond));
      return burned;
    },

    /** Moves the service record and the health. O(1). */
    recordVerdict(ctx: ExecCtx, address: string, { onTime, slotHealth }: RecordedVerdict): undefined {
      const provider = get(ctx, address);
      provider.verdictsDue += 1n;
      if (onTime) provider.verdictsOnTime += 1n;
      provider.health = Number(quoDown(15n * BigInt(provider.health) + BigInt(slotHealth), 16n));
      setOrJail(ctx, provider, provider.health < state.params.get(ctx).jailBelowHealth);
    },
  };
}

export type ProviderKeeper = ReturnType<typeof providerKeeper>;

export function providerApi(keeper: ProviderKeeper): ProviderApi {
  const { find, get, canHold, canTake, assign, release, resize, slash, recordVerdict, candidates } = keeper;
  return { find, get, canHold, canTake, assign, release, resize, slash, recordVerdict, candidateCount: candidates.count, candidateAt: candidates.at };
}
