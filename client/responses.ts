import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { BLOB_BYTES, concatBytes, joinBytes, responseDigest } from "nild/nilfs";
import { hex, parseHex } from "./bytes.js";
import { ClientError } from "./errors.js";
import { packBlobs, unpackBlobs } from "./sparse.js";
import type { SignedResponse } from "./types.js";

/*
 * The body of a paid read: U32 length ‖ JSON ‖ blobs without their zero ones. The JSON holds, once per MDU, the first hop,
 * and per blob the second hop and the provider's signature, so that each blob stands as evidence by itself.
 */

export const SIGNED_BLOBS_TYPE = "application/vnd.nild.signed-blobs";
const MAX_HEADER = 256 * 1024;

/** What every blob of one answer has in common; the reader knows it from its own request. */
export type ResponseTerms = Pick<SignedResponse, "chainId" | "sessionId" | "dealId" | "generation" | "manifestRoot">;

/** A blob of 131,072 bytes and what its provider signed of it. */
export interface SignedBlob {
  readonly response: SignedResponse;
  readonly blob: Uint8Array;
}

/** What the provider signs for a blob. */
export function digestOf(response: Omit<SignedResponse, "signature">): Uint8Array {
  return responseDigest({ ...response, hops: response });
}

/** The body of a paid read; all of one session and generation. */
export function encodeSignedBlobs(items: readonly SignedBlob[]): Uint8Array {
  const { mask, body } = packBlobs(joinBytes(items.map((item) => item.blob)));
  const mdus = new Map(items.map(({ response }) => [response.mduIndex, { root: hex(response.mduRoot), opening: hex(response.manifestOpening) }]));
  const header = new TextEncoder().encode(
    JSON.stringify({
      mask,
      mdus: [...mdus].map(([index, hop]) => ({ index, ...hop })),
      blobs: items.map(({ response }) => ({
        mdu: response.mduIndex,
        leaf: response.leafIndex,
        leaf_count: response.leafCount,
        commitment: hex(response.commitment),
        path: response.merklePath.map(hex),
        signature: hex(response.signature),
      })),
    }),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, header.length);
  return concatBytes(length, header, body);
}

/** Most bytes that an answer of `blobs` blobs can have. */
export function maxSignedBlobsBytes(blobs: number): number {
  return 4 + MAX_HEADER + blobs * BLOB_BYTES;
}

/** @throws ClientError `bad_response` when it is not such a body or holds another number of blobs. */
export function decodeSignedBlobs(bytes: Uint8Array, terms: ResponseTerms, count: number): SignedBlob[] {
  const length = bytes.length < 4 ? MAX_HEADER + 1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > MAX_HEADER || 4 + length > bytes.length) throw bad("the header is longer than the body or than allowed");
  const header = parseHeader(bytes.subarray(4, 4 + length));
  const blobs = unpackBlobs(header.mask, bytes.subarray(4 + length), count);
  if (blobs === undefined || header.blobs.length !== count) throw bad(`it does not hold the ${count} blobs asked for`);
  const mdus = new Map(header.mdus.map((mdu) => [mdu.index, mdu]));
  return header.blobs.map((item, i) => {
    const blob = blobs.subarray(i * BLOB_BYTES, (i + 1) * BLOB_BYTES);
    const mdu = mdus.get(item.mdu);
    if (mdu === undefined) throw bad(`no first hop for MDU ${item.mdu}`);
    const response: SignedResponse = {
      ...terms,
      mduIndex: item.mdu,
      mduRoot: bytesOf(mdu.root, 32, "root"),
      manifestOpening: bytesOf(mdu.opening, 48, "opening"),
      leafIndex: item.leaf,
      leafCount: item.leaf_count,
      commitment: bytesOf(item.commitment, 48, "commitment"),
      merklePath: item.path.map((node) => bytesOf(node, 32, "path")),
      // Hashed here and not taken from the answer: the signature must be over the bytes that came.
      blobHash: sha256(blob),
      signature: bytesOf(item.signature, 64, "signature"),
    };
    return { response, blob };
  });
}

/** True when the provider's response key signed exactly this. */
export function isSignedBy(response: SignedResponse, responseKey: Uint8Array): boolean {
  try {
    return ed25519.verify(response.signature, digestOf(response), responseKey, { zip215: false });
  } catch {
    return false; // a malformed key or signature
  }
}

interface Header {
  mask: string;
  mdus: { index: number; root: string; opening: string }[];
  blobs: { mdu: number; leaf: number; leaf_count: number; commitment: string; path: string[]; signature: string }[];
}

function parseHeader(bytes: Uint8Array): Header {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw bad("the header is not JSON");
  }
  const header = value as Partial<Header> | null;
  const ok =
    typeof header?.mask === "string" &&
    Array.isArray(header.mdus) &&
    header.mdus.every((mdu) => isCount(mdu?.index) && typeof mdu.root === "string" && typeof mdu.opening === "string") &&
    Array.isArray(header.blobs) &&
    header.blobs.every(
      (blob) =>
        isCount(blob?.mdu) && isCount(blob.leaf) && isCount(blob.leaf_count) && typeof blob.commitment === "string" &&
        typeof blob.signature === "string" && Array.isArray(blob.path) && blob.path.length <= 8 && blob.path.every((node) => typeof node === "string"),
    );
  if (!ok) throw bad("the header lacks fields or has fields of other kinds");
  return header as Header;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff;
}

function bytesOf(text: string, length: number, name: string): Uint8Array {
  const bytes = parseHex(text, length);
  if (bytes === undefined) throw bad(`${name} is not ${length} bytes of hex`);
  return bytes;
}

function bad(why: string): ClientError {
  return new ClientError("bad_response", `signed blobs: ${why}`, "the provider does not speak this protocol; take another");
}
