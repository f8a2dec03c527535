import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ARTIFACT_SPEC, parseArtifactName } from "../artifacts.js";
import { toHex } from "../bytes.js";
import { MDU_PAYLOAD_BYTES, formatProfile, type Profile } from "../profile.js";
import { encodePayload, layOutFiles, type SlabOptions } from "../slab.js";
import type { EncodeProgress, KzgProver, SlabMetadata } from "../types.js";
import { fileSize, onDisk, readRange, writeFolder } from "./disk.js";

export interface OfflineEncodeOptions {
  readonly profile: Profile;
  /** The name in the slab; default: the file's own. */
  readonly path?: string;
  /** Unix seconds; default 0. */
  readonly timestamp?: bigint;
  readonly maxUserMdus?: number;
  readonly onProgress?: (progress: EncodeProgress) => void;
}

/** What `inspect` prints. Bytes are 0x-hex. */
export interface InspectReport {
  readonly profile: string;
  readonly path: string;
  readonly bytes: number;
  readonly user_mdus: number;
  readonly witness_mdus: number;
  readonly total_mdus: number;
  readonly leaf_count: number;
  readonly manifest_root: string;
  readonly mdu0_root: string;
  readonly witness_roots: string[];
  readonly user_roots: string[];
  /** slot_sha256[user MDU][slot] */
  readonly slot_sha256: string[][];
}

/** slab.json: the commit that the artifacts beside it are checked against. */
export interface SlabJson extends Omit<InspectReport, "slot_sha256"> {
  readonly spec: typeof ARTIFACT_SPEC;
  readonly mdu0_hash: string;
}

/** Encodes a file without writing anything. @throws NilfsError `io`, and as `encodeSlab`. */
export async function inspect(prover: KzgProver, file: string, options: OfflineEncodeOptions): Promise<InspectReport> {
  const hashes = new Map<number, string[]>();
  const { metadata, name } = await encodeFile(prover, file, options, (artifact, bytes) => {
    const parsed = parseArtifactName(artifact);
    if (parsed.kind !== "shard") return;
    const ofMdu = hashes.get(parsed.mduIndex) ?? [];
    hashes.set(parsed.mduIndex, ofMdu);
    ofMdu[parsed.slot] = `0x${createHash("sha256").update(bytes).digest("hex")}`;
  });
  return { ...report(metadata, name), slot_sha256: [...hashes.values()] };
}

/**
 * Writes every artifact and slab.json into a new folder, which appears only when it is whole.
 * @throws NilfsError `io` (also when the folder is not empty), and as `encodeSlab`.
 */
export function encode(prover: KzgProver, file: string, outDir: string, options: OfflineEncodeOptions): Promise<SlabJson> {
  return writeFolder(outDir, async (staging) => {
    const write = (name: string, bytes: Uint8Array): Promise<void> => onDisk(join(outDir, name), () => writeFile(join(staging, name), bytes));
    const { metadata, name } = await encodeFile(prover, file, options, write);
    const slab: SlabJson = { spec: ARTIFACT_SPEC, ...report(metadata, name), mdu0_hash: toHex(metadata.mdu0Hash) };
    await write("slab.json", new TextEncoder().encode(`${JSON.stringify(slab, null, 2)}\n`));
    return slab;
  });
}

async function encodeFile(prover: KzgProver, file: string, options: OfflineEncodeOptions, sink: NonNullable<SlabOptions["sink"]>): Promise<{ metadata: SlabMetadata; name: string }> {
  const name = options.path ?? basename(file);
  const length = await fileSize(file);
  const { records, sizeBytes } = layOutFiles([{ path: name, length, ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }) }]);
  const readMdu = (userMdu: number): Promise<Uint8Array> => {
    const start = userMdu * MDU_PAYLOAD_BYTES;
    return readRange(file, start, Math.min(MDU_PAYLOAD_BYTES, length - start));
  };
  const { path: _name, timestamp: _timestamp, ...rest } = options;
  return { metadata: await encodePayload({ records, sizeBytes, readMdu }, { ...rest, prover, sink }), name };
}

function report(metadata: SlabMetadata, path: string): Omit<InspectReport, "slot_sha256"> {
  return {
    profile: formatProfile(metadata.profile),
    path,
    bytes: metadata.sizeBytes,
    user_mdus: metadata.userMdus,
    witness_mdus: metadata.witnessMdus,
    total_mdus: metadata.totalMdus,
    leaf_count: metadata.leafCount,
    manifest_root: toHex(metadata.manifestRoot),
    mdu0_root: toHex(metadata.mdu0Root),
    witness_roots: metadata.witnessRoots.map(toHex),
    user_roots: metadata.userRoots.map(toHex),
  };
}
