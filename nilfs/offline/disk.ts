import { mkdir, open, readFile, rename, rm, readdir, stat } from "node:fs/promises";
import { NilfsError } from "../errors.js";

/** Disk access with errors that name the file. Node's codes stay in the message: ENOENT, EACCES, ENOSPC, … */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NilfsError) throw error;
    throw new NilfsError("io", `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function fileSize(path: string): Promise<number> {
  return onDisk(path, async () => {
    const info = await stat(path);
    if (!info.isFile()) throw new NilfsError("io", `${path}: not a regular file`);
    return info.size;
  });
}

/** The whole file, refused beforehand when it is not `size` bytes (or larger than that, with `atMost`). */
export async function readSized(path: string, size: number, atMost = false): Promise<Uint8Array> {
  const actual = await fileSize(path);
  if (atMost ? actual > size : actual !== size) throw new NilfsError("bad_length", `${path}: ${actual} bytes, expected ${atMost ? "at most " : ""}${size}`);
  return onDisk(path, () => readFile(path));
}

/** As `readSized`, or undefined when the file is missing or has another size. */
export async function readIfSized(path: string, size: number): Promise<Uint8Array | undefined> {
  try {
    return await readSized(path, size);
  } catch (error) {
    if (error instanceof NilfsError && (error.code === "io" || error.code === "bad_length")) return undefined;
    throw error;
  }
}

export function readRange(path: string, start: number, length: number): Promise<Uint8Array> {
  return onDisk(path, async () => {
    const file = await open(path, "r");
    try {
      const buffer = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const { bytesRead } = await file.read(buffer, at, length - at, start + at);
        if (bytesRead === 0) throw new NilfsError("io", `${path}: ends at byte ${start + at}, expected ${start + length}: did it change meanwhile?`);
        at += bytesRead;
      }
      return buffer;
    } finally {
      await file.close();
    }
  });
}

/** Fills a new folder through a staging folder beside it, so that a folder with the final name is always whole. */
export async function writeFolder<T>(folder: string, fill: (staging: string) => Promise<T>): Promise<T> {
  await onDisk(folder, async () => {
    const existing = await readdir(folder).catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? [] : Promise.reject(error)));
    if (existing.length > 0) throw new NilfsError("io", `${folder}: exists and is not empty; choose another folder or remove it`);
  });
  return staged(folder, async (staging) => {
    await onDisk(staging, () => mkdir(staging, { recursive: true }));
    return fill(staging);
  });
}

/** Writes a new file through a staging file beside it. */
export function writeStaged<T>(path: string, fill: (staging: string) => Promise<T>): Promise<T> {
  return staged(path, fill);
}

async function staged<T>(path: string, fill: (staging: string) => Promise<T>): Promise<T> {
  const staging = `${path}.partial`;
  try {
    await onDisk(staging, () => rm(staging, { recursive: true, force: true }));
    const result = await fill(staging);
    await onDisk(path, () => rename(staging, path));
    return result;
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}
