import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { Capability, type Provider } from "nild/gen/nil/provider/v1/types_pb.js";
import { type ReadCtx, k, sha256 } from "nild/sdk";
import type { Mode2Env } from "./state.js";

/** The capabilities that serve a hint. */
const FITTING: ReadonlyMap<string, readonly Capability[]> = new Map([
  ["", [Capability.ARCHIVE, Capability.GENERAL, Capability.EDGE]],
  ["General", [Capability.ARCHIVE, Capability.GENERAL, Capability.EDGE]],
  ["Hot", [Capability.GENERAL, Capability.EDGE]],
  ["Cold", [Capability.ARCHIVE, Capability.GENERAL]],
]);

export function isHint(hint: string): boolean {
  return FITTING.has(hint);
}

/** One draw: what the seed is made of and whom it may pick. */
export interface Draw {
  /** Separates the seeds of placements and repairs. */
  readonly tag: "nil/place/v1" | "nil/repairdraw/v1";
  readonly dealId: bigint;
  readonly slot: number;
  readonly serviceHint: string;
  /** Capacity and bond must be left for so many bytes. */
  readonly bytes: bigint;
  /** Already in the deal: one slot per operator. */
  readonly taken: ReadonlySet<string>;
  /** Slots of the deal by failure domain, without the drawn one. */
  readonly domains: ReadonlyMap<string, number>;
  /** M of the profile: no domain may hold more. */
  readonly m: number;
}

/**
 * Picks a provider by this block's hash, or nobody. index_try = U64(SHA256(tag ‖ block hash[32] ‖ U64 deal ‖ U64 slot ‖
 * U64 try)[0..8]) mod candidates; after placement_tries misses, once round the candidates from the last index.
 * Costs at most placement_tries + candidates provider reads.
 */
export function drawProvider(env: Mode2Env, ctx: ReadCtx, draw: Draw): string | undefined {
  const { state, deps } = env;
  const params = state.params.get(ctx);
  const count = deps.provider.candidateCount(ctx);
  if (count === 0) return undefined;
  const relaxed = count < params.bootstrapProviders;
  const domainCap = relaxed ? undefined : Math.min(params.maxSlotsPerDomain, draw.m);
  const epoch = deps.epoch.current(ctx).number;
  const fits = (address: string) => isEligible(env, ctx, draw, address, epoch, domainCap);

  let index = 0;
  for (let attempt = 0; attempt < params.placementTries; attempt++) {
    index = indexOf(ctx, draw, attempt, count);
    const address = deps.provider.candidateAt(ctx, index);
    if (fits(address)) return address;
  }
  for (let step = 0; step < count; step++) {
    const address = deps.provider.candidateAt(ctx, (index + step) % count);
    if (fits(address)) return address;
  }
  return undefined;
}

function indexOf(ctx: ReadCtx, { tag, dealId, slot }: Draw, attempt: number, count: number): number {
  const u64 = (value: bigint) => k.u64.encode(value, true);
  const seed = sha256(concatBytes(utf8ToBytes(tag), ctx.block.hash, u64(dealId), u64(BigInt(slot)), u64(BigInt(attempt))));
  const [first] = k.u64.decode(seed, 0, false);
  return Number(first % BigInt(count));
}

function isEligible({ deps }: Mode2Env, ctx: ReadCtx, draw: Draw, address: string, epoch: bigint, domainCap: number | undefined): boolean {
  if (draw.taken.has(address) || !deps.provider.canTake(ctx, address, draw.bytes, epoch)) return false;
  const provider = deps.provider.get(ctx, address);
  if (!FITTING.get(draw.serviceHint)?.includes(provider.capability)) return false;
  return domainCap === undefined || (draw.domains.get(domainOf(provider)) ?? 0) < domainCap;
}

/** Where a provider says it runs. Those that claim nothing count as one domain. */
export function domainOf({ failureDomain }: Provider): string {
  return `${failureDomain?.asn ?? ""}/${failureDomain?.region ?? ""}`;
}

/** How many more candidates than wanted a request may be checked against. */
const ELIGIBILITY_READS = 256;

/**
 * True unless a look at all candidates shows that fewer than `wanted` can be drawn now. With more than 256 candidates
 * the draw itself decides. Costs at most 256 provider reads.
 */
export function mayPlace({ deps }: Mode2Env, ctx: ReadCtx, wanted: number, serviceHint: string, bytes: bigint): boolean {
  const count = deps.provider.candidateCount(ctx);
  if (count < wanted) return false;
  const epoch = deps.epoch.current(ctx).number;
  let eligible = 0;
  for (let i = 0; i < Math.min(count, ELIGIBILITY_READS) && eligible < wanted; i++) {
    const address = deps.provider.candidateAt(ctx, i);
    const fits = FITTING.get(serviceHint)?.includes(deps.provider.get(ctx, address).capability) ?? false;
    if (fits && deps.provider.canTake(ctx, address, bytes, epoch)) eligible++;
  }
  return eligible >= wanted || count > ELIGIBILITY_READS;
}
