import type { Provider } from "nild/gen/nil/provider/v1/types_pb.js";
import { SlotStatus, type Slot, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { Profile } from "nild/nilfs";
import { present } from "./chain.js";
import { pickEndpoint } from "./endpoints.js";
import { ClientError } from "./errors.js";
import { ProviderError, ProviderHttp } from "./provider_http.js";
import type { ClientContext, SlotFailure } from "./types.js";

/** What the client needs of a context; the candidate of a repair reads its peers through it too. */
export type ReadContext = Pick<ClientContext, "chain" | "kzg" | "fetch" | "allowPrivateEndpoints" | "requestTimeoutMs">;

/** A slot with the provider that holds it. */
export interface SlotHolder {
  readonly slot: number;
  readonly provider: string;
  readonly active: boolean;
  /** ed25519, 32 bytes. */
  readonly responseKey: Uint8Array;
  readonly http: ProviderHttp;
}

/** K and M of a volume. */
export function profileOf(volume: Volume): Profile {
  const { k, m } = present(volume.profile, "volume.profile");
  return { k, m };
}

/** The volume of a deal as the chain has it now. @throws ClientError `not_found` for an unknown deal. */
export async function readVolume(context: Pick<ClientContext, "chain">, dealId: bigint): Promise<Volume> {
  return present((await context.chain.query.mode2.volume({ dealId })).volume, "volume");
}

/** @throws ClientError `no_content` before the first commit. */
export async function readCommittedVolume(context: Pick<ClientContext, "chain">, dealId: bigint): Promise<Volume> {
  const volume = await readVolume(context, dealId);
  if (volume.generation > 0n) return volume;
  throw new ClientError("no_content", `deal ${dealId} holds nothing yet`, "put a file into it first");
}

/** Private endpoints are for chains that say so (dev, localnet). */
async function privateAllowed(context: ReadContext): Promise<boolean> {
  if (context.allowPrivateEndpoints !== undefined) return context.allowPrivateEndpoints;
  return present((await context.chain.query.provider.params({})).params, "params").allowPrivateEndpoints;
}

/**
 * The holders of the slots that `choose` names a provider for, in slot order. A slot whose provider has no usable
 * endpoint is in `unusable`.
 */
export async function slotHolders(
  context: ReadContext,
  volume: Volume,
  choose: (slot: Slot) => string = (slot) => slot.provider,
): Promise<{ holders: SlotHolder[]; unusable: SlotFailure[] }> {
  const allowPrivate = await privateAllowed(context);
  const holders: SlotHolder[] = [];
  const unusable: SlotFailure[] = [];
  await Promise.all(
    volume.slots.map(async (slot) => {
      const address = choose(slot);
      if (address === "" || slot.status === SlotStatus.VACANT) return;
      try {
        const provider: Provider = present((await context.chain.query.provider.provider({ address })).provider, "provider");
        const baseUrl = pickEndpoint(provider.endpoints, { allowPrivate });
        holders.push({
          slot: slot.slot,
          provider: address,
          active: slot.status === SlotStatus.ACTIVE,
          responseKey: provider.responseKey,
          http: new ProviderHttp({
            baseUrl,
            ...(context.fetch === undefined ? {} : { fetch: context.fetch }),
            ...(context.requestTimeoutMs === undefined ? {} : { timeoutMs: context.requestTimeoutMs }),
          }),
        });
      } catch (error) {
        unusable.push(slotFailure(slot.slot, address, error));
      }
    }),
  );
  return { holders: holders.sort((a, b) => a.slot - b.slot), unusable };
}

/** An error as a slot's failure. Errors that are no provider's fault go on. */
export function slotFailure(slot: number, provider: string, error: unknown): SlotFailure {
  if (error instanceof ClientError || error instanceof ProviderError) return { slot, provider, code: error.code, reason: error.message };
  throw error;
}

/** Runs `work` over the items, at most `limit` at a time. */
export async function eachBounded<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await work(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
