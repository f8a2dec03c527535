import { open, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { type Kzg } from "nild/nilfs";
import { nativeKzg } from "nild/nilfs/native";
import { portableKzg } from "nild/nilfs/portable";

/** The native back end, or the portable one where its binary does not load; `onFallback` hears why. */
export async function loadKzg(onFallback: (reason: string) => void = () => undefined): Promise<Kzg> {
  try {
    return await nativeKzg();
  } catch (error) {
    onFallback(`the native KZG library does not load (${error instanceof Error ? error.message : String(error)}); using the portable one, about 20 times slower`);
    return portableKzg();
  }
}

/** Loads at the first call, once. */
export function lazyKzg(onFallback?: (reason: string) => void): () => Promise<Kzg> {
  let loading: Promise<Kzg> | undefined;
  return () => (loading ??= loadKzg(onFallback));
}

/**
 * As `lazyKzg`, for daemons that share a machine: loading blocks a process and takes a core for two seconds, so they do
 * it in turn, one a core, and go on serving while they wait.
 */
export function kzgInTurn(onFallback?: (reason: string) => void): () => Promise<Kzg> {
  let loading: Promise<Kzg> | undefined;
  return () =>
    (loading ??= inTurn(() => loadKzg(onFallback)).catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}

const TURN_POLL_MS = 100;
/** Whoever waits longer goes ahead without its turn: the lock saves time, nothing depends on it. */
const TURN_PATIENCE_MS = 60_000;

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const locks = Array.from({ length: availableParallelism() }, (_, i) => join(tmpdir(), `nild-kzg-${process.getuid?.() ?? 0}-${i}.lock`));
  const deadline = Date.now() + TURN_PATIENCE_MS;
  let held: string | undefined;
  while (held === undefined && Date.now() < deadline) {
    for (const lock of locks) {
      if (held === undefined && (await take(lock))) held = lock;
    }
    if (held === undefined) await new Promise((resolve) => setTimeout(resolve, TURN_POLL_MS));
  }
  try {
    return await work();
  } finally {
    if (held !== undefined) await rm(held, { force: true });
  }
}

/** A lock is a file that names its process; one whose process has ended is free. */
async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx", 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch {
    const owner = Number(await readFile(lock, "utf8").catch(() => ""));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
