import { createHash } from "node:crypto";
import { profileOf, digestOf, encodeSignedBlobs, packBlobs, BLOBS_HEADER, SIGNED_BLOBS_TYPE, SPARSE_HEADER, type SignedBlob } from "nild/client";
import { artifactName, BLOB_BYTES, leafIndexOf, rowsOf, slotsOf, type Artifact } from "nild/nilfs";
import type { ChainView } from "./chain_view.js";
import { HttpError } from "./errors.js";
import type { HttpAnswer, HttpRequest } from "./http.js";
import { RateLimit } from "./rate_limit.js";
import { blobsOfArtifact } from "./objects.js";
import type { ResponseKey } from "./response_key.js";
import type { ServedSessions } from "./served_sessions.js";
import { admitRead } from "./sessions.js";
import type { Slabs } from "./slabs.js";
import type { ObjectStore } from "./store.js";
import { admitRepair, existing } from "./tickets.js";
import type { Faults } from "./types.js";

export interface ReadContext {
  readonly view: ChainView;
  readonly store: ObjectStore;
  readonly slabs: Slabs;
  readonly key: ResponseKey;
  readonly served: ServedSessions;
  readonly faults: Faults;
  readonly metadataReadsPerMinute: number;
}

type Shard = Artifact & { readonly kind: "shard" };

/** Serves metadata to all, shards under a session or to a repair's candidate. */
export class Reads {
  readonly #rate: RateLimit;
  /** Bytes that candidates took, by candidate, deal and generation. */
  readonly #repairBytes = new Map<string, number>();

  /** Blobs that went out under sessions. */
  blobsServed = 0;

  constructor(private readonly context: ReadContext) {
    this.#rate = new RateLimit(context.metadataReadsPerMinute);
  }

  get(request: HttpRequest, dealId: bigint, generation: bigint, artifact: Artifact): Promise<HttpAnswer> {
    if (artifact.kind !== "shard") return this.#metadata(request, dealId, generation, artifact);
    return request.header("nil-ticket") === undefined ? this.#paid(request, dealId, generation, artifact) : this.#repair(request, dealId, generation, artifact);
  }

  async #metadata(request: HttpRequest, dealId: bigint, generation: bigint, artifact: Artifact): Promise<HttpAnswer> {
    if (!this.#rate.take(request.remote)) throw new HttpError("rate_limited", "too many metadata reads from this address; wait a minute");
    return whole(request, await this.#readWhole(dealId, generation, artifact, undefined));
  }

  async #repair(request: HttpRequest, dealId: bigint, generation: bigint, artifact: Shard): Promise<HttpAnswer> {
    const { signer } = await admitRepair(this.context.view, request.header("nil-ticket"), { dealId, generation, artifact: artifactName(artifact) });
    const bytes = await this.#readWhole(dealId, generation, artifact, (slotBytes) => this.#countRepair(`${signer}/${dealId}/${generation}`, slotBytes));
    return whole(request, bytes);
  }

  /** A candidate rebuilds from K slots; each gives it twice what it holds, so that one broken transfer can be repeated. */
  #countRepair(key: string, slotBytes: { held: number; asked: number }): void {
    const taken = (this.#repairBytes.get(key) ?? 0) + slotBytes.asked;
    if (taken > 2 * slotBytes.held) throw new HttpError("repair_used_up", "this candidate has read this slot twice already");
    this.#repairBytes.set(key, taken);
  }

  async #readWhole(
    dealId: bigint,
    generation: bigint,
    artifact: Artifact,
    count: ((bytes: { held: number; asked: number }) => void) | undefined,
  ): Promise<Uint8Array> {
    const { view, store, slabs } = this.context;
    const volume = await existing(view, dealId, generation);
    // Content of an older generation has another root; it is still here until its sessions have ended.
    if (volume.generation === generation) await slabs.settle(dealId, generation, volume.manifestRoot);
    const slot = artifact.kind === "shard" ? (view.slotOf(volume) ?? -1) : 0;
    const blobs = blobsOfArtifact(volume, slot, artifact);
    const userMdus = Number(volume.totalMdus - 1n - volume.witnessMdus);
    count?.({ held: userMdus * blobs * BLOB_BYTES, asked: blobs * BLOB_BYTES });
    return store.read({ area: "deals", dealId, generation }, artifactName(artifact), 0, blobs);
  }

  async #paid(request: HttpRequest, dealId: bigint, generation: bigint, artifact: Shard): Promise<HttpAnswer> {
    const { view, slabs, store, key, served, faults } = this.context;
    const profile = profileOf(await existing(view, dealId));
    if (artifact.slot >= slotsOf(profile)) throw new HttpError("wrong_artifact", `slot ${artifact.slot}: the deal has ${slotsOf(profile)}`);
    const { fromRow, toRow } = rowRange(request.header("range"), rowsOf(profile));
    const { slot, mduIndex } = artifact;
    const session = await admitRead(view, request.header("nil-session"), { dealId, generation, slot, mduIndex, fromRow, toRow });
    served.admit(session, toRow - fromRow);

    const slab = await slabs.open(dealId, generation, session.manifestRoot);
    const bytes = await store.read(slab.place, artifactName(artifact), fromRow, toRow, { unchecked: faults.serveUnchecked === true });
    const terms = { chainId: await view.chain.chainId(), sessionId: session.id, dealId, generation, manifestRoot: session.manifestRoot };
    const items: SignedBlob[] = [];
    for (let row = fromRow; row < toRow; row++) {
      const blob = bytes.subarray((row - fromRow) * BLOB_BYTES, (row - fromRow + 1) * BLOB_BYTES);
      const hops = await slab.hops({ mduIndex, leafIndex: leafIndexOf(profile, slot, row) });
      const unsigned = { ...terms, ...hops, blobHash: Uint8Array.from(createHash("sha256").update(blob).digest()) };
      items.push({ response: { ...unsigned, signature: key.sign(digestOf(unsigned)) }, blob });
    }
    await served.record(session, mduIndex, fromRow, toRow);
    this.blobsServed += items.length;
    return { status: 206, headers: { "content-type": SIGNED_BLOBS_TYPE }, body: encodeSignedBlobs(items) };
  }
}

/** One range of whole blobs. @throws HttpError `bad_range`. */
function rowRange(header: string | undefined, rows: number): { fromRow: number; toRow: number } {
  if (header === undefined) return { fromRow: 0, toRow: rows };
  const match = /^bytes=(0|[1-9][0-9]{0,8})-([1-9][0-9]{0,8})$/.exec(header);
  const from = Number(match?.[1]);
  const end = Number(match?.[2]) + 1;
  if (match === null || from >= end || from % BLOB_BYTES !== 0 || end % BLOB_BYTES !== 0 || end > rows * BLOB_BYTES) {
    throw new HttpError("bad_range", `ask for one range of whole blobs of ${BLOB_BYTES} bytes within the shard's ${rows}`);
  }
  return { fromRow: from / BLOB_BYTES, toRow: end / BLOB_BYTES };
}

function whole(request: HttpRequest, bytes: Uint8Array): HttpAnswer {
  const headers = { "content-type": "application/octet-stream" };
  if (request.header(SPARSE_HEADER) !== "1") return { status: 200, headers, body: bytes };
  const { mask, body } = packBlobs(bytes);
  return { status: 200, headers: { ...headers, [BLOBS_HEADER]: mask }, body };
}
