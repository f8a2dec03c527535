import { MemoryDatabase, MultiStore, type KVReader } from "../index.js";
import { ascii, commit, text, withCode } from "./fixtures.js";

async function filled(count: number): Promise<MultiStore> {
  const multi = MultiStore.open(new MemoryDatabase(), ["bank", "deal"]);
  await commit(multi, "bank", Object.fromEntries(Array.from({ length: count }, (_, i) => [key(i), `v${i}`])));
  return multi;
}

const key = (i: number): string => `k${String(i).padStart(4, "0")}`;
const keys = (reader: KVReader): string[] => [...reader.scan()].map(([k]) => text(k)!);

describe("a scan shows the store as it was at the call", () => {
  test.each([false, true])("deleting and adding while iterating (reverse: %s)", async (reverse) => {
    const multi = await filled(400);
    const store = multi.branch().store("bank");
    for (let i = 400; i < 800; i++) store.set(ascii(key(i)), ascii("pending"));
    const seen: string[] = [];
    for (const [k] of store.scan({ reverse })) {
      seen.push(text(k)!);
      store.delete(k);
      store.set(ascii(`z${seen.length}`), ascii("late"));
      store.set(ascii(`a${seen.length}`), ascii("early"));
    }
    const expected = Array.from({ length: 800 }, (_, i) => key(i));
    expect(seen).toEqual(reverse ? expected.reverse() : expected);
    expect(keys(store).every((k) => !k.startsWith("k"))).toBe(true);
    expect(keys(store)).toHaveLength(1600);
  });

  test("through two branches, a merge and a commit", async () => {
    const multi = await filled(200);
    const outer = multi.branch();
    outer.store("bank").set(ascii("m"), ascii("outer"));
    const inner = outer.branch();
    inner.store("bank").delete(ascii(key(5)));
    const scan = inner.store("bank").scan();
    const first = text(scan.next().value![0]);
    outer.store("bank").delete(ascii(key(1)));
    inner.merge();
    outer.merge();
    await multi.commit();
    await commit(multi, "bank", { [key(2)]: null });
    const rest = [...scan].map(([k]) => text(k));
    expect([first, ...rest]).toEqual([...Array.from({ length: 200 }, (_, i) => key(i)).filter((k) => k !== key(5)), "m"]);
  });
});

describe("branches", () => {
  test("writes are seen inside, not outside, until merged; a dropped branch leaves nothing", async () => {
    const multi = await filled(3);
    const branch = multi.branch();
    const inner = branch.branch();
    inner.store("bank").set(ascii("x"), ascii("1"));
    inner.store("bank").delete(ascii(key(0)));
    expect(inner.reader("bank").has(ascii("x"))).toBe(true);
    expect(inner.reader("bank").has(ascii(key(0)))).toBe(false);
    expect(branch.reader("bank").get(ascii("x"))).toBeUndefined();
    branch.branch().store("bank").set(ascii("dropped"), ascii("1"));
    inner.merge();
    expect(keys(branch.reader("bank"))).toEqual([key(1), key(2), "x"]);
    expect(keys(multi.branch().reader("bank"))).toEqual([key(0), key(1), key(2)]);
  });

  test("merging twice applies once, and a merged branch goes on", async () => {
    const multi = await filled(1);
    const branch = multi.branch();
    branch.store("bank").set(ascii("x"), ascii("1"));
    branch.merge();
    const other = multi.branch();
    other.store("bank").set(ascii("x"), ascii("2"));
    other.merge();
    branch.merge();
    expect(text(branch.reader("bank").get(ascii("x")))).toBe("2");
    branch.store("bank").delete(ascii("x"));
    branch.merge();
    expect(multi.branch().reader("bank").has(ascii("x"))).toBe(false);
  });

  test("stores do not see each other's keys", async () => {
    const multi = await filled(2);
    const branch = multi.branch();
    branch.store("deal").set(ascii(key(0)), ascii("deal's"));
    expect(text(branch.reader("bank").get(ascii(key(0))))).toBe("v0");
    expect(keys(branch.reader("deal"))).toEqual([key(0)]);
  });
});

describe("bytes are copied at the border", () => {
  test.each([
    ["Uint8Array", (s: string) => ascii(s)],
    ["Buffer", (s: string) => Buffer.from(s)],
  ])("%s: what a caller changes afterwards changes nothing", async (_name, make) => {
    const multi = await filled(0);
    const branch = multi.branch();
    const k = make("key");
    const v = make("value");
    branch.store("bank").set(k, v);
    k.fill(0);
    v.fill(0);
    branch.merge();
    await multi.commit();
    for (const reader of [branch.reader("bank"), multi.at(1n).reader("bank"), multi.at(2n).reader("bank")]) {
      reader.get(ascii("key"))?.fill(0);
      for (const entry of reader.scan()) entry.forEach((bytes) => bytes.fill(0));
    }
    expect(text(multi.at(2n).reader("bank").get(ascii("key")))).toBe("value");
  });

  test("all byte values survive, in bytewise order", async () => {
    const multi = await filled(0);
    const branch = multi.branch();
    const all = Array.from({ length: 256 }, (_, i) => Uint8Array.of(255 - i, 0, i));
    for (const each of all) branch.store("bank").set(each, each);
    branch.merge();
    await multi.commit();
    const scanned = [...multi.at(2n).reader("bank").scan()];
    expect(scanned.map(([k]) => k[0])).toEqual(Array.from({ length: 256 }, (_, i) => i));
    for (const [k, v] of scanned) expect(v).toEqual(k);
  });

  test("a key and a value of 200,000 bytes", async () => {
    const multi = await filled(0);
    const big = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
    const branch = multi.branch();
    branch.store("bank").set(big, big);
    branch.merge();
    await multi.commit();
    expect(multi.at(2n).reader("bank").get(big)).toEqual(big);
  });
});

describe("refused", () => {
  const none = new Uint8Array(0);
  test.each([
    ["setting an empty key", "empty_key", (m: MultiStore) => m.branch().store("bank").set(none, ascii("v"))],
    ["deleting an empty key", "empty_key", (m: MultiStore) => m.branch().store("bank").delete(none)],
    ["setting an empty value", "empty_value", (m: MultiStore) => m.branch().store("bank").set(ascii("k"), none)],
    ["a store that is not mounted", "unknown_store", (m: MultiStore) => m.branch().store("nowhere").get(ascii("k"))],
    ["reading one at a version", "unknown_store", (m: MultiStore) => m.at(1n).reader("nowhere")],
    ["writing one in a fork", "unknown_store", (m: MultiStore) => m.fork().store("nowhere").set(ascii("k"), ascii("v"))],
  ])("%s", async (_name, code, use) => {
    const multi = await filled(1);
    const before = multi.workingHash();
    expect(() => use(multi)).toThrow(withCode(code));
    expect(multi.workingHash()).toEqual(before);
  });

  test("reading an empty key finds nothing", async () => {
    const multi = await filled(1);
    expect(multi.branch().reader("bank").get(none)).toBeUndefined();
    expect(multi.branch().reader("bank").has(none)).toBe(false);
  });
});
