import { type Position, leafIndexOf, sessionPositions } from "nild/nilfs";
import type { Session } from "nild/gen/nil/retrieval/v1/types_pb.js";

/** A session's proof opens min(n, 8) of its blobs. */
export const OPENED_PER_SESSION = 8;

/** The blobs that the session's seed picks, in the order of the proof. */
export function openedPositions({ profile, slot, startMdu, startRow, blobCount, seed }: Session): Position[] {
  const startBlob = leafIndexOf(profile!, slot, startRow);
  return sessionPositions(seed, { profile: profile!, slot, startMdu, startBlob, blobCount: Number(blobCount) }, OPENED_PER_SESSION);
}
