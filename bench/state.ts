import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLevel } from "nild/node";
import { type DatabaseOp, MultiStore } from "nild/sdk";
import type { Row } from "./row.js";

/* State commits: what a block of key updates costs, against LevelDB alone writing the same updates in one synced batch. */

const KEY_BYTES = 36;
const VALUE_BYTES = 100;
const LOAD_BATCH = 100_000;
const ROUNDS = 5;

export async function run(sizes: readonly number[] = [100_000, 1_000_000]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await atSize(size)));
  return rows;
}

async function atSize(size: number): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), "bench-state-"));
  const stateDb = await openLevel(join(directory, "state"), { create: true });
  const plainDb = await openLevel(join(directory, "plain"), { create: true });
  try {
    const multi = MultiStore.open(stateDb, ["bank"], { cacheNodes: 4 * size });
    for (let from = 0; from < size; from += LOAD_BATCH) {
      const updates = Array.from({ length: Math.min(LOAD_BATCH, size - from) }, (_, i) => update(from + i, 0));
      await commit(multi, updates);
      await plainDb.batch(updates, { sync: true });
    }
    const rows: Row[] = [];
    for (const count of [1_000, 10_000]) {
      const ours: number[] = [];
      const peer: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        const updates = picked(size, count, round);
        ours.push(await milliseconds(() => commit(multi, updates)));
        peer.push(await milliseconds(() => plainDb.batch(updates, { sync: true })));
      }
      const name = `commit ${count} updates at ${size} keys`;
      const [mine, theirs] = [median(ours), median(peer)];
      rows.push({ name, ours: round(mine), unit: "ms", peer: round(theirs), ratio: round(mine / theirs), note: "peer: LevelDB alone, one synced batch; our nodes all in memory" });
      rows.push({ name: `${name}, rate`, ours: Math.round(count / mine * 1000), unit: "updates/s", peer: Math.round(count / theirs * 1000), ratio: round(theirs / mine) });
    }
    return rows;
  } finally {
    await stateDb.close();
    await plainDb.close();
    await rm(directory, { recursive: true, force: true });
  }
}

type Put = Extract<DatabaseOp, { type: "put" }>;

async function commit(multi: MultiStore, updates: readonly Put[]): Promise<void> {
  const branch = multi.branch();
  const store = branch.store("bank");
  for (const { key, value } of updates) store.set(key, value);
  branch.merge();
  await multi.commit();
}

/** `count` keys spread over all, another set each round; 1 in 20 is new. */
function picked(size: number, count: number, round: number): Put[] {
  return Array.from({ length: count }, (_, i) => {
    const fresh = i % 20 === 0;
    return update(fresh ? size * (round + 1) * 16 + count + i : (i * 7_368_787 + round * 104_729) % size, round);
  });
}

/** Key bytes look random, so that updates spread over the tree as account addresses do. */
function update(index: number, round: number): Put {
  const key = new Uint8Array(KEY_BYTES);
  const value = new Uint8Array(VALUE_BYTES);
  fill(key.subarray(2), index + 1);
  fill(value, index * 31 + round + 7);
  key[0] = 2;
  key[1] = 20;
  return { type: "put", key, value };
}

function fill(bytes: Uint8Array, seed: number): void {
  let state = seed >>> 0;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    state ^= state >>> 13;
    bytes[i] = state >>> 11;
  }
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1]!;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
