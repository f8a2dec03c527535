import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MultiStore } from "nild/sdk";
import { openLevel } from "../index.js";

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

test("the multistore on a real directory: after closing and reopening, the same hash, contents and next hash", async () => {
  const home = await mkdtemp(join(tmpdir(), "multistore-"));
  try {
    const twin: Uint8Array[] = [];
    let db = await openLevel(home, { create: true });
    let multi = MultiStore.open(db, ["bank", "deal"], { cacheNodes: 100 });
    for (let height = 1; height <= 12; height++) {
      const branch = multi.branch();
      for (let i = 0; i < 300; i++) branch.store("bank").set(bytes(`k${(i * height * 31) % 1009}`), bytes(`${height}/${i}`));
      branch.store("bank").delete(bytes(`k${height}`));
      branch.store("deal").set(bytes(`height`), bytes(`${height}`));
      branch.merge();
      const working = multi.workingHash();
      twin.push((await multi.commit()).appHash);
      expect(twin.at(-1)).toEqual(working);
      if (height % 4 === 0) {
        await db.close();
        db = await openLevel(home);
        multi = MultiStore.open(db, ["bank", "deal"], { cacheNodes: 100 });
        expect(multi.version).toBe(BigInt(height));
        expect(multi.appHash).toEqual(twin.at(-1));
      }
    }
    expect(Buffer.from(multi.at(7n).reader("deal").get(bytes("height"))!).toString()).toBe("7");
    const whole = [...multi.at(12n).reader("bank").scan()].map(([key]) => Buffer.from(key).toString());
    expect(whole).toEqual([...whole].sort());
    expect([...multi.at(12n).reader("bank").scan({ reverse: true })].map(([key]) => Buffer.from(key).toString())).toEqual(whole.reverse());
    expect(multi.verify().versions).toBe(12);
    await db.close();
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
