import { createHash } from "node:crypto";
import { MultiStore } from "../index.js";
import { WatchedDatabase, ascii, commit, hex, text, withCode } from "./fixtures.js";

const NAMES = ["bank", "deal"];
const sha256 = (...parts: (Uint8Array | string)[]): Buffer =>
  parts.reduce<ReturnType<typeof createHash>>((hash, part) => hash.update(part), createHash("sha256")).digest();

describe("roots worked out by hand", () => {
  test("nothing committed: SHA-256 of nothing", () => {
    const multi = MultiStore.open(new WatchedDatabase(), NAMES);
    expect(hex(multi.appHash)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(multi.version).toBe(0n);
    expect(multi.versions()).toBeUndefined();
  });

  test("one leaf in one store", async () => {
    const multi = MultiStore.open(new WatchedDatabase(), ["bank"]);
    await commit(multi, "bank", { k: "v" });
    // zigzag varints 0, 1, 1; length-prefixed key and value hash.
    const leaf = sha256(Uint8Array.of(0, 2, 2, 1), "k", Uint8Array.of(32), sha256("v"));
    expect(hex(multi.storeRoots(1n).get("bank")!)).toBe(hex(leaf));
    expect(hex(multi.appHash)).toBe(hex(sha256(Uint8Array.of(0, 4), "bank", Uint8Array.of(32), sha256(leaf))));
  });

  test("two leaves of two versions, and two stores of which one is empty", async () => {
    const multi = MultiStore.open(new WatchedDatabase(), ["deal", "bank"]);
    await commit(multi, "bank", { a: "1" });
    await commit(multi, "bank", { b: "2" });
    const a = sha256(Uint8Array.of(0, 2, 2, 1), "a", Uint8Array.of(32), sha256("1"));
    const b = sha256(Uint8Array.of(0, 2, 4, 1), "b", Uint8Array.of(32), sha256("2"));
    const root = sha256(Uint8Array.of(2, 4, 4, 32), a, Uint8Array.of(32), b);
    expect(hex(multi.storeRoots(2n).get("bank")!)).toBe(hex(root));
    const leaf = (name: string, value: Uint8Array): Buffer => sha256(Uint8Array.of(0, name.length), name, Uint8Array.of(32), sha256(value));
    expect(hex(multi.appHash)).toBe(hex(sha256(Uint8Array.of(1), leaf("bank", root), leaf("deal", sha256("")))));
  });
});

describe("writing", () => {
  test("nothing reaches the database before commit, and commit is one synced batch", async () => {
    const db = new WatchedDatabase();
    const multi = MultiStore.open(db, NAMES);
    const branch = multi.branch();
    for (const name of NAMES) for (let i = 0; i < 200; i++) branch.store(name).set(ascii(`k${i}`), ascii("v"));
    branch.merge();
    multi.workingHash();
    expect(db.batches).toHaveLength(0);
    await multi.commit([{ type: "put", key: ascii("results/1"), value: ascii("r") }]);
    expect(db.batches).toHaveLength(1);
    expect(db.batches[0]!.sync).toBe(true);
    expect(text(db.get(ascii("results/1")))).toBe("r");
  });

  test("a version without changes commits and keeps every store root", async () => {
    const multi = MultiStore.open(new WatchedDatabase(), NAMES);
    await commit(multi, "bank", { k: "v" });
    const before = multi.appHash;
    expect(await commit(multi, "bank", {})).toBe(2n);
    expect(multi.appHash).toEqual(before);
    expect(text(multi.at(2n).reader("bank").get(ascii("k")))).toBe("v");
  });

  test("the app hash depends on the net changes, not on the order of writes or on branches", async () => {
    const one = MultiStore.open(new WatchedDatabase(), NAMES);
    const other = MultiStore.open(new WatchedDatabase(), NAMES);
    const keys = Array.from({ length: 50 }, (_, i) => `k${(i * 29) % 50}`);
    const straight = one.branch();
    for (const key of keys) straight.store("bank").set(ascii(key), ascii(key));
    straight.merge();
    for (const key of [...keys].reverse()) {
      const branch = other.branch();
      branch.store("bank").set(ascii(key), ascii("soon replaced"));
      branch.store("bank").set(ascii("passing"), ascii("x"));
      branch.merge();
      other.workingHash();
      const second = other.branch();
      second.store("bank").set(ascii(key), ascii(key));
      second.store("bank").delete(ascii("passing"));
      second.merge();
    }
    expect((await one.commit()).appHash).toEqual((await other.commit()).appHash);
  });

  test("discarded work leaves no trace", async () => {
    const multi = MultiStore.open(new WatchedDatabase(), NAMES);
    await commit(multi, "bank", { k: "v" });
    const before = multi.appHash;
    const branch = multi.branch();
    branch.store("bank").set(ascii("k"), ascii("other"));
    branch.merge();
    expect(multi.workingHash()).not.toEqual(before);
    multi.discardWorking();
    expect(multi.workingHash()).toEqual(before);
    expect(text(multi.branch().reader("bank").get(ascii("k")))).toBe("v");
  });

  test("keys of the multistore's own are refused among the extra ones", async () => {
    const db = new WatchedDatabase();
    const multi = MultiStore.open(db, NAMES);
    await expect(multi.commit([{ type: "put", key: Uint8Array.of(0, 99), value: ascii("x") }])).rejects.toThrow(withCode("reserved_key"));
    expect(db.batches).toHaveLength(0);
    expect(await commit(multi, "bank", { k: "v" })).toBe(1n);
  });
});

describe("a commit that fails", () => {
  test.each(["before writing", "after writing"] as const)("%s: the object refuses further work, a new one finds a whole height", async (when) => {
    const db = new WatchedDatabase();
    const multi = MultiStore.open(db, NAMES);
    await commit(multi, "bank", { k: "one" });
    const hashAtOne = hex(multi.appHash);
    const reader = multi.branch();
    db.failNext = when;
    await expect(commit(multi, "bank", { k: "two" })).rejects.toThrow(/disk full|EIO/);
    const refused: (() => unknown)[] = [
      () => multi.workingHash(),
      () => multi.discardWorking(),
      () => multi.at(1n),
      () => multi.prove(1n, "bank", ascii("k")),
      () => reader.reader("deal").get(ascii("k")),
    ];
    for (const use of refused) expect(use).toThrow(expect.objectContaining({ code: "broken", fatal: true }));
    await expect(multi.commit()).rejects.toThrow(withCode("broken"));

    const again = MultiStore.open(db, NAMES);
    const landed = when === "after writing";
    expect(again.version).toBe(landed ? 2n : 1n);
    expect(text(again.branch().reader("bank").get(ascii("k")))).toBe(landed ? "two" : "one");
    expect(hex(again.appHash) === hashAtOne).toBe(!landed);
    expect(again.verify().versions).toBe(landed ? 2 : 1);
  });

  test("while it runs, changes are refused and reads are not", async () => {
    const db = new WatchedDatabase();
    const multi = MultiStore.open(db, NAMES);
    await commit(multi, "bank", { k: "one" });
    let open = (): void => undefined;
    db.gate = new Promise((resolve) => (open = resolve));
    const running = commit(multi, "bank", { k: "two" });
    const branch = multi.branch();
    branch.store("bank").set(ascii("k"), ascii("three"));
    for (const use of [() => branch.merge(), () => multi.workingHash(), () => multi.discardWorking()]) {
      expect(use).toThrow(withCode("busy"));
    }
    await expect(multi.commit()).rejects.toThrow(withCode("busy"));
    expect(text(multi.at(1n).reader("bank").get(ascii("k")))).toBe("one");
    open();
    expect(await running).toBe(2n);
    expect(text(multi.at(2n).reader("bank").get(ascii("k")))).toBe("two");
    branch.merge();
    expect(text(multi.branch().reader("bank").get(ascii("k")))).toBe("three");
  });
});

describe("opening", () => {
  test("finds the version, hash and contents that were committed", async () => {
    const db = new WatchedDatabase();
    const multi = MultiStore.open(db, NAMES);
    for (let i = 1; i <= 130; i++) await commit(multi, "bank", { [`k${i % 17}`]: `v${i}` });
    const again = MultiStore.open(db, NAMES);
    expect(again.version).toBe(130n);
    expect(again.appHash).toEqual(multi.appHash);
    expect(again.workingHash()).toEqual(multi.appHash);
    expect(await commit(again, "deal", { x: "y" })).toBe(131n);
    expect(text(again.branch().reader("bank").get(ascii("k11")))).toBe("v130");
  });

  test("a store that is mounted later starts empty and enters the app hash", async () => {
    const db = new WatchedDatabase();
    const before = MultiStore.open(db, ["bank"]);
    await commit(before, "bank", { k: "v" });
    const after = MultiStore.open(db, ["bank", "vault"]);
    expect(after.appHash).toEqual(before.appHash);
    expect(after.branch().reader("vault").get(ascii("k"))).toBeUndefined();
    expect(() => after.prove(1n, "vault", ascii("k"))).toThrow(withCode("unknown_store"));
    await commit(after, "vault", { k: "w" });
    expect([...after.storeRoots(2n).keys()]).toEqual(["bank", "vault"]);
    expect([...after.storeRoots(1n).keys()]).toEqual(["bank"]);
    expect(after.appHash).not.toEqual(before.appHash);
  });

  test("a store in the database that the application does not mount is refused", async () => {
    const db = new WatchedDatabase();
    await commit(MultiStore.open(db, NAMES), "deal", { k: "v" });
    expect(() => MultiStore.open(db, ["bank"])).toThrow(withCode("unknown_store"));
  });

  test.each([[["Bank"]], [["a/b"]], [[""]], [["x".repeat(65)]], [["é"]], [["bank", "bank"]]])("names %j are refused", (names) => {
    expect(() => MultiStore.open(new WatchedDatabase(), names)).toThrow(withCode("bad_name"));
  });
});

describe("older versions", () => {
  test("read as they were, through later changes, deletions and commits", async () => {
    const multi = MultiStore.open(new WatchedDatabase(), NAMES, { cacheNodes: 8 });
    for (let i = 1; i <= 40; i++) await commit(multi, "bank", { [`k${i % 7}`]: i % 5 === 0 ? null : `v${i}`, counter: `${i}` });
    const held = multi.at(40n).reader("bank");
    for (let i = 41; i <= 60; i++) await commit(multi, "bank", { counter: `${i}`, [`k${i % 7}`]: null });
    for (let i = 1; i <= 60; i++) expect(text(multi.at(BigInt(i)).reader("bank").get(ascii("counter")))).toBe(`${i}`);
    expect(text(held.get(ascii("counter")))).toBe("40");
    expect([...held.scan()].length).toBeGreaterThan(1);
  });

  test.each([0n, 3n, -1n, 1n << 63n])("version %s is unknown", async (version) => {
    const multi = MultiStore.open(new WatchedDatabase(), NAMES);
    await commit(multi, "bank", { k: "1" });
    await commit(multi, "bank", { k: "2" });
    for (const use of [() => multi.at(version), () => multi.storeRoots(version), () => multi.prove(version, "bank", ascii("k"))]) {
      expect(use).toThrow(withCode("unknown_version"));
    }
    if (version !== 2n) expect(() => multi.fork(version)).toThrow(withCode("unknown_version"));
  });

  test("a fork takes writes, keeps them to itself and stays at its version", async () => {
    const multi = MultiStore.open(new WatchedDatabase(), NAMES);
    const empty = multi.fork();
    await commit(multi, "bank", { k: "1" });
    const fork = multi.fork();
    fork.store("bank").set(ascii("mine"), ascii("x"));
    await commit(multi, "bank", { k: "2" });
    expect(text(fork.reader("bank").get(ascii("k")))).toBe("1");
    expect(text(fork.reader("bank").get(ascii("mine")))).toBe("x");
    expect(multi.branch().reader("bank").get(ascii("mine"))).toBeUndefined();
    expect(empty.reader("bank").get(ascii("k"))).toBeUndefined();
  });
});
