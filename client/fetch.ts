import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { equalBytes, leafIndexOf, rowsOf, verifyHops, verifyLeaves, verifyMerklePath, type Kzg, type SlabMetadata } from "nild/nilfs";
import { hex } from "./bytes.js";
import { isSignedBy, type SignedBlob } from "./responses.js";
import type { OpenedSession } from "./sessions.js";
import type { Liar, LieReason, SignedResponse } from "./types.js";

/** Verified blobs by `blobKey`. */
export type BlobMap = Map<string, Uint8Array>;

export function blobKey(mduIndex: number, leafIndex: number): string {
  return `${mduIndex}/${leafIndex}`;
}

/** A false answer; carries what is needed to name and show it. */
export class LieError extends Error {
  constructor(readonly liar: Liar) {
    super(`${liar.provider} (slot ${liar.slot}): ${liar.detail}`);
    this.name = "LieError";
  }
}

/** Checks answers against one slab's verified metadata. */
export class SlotFetcher {
  /** First hops that were checked: MDU index and opening. */
  readonly #openings = new Set<string>();

  constructor(
    private readonly chainId: string,
    private readonly volume: Volume,
    private readonly metadata: SlabMetadata,
    private readonly kzg: Kzg,
  ) {}

  /**
   * Every blob of the session's run, verified by signature, hops and bytes.
   * @throws LieError; ClientError or ProviderError when there is no answer.
   */
  async fetch(session: OpenedSession): Promise<BlobMap> {
    const out: BlobMap = new Map();
    for (const part of partsOf(session, rowsOf(this.metadata.profile))) {
      const { slot } = session.holder;
      const items = await session.holder.http.readSignedBlobs({ kind: "shard", mduIndex: part.mduIndex, slot }, part, {
        chainId: this.chainId,
        sessionId: session.id,
        dealId: this.volume.dealId,
        generation: this.volume.generation,
        manifestRoot: this.volume.manifestRoot,
      });
      await this.#check(session, part, items);
      for (const { response, blob } of items) out.set(blobKey(response.mduIndex, response.leafIndex), blob);
    }
    return out;
  }

  async #check(session: OpenedSession, part: Part, items: readonly SignedBlob[]): Promise<void> {
    const userMdu = part.mduIndex - 1 - this.metadata.witnessMdus;
    items.forEach((item, i) => {
      const { response } = item;
      const leafIndex = leafIndexOf(this.metadata.profile, session.holder.slot, part.from + i);
      if (!isSignedBy(response, session.holder.responseKey)) throw lie(session, "bad_signature", "an answer is not signed by the provider's response key");
      if (response.mduIndex !== part.mduIndex || response.leafIndex !== leafIndex) throw lie(session, "bad_hops", "it answered with another blob than asked for", item);
      if (!this.#hopsHold(response, userMdu)) throw lie(session, "bad_hops", `MDU ${part.mduIndex}, leaf ${leafIndex}: its hops do not lead to the manifest root`, item);
    });
    const leaves = items.map(({ response }) => response.leafIndex);
    const bad = await this.#firstBadBlob(userMdu, leaves, items);
    if (bad !== undefined) throw lie(session, "bad_bytes", `MDU ${part.mduIndex}, leaf ${bad.response.leafIndex}: the bytes are not the committed blob`, bad);
  }

  #hopsHold(response: SignedResponse, userMdu: number): boolean {
    const { metadata } = this;
    const commitment = metadata.commitments[userMdu]?.[response.leafIndex];
    const root = metadata.userRoots[userMdu];
    if (commitment === undefined || root === undefined || response.leafCount !== metadata.leafCount) return false;
    if (!equalBytes(response.commitment, commitment) || !equalBytes(response.mduRoot, root)) return false;
    // The pairing of hop 1 once per MDU and opening; hop 2 for each leaf.
    const key = `${response.mduIndex}/${hex(response.manifestOpening)}`;
    if (!this.#openings.has(key)) {
      if (!verifyHops(this.kzg.verifier, metadata.manifestRoot, response)) return false;
      this.#openings.add(key);
      return true;
    }
    return verifyMerklePath(root, commitment, response.leafIndex, response.leafCount, response.merklePath);
  }

  /** All at once, for about one commitment; if that fails, halves lead to the first culprit. */
  async #firstBadBlob(userMdu: number, leaves: readonly number[], items: readonly SignedBlob[]): Promise<SignedBlob | undefined> {
    const blobs = items.map(({ blob }) => blob);
    if (items.length === 0 || (await verifyLeaves(this.kzg.prover, this.metadata, userMdu, leaves, blobs))) return undefined;
    if (items.length === 1) return items[0];
    const middle = items.length >> 1;
    return (
      (await this.#firstBadBlob(userMdu, leaves.slice(0, middle), items.slice(0, middle))) ??
      (await this.#firstBadBlob(userMdu, leaves.slice(middle), items.slice(middle)))
    );
  }
}

/** Rows [from, to) of one MDU. */
interface Part {
  readonly mduIndex: number;
  readonly from: number;
  readonly to: number;
}

function partsOf({ run }: OpenedSession, rows: number): Part[] {
  const parts: Part[] = [];
  let left = run.blobs;
  for (let mduIndex = run.startMdu, from = run.startRow; left > 0; mduIndex++, from = 0) {
    const to = Math.min(rows, from + left);
    parts.push({ mduIndex, from, to });
    left -= to - from;
  }
  return parts;
}

function lie(session: OpenedSession, reason: LieReason, detail: string, item?: SignedBlob): LieError {
  const { provider, slot } = session.holder;
  return new LieError({ provider, slot, reason, detail, ...(item === undefined ? {} : { evidence: { response: item.response, blob: item.blob } }) });
}
