import { artifactName, BLOB_BYTES, type Artifact } from "nild/nilfs";
import { BLOBS_HEADER, maskedBlobs, unpackBlobs } from "nild/client";
import type { ChainView } from "./chain_view.js";
import { HttpError } from "./errors.js";
import type { HttpRequest } from "./http.js";
import { blobsOfArtifact } from "./objects.js";
import type { ObjectStore, Place } from "./store.js";
import { admitUpload, type Admission } from "./tickets.js";

/** Takes objects of the deal's next generation into staging. What they hold is checked when an ack is asked for. */
export class Uploads {
  constructor(
    private readonly view: ChainView,
    private readonly store: ObjectStore,
    /** Called when an upload is admitted: an ack, and with it the KZG library, will be asked for soon. */
    private readonly prepare: () => void,
  ) {}

  async put(request: HttpRequest, dealId: bigint, generation: bigint, artifact: Artifact): Promise<void> {
    const name = artifactName(artifact);
    const { volume, slot } = await admitUpload(this.view, request.header("nil-ticket"), { dealId, generation, artifact: name });
    checkNextGeneration(volume.generation, generation);
    this.prepare();
    const blobs = blobsOfArtifact(volume, slot, artifact);
    const mask = request.header(BLOBS_HEADER) ?? "1".repeat(blobs);
    if (mask.length !== blobs || !/^[01]+$/.test(mask)) throw new HttpError("bad_mask", `Nil-Blobs must have a 0 or 1 for each of the ${blobs} blobs of ${name}`);
    const expected = maskedBlobs(mask) * BLOB_BYTES;
    const bytes = unpackBlobs(mask, await request.body(expected), blobs);
    if (bytes === undefined) throw new HttpError("bad_length", `${name} must come as ${expected} bytes`);
    const place: Place = { area: "staging", dealId, generation };
    await this.store.exclusively(place, () => this.store.write(place, name, bytes));
  }

  /** What need not be sent again: objects by SHA-256, and the roots that were acknowledged whole. */
  async list(request: HttpRequest, dealId: bigint, generation: bigint): Promise<{ artifacts: Record<string, string>; acked: string[] }> {
    await this.admitGeneration(request, dealId, generation);
    this.prepare();
    const artifacts = Object.fromEntries(await this.store.list({ area: "staging", dealId, generation }));
    return { artifacts, acked: (await this.store.ackedRoots(dealId, generation)).map((root) => `0x${root}`) };
  }

  async admitGeneration(request: HttpRequest, dealId: bigint, generation: bigint): Promise<Admission> {
    return admitUpload(this.view, request.header("nil-ticket"), { dealId, generation });
  }
}

export function checkNextGeneration(current: bigint, asked: bigint): void {
  if (asked !== current + 1n) throw new HttpError("stale_generation", `the deal is at generation ${current}: uploads are for ${current + 1n}`);
}
