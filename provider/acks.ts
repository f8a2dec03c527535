import type { Volume } from "nild/gen/nil/mode2/v1/types_pb.js";
import { profileOf } from "nild/client";
import { ackDigest, artifactName, fromHex, MDU_PAYLOAD_BYTES, NilfsError, rowsOf, toHex, verifyShard, type Kzg } from "nild/nilfs";
import type { ChainView } from "./chain_view.js";
import { HttpError } from "./errors.js";
import { readFacts, writeFacts, type Facts } from "./facts.js";
import type { HttpRequest } from "./http.js";
import type { ResponseKey } from "./response_key.js";
import { readMetadata, type Slabs } from "./slabs.js";
import type { ObjectStore, Place } from "./store.js";
import { checkNextGeneration, type Uploads } from "./uploads.js";

const MAX_BODY = 4096;

export interface AckContext {
  readonly view: ChainView;
  readonly store: ObjectStore;
  readonly uploads: Uploads;
  readonly slabs: Slabs;
  readonly key: ResponseKey;
  readonly kzg: () => Promise<Kzg>;
}

/**
 * Verifies everything that was uploaded for a commit and signs for it: metadata against the roots, this slot's shards
 * against their commitments. Only then is the provider bound to hold and prove it.
 * @throws HttpError `incomplete`, `metadata_mismatch`, `shard_mismatch`, `stale_generation`, `bad_facts`, …
 */
export async function acknowledge(context: AckContext, request: HttpRequest, dealId: bigint, generation: bigint): Promise<{ slot: number; signature: string }> {
  const { view, store, uploads, key } = context;
  const { volume, slot } = await uploads.admitGeneration(request, dealId, generation);
  const facts = await readRequestFacts(context, await request.body(MAX_BODY), volume, slot);
  await store.exclusively({ dealId, generation }, async () => {
    if (await alreadyHeld(store, facts, dealId, generation)) return;
    checkNextGeneration(volume.generation, generation);
    const staging: Place = { area: "staging", dealId, generation };
    await verifyStaged(context, staging, facts);
    await writeFacts(store, staging, facts);
    await store.move(staging, { area: "acked", dealId, generation, root: toHex(facts.manifestRoot).slice(2) });
  });
  const chainId = await view.chain.chainId();
  return { slot, signature: toHex(key.sign(ackDigest({ ...facts, chainId, dealId, generation }))) };
}

/** Asked again for what it verified before, the provider signs again: the first answer may have been lost. */
async function alreadyHeld(store: ObjectStore, facts: Facts, dealId: bigint, generation: bigint): Promise<boolean> {
  const root = toHex(facts.manifestRoot).slice(2);
  for (const place of [{ area: "acked", dealId, generation, root }, { area: "deals", dealId, generation }] as const) {
    const held = await readFacts(store, place);
    if (held !== undefined && sameFacts(held, facts)) return true;
  }
  return false;
}

async function verifyStaged({ store, slabs, kzg }: AckContext, staging: Place, facts: Facts): Promise<void> {
  const { witnessMdus, totalMdus, slot, profile } = facts;
  const shards = Array.from({ length: totalMdus - 1 - witnessMdus }, (_, u) => artifactName({ kind: "shard", mduIndex: 1 + witnessMdus + u, slot }));
  const metadata = Array.from({ length: 1 + witnessMdus }, (_, mduIndex) => artifactName({ kind: "mdu", mduIndex }));
  const staged = await store.list(staging);
  const missing = [artifactName({ kind: "manifest" }), ...metadata, ...shards].filter((name) => !staged.has(name));
  if (missing.length > 0) throw new HttpError("incomplete", `not uploaded yet: ${missing.slice(0, 8).join(", ")}${missing.length > 8 ? ", …" : ""}`);

  const slab = await parseStaged(store, staging, facts, kzg);
  if (slab.sizeBytes !== facts.sizeBytes) throw new HttpError("metadata_mismatch", `the files end at byte ${slab.sizeBytes}, not ${facts.sizeBytes}`);
  const { prover } = await kzg();
  for (const [userMdu, name] of shards.entries()) {
    const bytes = await store.read(staging, name, 0, rowsOf(profile));
    if (!(await verifyShard(prover, slab, userMdu, slot, bytes))) {
      await store.removeObject(staging, name);
      throw new HttpError("shard_mismatch", `${name} is not the shard that the witness commits to; send it again`);
    }
  }
  slabs.remember(staging, slab);
  // Objects that no commit covers would stay for ever.
  const expected = new Set([artifactName({ kind: "manifest" }), ...metadata, ...shards]);
  for (const name of staged.keys()) if (!expected.has(name)) await store.removeObject(staging, name);
}

async function parseStaged(store: ObjectStore, staging: Place, facts: Facts, kzg: () => Promise<Kzg>) {
  try {
    return await readMetadata(store, staging, facts, kzg);
  } catch (error) {
    if (error instanceof NilfsError) throw new HttpError("metadata_mismatch", error.message);
    throw error;
  }
}

/** The commit that the uploader is about to make, as far as the chain would take it. */
async function readRequestFacts({ kzg }: AckContext, body: Uint8Array, volume: Volume, slot: number): Promise<Facts> {
  const json = parseBody(body);
  const root = hexField(json, "manifest_root", 48, "bad_root");
  if (root[0] === 0xc0 || !(await kzg()).verifier.isPoint(root)) throw new HttpError("bad_root", "manifest_root is not a point of the subgroup other than infinity");
  const sizeBytes = countField(json, "size_bytes");
  const totalMdus = countField(json, "total_mdus");
  const witnessMdus = Number(volume.witnessMdus);
  const userMdus = Math.ceil(sizeBytes / MDU_PAYLOAD_BYTES);
  if (sizeBytes === 0 || totalMdus !== 1 + witnessMdus + userMdus || userMdus > Number(volume.maxUserMdus)) {
    throw new HttpError("bad_facts", `${sizeBytes} bytes in ${totalMdus} MDUs: this deal has ${witnessMdus} witness MDUs and room for ${volume.maxUserMdus} user MDUs of ${MDU_PAYLOAD_BYTES} bytes`);
  }
  return { profile: profileOf(volume), slot, manifestRoot: root, mdu0Hash: hexField(json, "mdu0_hash", 32, "bad_facts"), sizeBytes, totalMdus, witnessMdus };
}

function parseBody(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through: one answer for everything that is not an object.
  }
  throw new HttpError("bad_body", "send {manifest_root, size_bytes, total_mdus, mdu0_hash} as JSON");
}

function hexField(json: Readonly<Record<string, unknown>>, name: string, length: number, code: "bad_root" | "bad_facts"): Uint8Array {
  const value = json[name];
  try {
    return fromHex(typeof value === "string" ? value : "", length, name);
  } catch (error) {
    if (error instanceof NilfsError) throw new HttpError(code, error.message);
    throw error;
  }
}

function countField(json: Readonly<Record<string, unknown>>, name: string): number {
  const value = json[name];
  if (typeof value !== "string" || !/^(0|[1-9][0-9]{0,15})$/.test(value) || !Number.isSafeInteger(Number(value))) {
    throw new HttpError("bad_facts", `${name} must be a decimal string`);
  }
  return Number(value);
}

function sameFacts(a: Facts, b: Facts): boolean {
  return (
    toHex(a.manifestRoot) === toHex(b.manifestRoot) && toHex(a.mdu0Hash) === toHex(b.mdu0Hash) && a.slot === b.slot && a.sizeBytes === b.sizeBytes && a.totalMdus === b.totalMdus
  );
}
