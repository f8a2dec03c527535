import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LevelDatabase, openLevel } from "../index.js";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: Uint8Array, value: Uint8Array) => ({ type: "put", key, value }) as const;
const code = (value: string) => expect.objectContaining({ code: value });

let directory: string;
let opened: LevelDatabase[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "level-"));
});

afterEach(async () => {
  for (const db of opened) await db.close();
  opened = [];
  await rm(directory, { recursive: true, force: true });
});

async function open(options?: { create?: boolean }): Promise<LevelDatabase> {
  const db = await openLevel(join(directory, "db"), options);
  opened.push(db);
  return db;
}

describe("opening", () => {
  test("a missing database is a fault and leaves nothing behind", async () => {
    await expect(open()).rejects.toThrow(code("db.missing"));
    await expect(open()).rejects.toThrow(code("db.missing"));
    expect((await readdir(directory)).includes("db") && (await readdir(join(directory, "db"))).includes("CURRENT")).toBe(false);
  });

  test("without its CURRENT file the database is refused, and its data files stay", async () => {
    const db = await open({ create: true });
    await db.batch([put(bytes(1), bytes(2))], { sync: true });
    await db.close();
    const before = (await readdir(join(directory, "db"))).filter((name) => /\.(log|ldb)$|^MANIFEST/.test(name));
    await rm(join(directory, "db", "CURRENT"));
    await expect(open()).rejects.toThrow(code("db.missing"));
    await expect(open({ create: true })).rejects.toThrow(code("db.corrupt"));
    expect(await readdir(join(directory, "db"))).toEqual(expect.arrayContaining(before));
  });

  test("a database that is open already is refused", async () => {
    await open({ create: true });
    await expect(open()).rejects.toThrow(code("db.locked"));
  });

  test("a path that cannot be a directory is refused", async () => {
    await cp(new URL(import.meta.url).pathname, join(directory, "file"));
    await expect(openLevel(join(directory, "file"), { create: true })).rejects.toThrow(code("db.io"));
  });
});

test("what was written is there after reopening", async () => {
  const first = await open({ create: true });
  await first.batch([put(bytes(1), bytes(10)), put(bytes(2), bytes())], { sync: true });
  await first.batch([{ type: "del", key: bytes(1) }, put(bytes(3), bytes(30))], { sync: true });
  await first.close();
  const again = await open();
  expect(again.get(bytes(1))).toBeUndefined();
  expect(again.get(bytes(2))).toEqual(bytes());
  expect(again.get(bytes(3))).toEqual(bytes(30));
});

test("a batch with a refused operation writes nothing of itself", async () => {
  const db = await open({ create: true });
  const bad = { type: "put", key: undefined, value: bytes(1) } as unknown as ReturnType<typeof put>;
  await expect(db.batch([put(bytes(1), bytes(1)), bad], { sync: true })).rejects.toThrow();
  expect(db.get(bytes(1))).toBeUndefined();
});

test.each([
  ["all", {}, [1, 2, 3, 255]],
  ["from a start", { start: bytes(2) }, [2, 3, 255]],
  ["to an end, exclusive", { end: bytes(3) }, [1, 2]],
  ["between", { start: bytes(1, 0), end: bytes(255) }, [2, 3]],
  ["reversed, limited", { reverse: true, limit: 2 }, [255, 3]],
  ["reversed between", { start: bytes(2), end: bytes(255), reverse: true }, [3, 2]],
  ["nothing", { start: bytes(3), end: bytes(3) }, []],
  ["limit 0", { limit: 0 }, []],
])("scan: %s", async (_name, range, keys) => {
  const db = await open({ create: true });
  await db.batch([255, 2, 3, 1].map((key) => put(bytes(key), bytes(key))), { sync: false });
  const seen: number[] = [];
  for await (const [key, value] of db.scan(range)) {
    expect(value).toEqual(key);
    seen.push(key[0]!);
  }
  expect(seen).toEqual(keys);
});

test("values are plain bytes: slicing one copies", async () => {
  const db = await open({ create: true });
  await db.batch([put(bytes(1), bytes(7, 8))], { sync: false });
  const value = db.get(bytes(1))!;
  value.slice()[0] = 0;
  expect(value).toEqual(bytes(7, 8));
  expect(db.get(bytes(1))).toEqual(bytes(7, 8));
});

test("a closed database refuses reads and writes as fatal", async () => {
  const db = await open({ create: true });
  await db.close();
  expect(() => db.get(bytes(1))).toThrow(expect.objectContaining({ code: "db.closed", fatal: true }));
  await expect(db.batch([put(bytes(1), bytes(1))], { sync: true })).rejects.toThrow(code("db.closed"));
});
