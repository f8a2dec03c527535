import { type FileHandle, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";

/** Replaces a file so that after a crash there is the old content or the new, never half: temp, fsync, rename, fsync. */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temp = await writeTemp(path, content, mode);
  try {
    await rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The same for a file that must not exist yet: of two writers one wins, the other gets EEXIST. */
export async function createFileExclusive(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temp = await writeTemp(path, content, mode);
  try {
    await link(temp, path);
  } finally {
    await rm(temp, { force: true });
  }
  await syncDirectory(dirname(path));
}

async function writeTemp(path: string, content: string | Uint8Array, mode: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temp = join(dirname(path), `.${randomBytes(8).toString("hex")}.tmp`);
  let file: FileHandle | undefined;
  try {
    file = await open(temp, "wx", mode);
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  } finally {
    await file?.close();
  }
  return temp;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
