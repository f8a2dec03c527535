import { artifactName, toHex, type Artifact, type Slab } from "nild/nilfs";
import { sha256Hex } from "./bytes.js";
import { ANY_ARTIFACT, signTicket } from "./tickets.js";
import { eachBounded, slotFailure, type SlotHolder } from "./volume.js";
import type { ClientContext, PutOptions, SlotFailure } from "./types.js";

/** Providers that are sent to at once. */
const UPLOADS_AT_ONCE = 6;
const TICKET_SECONDS = 3600;

/** One slot's upload; `failure` says why it did not come to its end. */
export interface SlotUpload {
  readonly holder: SlotHolder;
  readonly ticket: string;
  failure: SlotFailure | undefined;
  skippedBytes: number;
}

export interface UploadJob extends Pick<PutOptions, "onProgress"> {
  readonly dealId: bigint;
  readonly generation: bigint;
  readonly slab: Slab;
  readonly holders: readonly SlotHolder[];
}

/** A running upload with what its provider already has. */
interface Upload extends SlotUpload {
  readonly has: ReadonlyMap<string, string>;
  readonly acked: boolean;
}

/** Sends the metadata to all and each slot's shards to its provider. One that fails is left behind; the others go on. */
export async function uploadSlab(context: ClientContext, job: UploadJob): Promise<SlotUpload[]> {
  const { slab, holders } = job;
  const uploads: Upload[] = [];
  await eachBounded(holders, UPLOADS_AT_ONCE, async (holder) => {
    uploads.push(await begin(context, job, holder));
  });
  const metadata = await metadataArtifacts(slab);
  const shardBytes = slab.userMdus === 0 ? 0 : slab.shard(0, 0).length;
  const total = holders.length * (sumLengths(metadata) + slab.userMdus * shardBytes);
  let done = 0;
  const send = async (upload: Upload, artifact: Artifact, bytes: Uint8Array, hash?: string): Promise<void> => {
    await sendOne(job, upload, artifact, bytes, hash ?? (await sha256Hex(bytes)));
    done += bytes.length;
    job.onProgress?.({ phase: "upload", done, total });
  };
  await eachBounded(uploads, UPLOADS_AT_ONCE, async (upload) => {
    for (const { artifact, bytes, hash } of metadata) await send(upload, artifact, bytes, hash);
  });
  // MDU by MDU over all slots: the slab makes the shards of one MDU together.
  for (let userMdu = 0; userMdu < slab.userMdus; userMdu++) {
    const mduIndex = 1 + slab.witnessMdus + userMdu;
    await eachBounded(uploads, UPLOADS_AT_ONCE, (upload) =>
      send(upload, { kind: "shard", mduIndex, slot: upload.holder.slot }, slab.shard(userMdu, upload.holder.slot)),
    );
  }
  return uploads.sort((a, b) => a.holder.slot - b.holder.slot);
}

async function begin({ chain, wallet }: ClientContext, { dealId, generation, slab }: UploadJob, holder: SlotHolder): Promise<Upload> {
  const ticket = await signTicket(wallet, await chain.chainId(), {
    purpose: "upload",
    dealId,
    generation,
    artifact: ANY_ARTIFACT,
    provider: holder.provider,
    expires: BigInt(Math.floor(Date.now() / 1000) + TICKET_SECONDS),
  });
  try {
    const { artifacts, acked } = await holder.http.listUploads(dealId, generation, ticket);
    return { holder, ticket, failure: undefined, skippedBytes: 0, has: artifacts, acked: acked.includes(toHex(slab.manifestRoot)) };
  } catch (error) {
    return { holder, ticket, failure: slotFailure(holder.slot, holder.provider, error), skippedBytes: 0, has: new Map(), acked: false };
  }
}

async function sendOne({ dealId, generation }: UploadJob, upload: Upload, artifact: Artifact, bytes: Uint8Array, hash: string): Promise<void> {
  if (upload.failure !== undefined) return;
  if (upload.acked || upload.has.get(artifactName(artifact)) === hash) {
    upload.skippedBytes += bytes.length;
    return;
  }
  try {
    await upload.holder.http.putArtifact(dealId, generation, artifact, bytes, upload.ticket);
  } catch (error) {
    upload.failure = slotFailure(upload.holder.slot, upload.holder.provider, error);
  }
}

function metadataArtifacts(slab: Slab): Promise<{ artifact: Artifact; bytes: Uint8Array; hash: string }[]> {
  const parts: { artifact: Artifact; bytes: Uint8Array }[] = [
    { artifact: { kind: "manifest" }, bytes: slab.manifest },
    ...[slab.mdu0, ...slab.witness].map((bytes, mduIndex) => ({ artifact: { kind: "mdu", mduIndex } as const, bytes })),
  ];
  return Promise.all(parts.map(async (part) => ({ ...part, hash: await sha256Hex(part.bytes) })));
}

function sumLengths(parts: readonly { bytes: Uint8Array }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
