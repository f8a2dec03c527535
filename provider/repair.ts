import { MsgProveReadinessResponseSchema, MsgProveReadinessSchema } from "nild/gen/nil/mode2/v1/tx_pb.js";
import { SlotStatus, type Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { ANY_ARTIFACT, ClientError, eachBounded, fetchMetadata, msg, profileOf, ProviderError, readVolume, responseOf, signTicket, slotHolders, type Blame, type SlotHolder } from "nild/client";
import { artifactName, reconstructShard, rowsOf, verifyShard, type SlabMetadata } from "nild/nilfs";
import type { ProverContext } from "./challenges.js";
import { HttpError } from "./errors.js";
import { writeFacts } from "./facts.js";
import { openDemands, proofGas } from "./proofs.js";
import type { ObjectStore, Place } from "./store.js";

const TICKET_SECONDS = 3600;
const PEERS_AT_ONCE = 4;

export interface RepairContext extends ProverContext {
  readonly store: ObjectStore;
}

/**
 * Rebuilds a slot from its peers and takes it over. Objects that an interrupted run has written are not fetched again.
 * Returns false when the slot is no longer this provider's to take.
 * @throws ClientError `no_metadata`, `not_enough_slots`; HttpError; ChainError. Then it is tried again until the deadline.
 */
export async function repairSlot(context: RepairContext, dealId: bigint, slot: number): Promise<boolean> {
  const volume = await readVolume(context, dealId);
  const held = volume.slots[slot];
  if (held === undefined || held.candidate !== context.wallet.address || held.status !== SlotStatus.REPAIRING) return false;
  await rebuild(context, volume, slot);
  return proveReadiness(context, volume, slot);
}

async function rebuild(context: RepairContext, volume: Volume, slot: number): Promise<void> {
  const { store, slabs, log } = context;
  const { dealId, generation } = volume;
  const deals: Place = { area: "deals", dealId, generation };
  const settled = await slabs.settle(dealId, generation, volume.manifestRoot).catch((error: unknown) => {
    if (error instanceof HttpError && error.code === "object_missing") return undefined;
    throw error;
  });
  if (settled?.facts.slot === slot) return;

  const { holders } = await slotHolders(context, volume);
  const peers = holders.filter(({ provider, slot: theirs }) => provider !== context.wallet.address && theirs !== slot);
  const blame: Blame = { liars: [], missing: [] };
  const metadata = await fetchMetadata(context, volume, peers, blame);
  const place: Place = { area: "repair", dealId, generation };
  const stored = await store.list(place);
  for (const [mduIndex, bytes] of [metadata.mdu0, ...metadata.witness].entries()) await store.write(place, artifactName({ kind: "mdu", mduIndex }), bytes);
  await store.write(place, artifactName({ kind: "manifest" }), metadata.manifest);

  const rebuilder = new Rebuilder(context, volume, metadata, peers, slot);
  for (let userMdu = 0; userMdu < metadata.userMdus; userMdu++) {
    const name = artifactName({ kind: "shard", mduIndex: 1 + metadata.witnessMdus + userMdu, slot });
    if (!stored.has(name)) await store.write(place, name, await rebuilder.shard(userMdu));
  }
  await store.exclusively(place, async () => {
    await writeFacts(store, place, { ...metadata, slot });
    await store.move(place, deals);
  });
  slabs.forget(deals);
  slabs.remember(deals, metadata);
  log("info", "slot rebuilt", { deal: dealId.toString(), slot, mdus: metadata.userMdus });
}

/** Fetches shards from peers until K of an MDU hold what the witness says. */
class Rebuilder {
  /** Peers that failed: asked last from then on. */
  readonly #failed = new Set<string>();
  readonly #tickets = new Map<string, Promise<string>>();

  constructor(
    private readonly context: RepairContext,
    private readonly volume: Volume,
    private readonly metadata: SlabMetadata,
    private readonly peers: readonly SlotHolder[],
    private readonly slot: number,
  ) {}

  async shard(userMdu: number): Promise<Uint8Array> {
    const profile = profileOf(this.volume);
    const good = new Map<number, Uint8Array>();
    const order = [...this.peers].sort((a, b) => this.#rank(a) - this.#rank(b));
    while (good.size < profile.k && order.length > 0) {
      await eachBounded(order.splice(0, profile.k - good.size), PEERS_AT_ONCE, async (peer) => {
        const bytes = await this.#fetch(peer, userMdu);
        if (bytes !== undefined) good.set(peer.slot, bytes);
      });
    }
    if (good.size < profile.k) {
      throw new ClientError("not_enough_slots", `MDU ${userMdu}: ${good.size} of the ${profile.k} peers needed gave their shard`, "it is tried again while the repair lasts");
    }
    return reconstructShard(profile, good, this.slot);
  }

  #rank(peer: SlotHolder): number {
    return (peer.active ? 0 : 1) + (this.#failed.has(peer.provider) ? 2 : 0);
  }

  async #fetch(peer: SlotHolder, userMdu: number): Promise<Uint8Array | undefined> {
    const { dealId, generation } = this.volume;
    const mduIndex = 1 + this.metadata.witnessMdus + userMdu;
    try {
      const ticket = await this.#ticket(peer.provider);
      const bytes = await peer.http.readArtifact(dealId, generation, { kind: "shard", mduIndex, slot: peer.slot }, rowsOf(profileOf(this.volume)), ticket);
      const { prover } = await this.context.kzg();
      if (await verifyShard(prover, this.metadata, userMdu, peer.slot, bytes)) return bytes;
      this.context.log("warn", "peer sent a false shard", { peer: peer.provider, slot: peer.slot, mdu: mduIndex });
    } catch (error) {
      if (!(error instanceof ClientError || error instanceof ProviderError)) throw error;
      this.context.log("warn", "peer gave no shard", { peer: peer.provider, slot: peer.slot, code: error.code });
    }
    this.#failed.add(peer.provider);
    return undefined;
  }

  #ticket(provider: string): Promise<string> {
    const known = this.#tickets.get(provider);
    if (known !== undefined) return known;
    const { chain, wallet } = this.context;
    const { dealId, generation } = this.volume;
    const expires = BigInt(Math.floor(Date.now() / 1000) + TICKET_SECONDS);
    const ticket = chain.chainId().then((chainId) => signTicket(wallet, chainId, { purpose: "repair", dealId, generation, artifact: ANY_ARTIFACT, provider, expires }));
    this.#tickets.set(provider, ticket);
    return ticket;
  }
}

async function proveReadiness(context: RepairContext, volume: Volume, slot: number): Promise<boolean> {
  const { chain, wallet, slabs, kzg, log } = context;
  const { dealId } = volume;
  const demand = await chain.query.mode2.readiness({ dealId, slot });
  if (demand.generation !== volume.generation) throw new HttpError("stale_generation", `generation ${demand.generation} must be proved, ${volume.generation} was rebuilt`);
  const slab = await slabs.open(dealId, volume.generation, volume.manifestRoot);
  const proof = await openDemands(kzg, demand.z, [{ slab, positions: demand.positions }]);
  const message = msg(MsgProveReadinessSchema, { provider: wallet.address, dealId, slot, generation: demand.generation, epoch: demand.epoch, proof });
  const result = await chain.signAndBroadcast(wallet, [message], { gas: proofGas([proof]) });
  const { valid } = responseOf(result, 0, MsgProveReadinessResponseSchema);
  log(valid ? "info" : "error", valid ? "slot taken over" : "the chain found the readiness proof wrong", { deal: dealId.toString(), slot });
  return valid;
}
