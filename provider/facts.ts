import path from "node:path";
import { fromHex, NilfsError, toHex, type Profile, type SlabCommit } from "nild/nilfs";
import { readJson, writeJsonDurably } from "./files.js";
import type { ObjectStore, Place } from "./store.js";

/** What this provider holds in a place: the commit it signed for or rebuilt, and its slot. */
export interface Facts extends SlabCommit {
  readonly sizeBytes: number;
  readonly slot: number;
}

const FILE = "facts.json";

export async function writeFacts(store: ObjectStore, place: Place, facts: Facts): Promise<void> {
  await writeJsonDurably(path.join(store.directory(place), FILE), {
    k: facts.profile.k,
    m: facts.profile.m,
    slot: facts.slot,
    manifest_root: toHex(facts.manifestRoot),
    mdu0_hash: toHex(facts.mdu0Hash),
    total_mdus: facts.totalMdus,
    witness_mdus: facts.witnessMdus,
    size_bytes: facts.sizeBytes,
  });
}

/** Undefined when the place holds no (readable) facts: then it is as if nothing were there. */
export async function readFacts(store: ObjectStore, place: Place): Promise<Facts | undefined> {
  const json = await readJson(path.join(store.directory(place), FILE));
  if (json === undefined) return undefined;
  try {
    const profile: Profile = { k: count(json.k), m: count(json.m) };
    return {
      profile,
      slot: count(json.slot),
      manifestRoot: fromHex(String(json.manifest_root), 48, "manifest_root"),
      mdu0Hash: fromHex(String(json.mdu0_hash), 32, "mdu0_hash"),
      totalMdus: count(json.total_mdus),
      witnessMdus: count(json.witness_mdus),
      sizeBytes: count(json.size_bytes),
    };
  } catch (error) {
    if (error instanceof NilfsError) return undefined;
    throw error;
  }
}

function count(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new NilfsError("bad_integer", "facts.json holds a wrong number");
}
