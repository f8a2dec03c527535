import { create } from "@bufbuild/protobuf";
import { EventSlotsPlacedSchema } from "nild/gen/nil/mode2/v1/events_pb.js";
import { SlotSchema, SlotStatus, type Volume, VolumeSchema } from "nild/gen/nil/mode2/v1/types_pb.js";
import { Code } from "nild/gen/nil/nilfs/v1/proof_pb.js";
import { MAX_MDUS, type Profile, checkProfile, checkSlabSize, refusedAs, slotsOf, witnessMdus } from "nild/nilfs";
import type { ExecCtx, ReadCtx } from "nild/sdk";
import type { VolumeTerms } from "./api.js";
import { domainOf, drawProvider, isHint, mayPlace } from "./placement.js";
import { dequeue } from "./repair_queue.js";
import type { Mode2Env } from "./state.js";
import { hasOtherCandidate, mduSlotBytes, profileOf, slotBytes } from "./volume.js";

export function getVolume({ state, err }: Mode2Env, ctx: ReadCtx, dealId: bigint): Volume {
  const volume = state.volumes.find(ctx, dealId);
  if (!volume) throw err.NotFound(`deal ${dealId} has no volume`);
  return volume;
}

/** Reserves an empty volume. Costs at most 256 provider reads. @throws mode2/3 to mode2/7 */
export function openVolume(env: Mode2Env, ctx: ExecCtx, terms: VolumeTerms): undefined {
  const { state, err } = env;
  const { dealId, owner, profile, maxUserMdus, serviceHint, endHeight } = terms;
  if (state.volumes.has(ctx, dealId)) throw err.AlreadyOpen(`deal ${dealId} has a volume already`);
  if (!isHint(serviceHint)) throw err.BadHint(`service_hint "${serviceHint}": expected Hot, Cold, General or nothing`);
  checkProfileAllowed(env, ctx, profile);
  const witness = witnessFor(env, profile, maxUserMdus);
  if (!mayPlace(env, ctx, slotsOf(profile), serviceHint, mduSlotBytes(profile))) {
    throw err.NotEnoughProviders(`a deal of ${profile.k}+${profile.m} needs ${slotsOf(profile)} eligible providers: wait for more or lower the profile`);
  }
  const volume = create(VolumeSchema, {
    dealId,
    owner,
    profile: { ...profile, code: Code.GF256 },
    witnessMdus: BigInt(witness),
    maxUserMdus,
    serviceHint,
    endHeight,
  });
  state.volumes.set(ctx, dealId, volume);
}

function checkProfileAllowed({ state, err }: Mode2Env, ctx: ReadCtx, profile: Profile): undefined {
  refusedAs(err.BadProfile, () => checkProfile(profile));
  const { maxK, maxSlots } = state.params.get(ctx);
  if (profile.k > maxK || slotsOf(profile) > maxSlots) {
    throw err.BadProfile(`profile ${profile.k}+${profile.m}: this chain takes K up to ${maxK} and K+M up to ${maxSlots}`);
  }
}

function witnessFor({ err }: Mode2Env, profile: Profile, maxUserMdus: bigint): number {
  if (maxUserMdus < 1n || maxUserMdus > BigInt(MAX_MDUS)) throw err.BadMaxUserMdus(`max_user_mdus ${maxUserMdus}: expected 1 to ${MAX_MDUS}`);
  const userMdus = Number(maxUserMdus);
  const witness = witnessMdus(profile, userMdus);
  refusedAs(err.BadMaxUserMdus, () => checkSlabSize(witness, userMdus));
  return witness;
}

/** Draws every slot's provider; all or none. Costs slots · (placement_tries + candidates) reads at most. @throws mode2/5 */
export function placeSlots(env: Mode2Env, ctx: ExecCtx, dealId: bigint): string[] {
  const { state, err, deps } = env;
  const volume = getVolume(env, ctx, dealId);
  if (volume.slots.length > 0) throw err.AlreadyOpen(`deal ${dealId} has its slots already`);
  const profile = profileOf(volume);
  const taken = new Set<string>();
  const domains = new Map<string, number>();
  for (let slot = 0; slot < slotsOf(profile); slot++) {
    // Volumes are thin: a provider needs room for the first MDU, and a commit asks again.
    const bytes = mduSlotBytes(profile);
    const address = drawProvider(env, ctx, { tag: "nil/place/v1", dealId, slot, serviceHint: volume.serviceHint, bytes, taken, domains, m: profile.m });
    if (address === undefined) throw err.NotEnoughProviders(`deal ${dealId}: no eligible provider is left for slot ${slot} of ${slotsOf(profile)}`);
    const domain = domainOf(deps.provider.get(ctx, address));
    taken.add(address);
    domains.set(domain, (domains.get(domain) ?? 0) + 1);
    deps.provider.assign(ctx, address, 0n);
    state.holders.add(ctx, [address, dealId, slot]);
    volume.slots.push(create(SlotSchema, { slot, provider: address, status: SlotStatus.ACTIVE, statusHeight: ctx.height }));
  }
  state.volumes.set(ctx, dealId, volume);
  const providers = volume.slots.map((slot) => slot.provider);
  ctx.emit(EventSlotsPlacedSchema, { dealId, providers });
  return providers;
}

/** Releases every provider and leaves no key of the deal behind. O(slots). */
export function closeVolume(env: Mode2Env, ctx: ExecCtx, dealId: bigint): undefined {
  const { state, deps } = env;
  const volume = getVolume(env, ctx, dealId);
  for (const slot of volume.slots) {
    dequeue(env, ctx, volume, slot);
    if (hasOtherCandidate(slot)) {
      deps.provider.release(ctx, slot.candidate, slotBytes(volume));
      state.holders.remove(ctx, [slot.candidate, dealId, slot.slot]);
    }
    if (slot.provider !== "") {
      deps.provider.release(ctx, slot.provider, slot.heldBytes);
      state.holders.remove(ctx, [slot.provider, dealId, slot.slot]);
    }
  }
  state.volumes.remove(ctx, dealId);
}
