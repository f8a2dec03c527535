import { constants } from "node:fs";
import { open, readFile, realpath, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { HttpError } from "./errors.js";

/** A file appears under its name whole and on disk, or not at all. */
export async function writeFileDurably(file: string, chunks: readonly { at: number; bytes: Uint8Array }[], length: number): Promise<void> {
  const temp = path.join(path.dirname(file), `.tmp-${randomBytes(8).toString("hex")}`);
  try {
    const handle = await open(temp, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    try {
      // What is not written stays a hole: zero blobs take no room.
      await handle.truncate(length);
      for (const { at, bytes } of chunks) await handle.write(bytes, 0, bytes.length, at);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temp, file);
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

/** Makes renames in a directory last. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function writeJsonDurably(file: string, value: object): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value, undefined, 1)}\n`);
  await writeFileDurably(file, [{ at: 0, bytes }], bytes.length);
}

/** Undefined when there is no such file or it does not hold a JSON object. */
export async function readJson(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Bytes [from, from + length) of a plain file in `directory`, never through a link. Undefined when it is not there or too short. */
export async function readJailed(directory: string, name: string, from: number, length: number): Promise<Uint8Array | undefined> {
  try {
    // The directory itself must be where its name says: a planted link would lead out of the home.
    if ((await realpath(directory)) !== directory) throw forbidden(name);
    const handle = await open(path.join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, from + filled);
        if (bytesRead === 0) return undefined;
        filled += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (codeOf(error) === "ELOOP" || codeOf(error) === "EMLINK") throw forbidden(name);
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

function forbidden(name: string): HttpError {
  return new HttpError("forbidden_link", `${name}: the store follows no links; remove it`);
}
