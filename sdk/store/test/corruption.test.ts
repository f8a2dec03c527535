import { type Entry, MultiStore } from "../index.js";
import { WatchedDatabase, commit, hex, text, withCode } from "./fixtures.js";

/* LevelDB returns flipped bytes without a word, so every read is checked here. */
const NAMES = ["bank", "deal"];
/** Trying every byte takes long; the rows start at different ones. */
const STRIDE = 5;

async function written(): Promise<Entry[]> {
  const db = new WatchedDatabase();
  const multi = MultiStore.open(db, NAMES);
  await commit(multi, "bank", Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, `value ${i}`])));
  await commit(multi, "deal", { a: "1" });
  await commit(multi, "bank", { k3: null, k7: "changed", k99: "new" });
  return db.rows();
}

/** Everything that can be read at the newest version. */
function contents(db: WatchedDatabase): string[] {
  const multi = MultiStore.open(db, NAMES);
  return NAMES.flatMap((name) => [...multi.at(multi.version).reader(name).scan()].map(([key, value]) => `${name}/${text(key)}=${text(value)}`));
}

test("one flipped bit in the database is either refused or changes nothing that is read", async () => {
  const rows = await written();
  const good = contents(await WatchedDatabase.holding(rows));
  expect(good).toHaveLength(41);
  let flips = 0;
  let refused = 0;
  for (const [index, [key, value]] of rows.entries()) {
    for (let at = index % STRIDE; at < value.length; at += STRIDE) {
      const bad = value.slice();
      bad[at]! ^= 1 << (at & 7);
      const db = await WatchedDatabase.holding(rows.map((row, i) => (i === index ? [key, bad] : row)));
      flips += 1;
      // verify() reads all that was ever written, so it finds every flip.
      expect(() => MultiStore.open(db, NAMES).verify()).toThrow(withCode("corrupt"));
      if (flips % 4 !== 0) continue;
      try {
        expect(contents(db)).toEqual(good);
      } catch (error) {
        expect(error).toEqual(withCode("corrupt"));
        refused += 1;
      }
    }
  }
  expect(flips).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(200);
});

test("any one missing row is found by verify, and what is read is right or refused", async () => {
  const rows = await written();
  const good = contents(await WatchedDatabase.holding(rows));
  for (const [key] of rows) {
    const db = await WatchedDatabase.holding(rows.filter(([other]) => hex(other) !== hex(key)));
    expect(() => MultiStore.open(db, NAMES).verify()).toThrow(withCode("corrupt"));
    try {
      expect(contents(db)).toEqual(good);
    } catch (error) {
      expect(error).toEqual(withCode("corrupt"));
    }
  }
});

test("rows that changed places are refused", async () => {
  const rows = await written();
  const pages = rows.filter(([key]) => key[1] === 0x6e);
  expect(pages.length).toBeGreaterThan(3);
  for (const [one] of pages) {
    for (const [, otherValue] of pages) {
      const swapped = rows.map(([key, value]): Entry => [key, hex(key) === hex(one) ? otherValue : value]);
      const db = await WatchedDatabase.holding(swapped);
      if (hex(swapped.find(([key]) => hex(key) === hex(one))![1]) === hex(rows.find(([key]) => hex(key) === hex(one))![1])) continue;
      expect(() => MultiStore.open(db, NAMES).verify()).toThrow(withCode("corrupt"));
    }
  }
});

test("a corrupt page is fatal while reading too, not a missing value", async () => {
  const rows = await written();
  const db = await WatchedDatabase.holding(rows);
  const multi = MultiStore.open(db, NAMES, { cacheNodes: 1 });
  const page = rows.find(([key]) => key[1] === 0x6e && key[9] === 1)!;
  await db.inner.batch([{ type: "put", key: page[0], value: page[1].map((byte, i) => (i === 60 ? byte ^ 4 : byte)) }], { sync: true });
  expect(() => [...multi.branch().reader("bank").scan()]).toThrow(expect.objectContaining({ code: "corrupt", fatal: true }));
  const fork = multi.fork();
  expect(() => Array.from({ length: 40 }, (_, i) => fork.reader("bank").get(new Uint8Array(Buffer.from(`k${i}`))))).toThrow(withCode("corrupt"));
});

test("sampling with every offset meets every leaf, and so a corrupt one", async () => {
  const rows = await written();
  const intact = MultiStore.open(await WatchedDatabase.holding(rows), NAMES);
  expect([0, 1, 2].map((offset) => intact.sample(3, offset))).toEqual([14 + 1, 13, 13]);
  const page = rows.findIndex(([key]) => key[1] === 0x6e);
  const bad = rows.map(([key, value], i): Entry => [key, i === page ? value.map((byte, at) => (at === 60 ? byte ^ 4 : byte)) : value]);
  const db = await WatchedDatabase.holding(bad);
  const findings = [0, 1, 2].map((offset) => {
    try {
      return MultiStore.open(db, NAMES).sample(3, offset);
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  expect(findings).toContain("corrupt");
});

test("an intact database verifies, with every node counted once", async () => {
  const db = await WatchedDatabase.holding(await written());
  // 40 leaves make 79 nodes; then 1; then at least the new leaf, the changed one and their paths.
  const { versions, nodes } = MultiStore.open(db, NAMES).verify();
  expect(versions).toBe(3);
  expect(nodes).toBeGreaterThan(79 + 1 + 8);
  expect(nodes).toBeLessThan(79 + 1 + 30);
});
