import fc from "fast-check";
import { type Branch, type KVReader, MemoryDatabase, MultiStore, type Range } from "../index.js";
import { type RefNode, refApply, refRoot } from "./reference_iavl.js";

/*
 * Random histories over two stores, compared after every step with sorted maps and, after every commit, with the
 * textbook tree. A tiny node cache makes nodes be unloaded and read back all the time.
 */
const NAMES = ["bank", "deal"] as const;
type Name = (typeof NAMES)[number];
type Contents = Map<string, string>;
type World = Record<Name, Contents>;

type Step =
  | { do: "set"; store: Name; key: string; value: string }
  | { do: "delete"; store: Name; key: string }
  | { do: "branch" | "merge" | "drop" | "commit" | "discard" | "reopen" | "hash" }
  | { do: "scan"; store: Name; range: Range };

const store = fc.constantFrom(...NAMES);
const key = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes.map((b) => b % 7 === 0 ? 255 : b % 5)).toString("hex"));
const bound = fc.option(key.map((hex) => Uint8Array.from(Buffer.from(hex, "hex"))), { nil: undefined });
const range = fc.record({ start: bound, end: bound, reverse: fc.boolean() }).map(({ start, end, reverse }) => ({
  ...(start ? { start } : {}), ...(end ? { end } : {}), reverse,
}));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: fc.constant("set" as const), store, key, value: fc.nat(255).map((n) => n.toString(16).padStart(2, "0")) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("delete" as const), store, key }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("scan" as const), store, range }) },
  { weight: 7, arbitrary: fc.record({ do: fc.constantFrom("branch" as const, "merge" as const, "drop" as const, "commit" as const, "hash" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("discard" as const, "reopen" as const) }) },
);

function copy(world: World): World {
  return { bank: new Map(world.bank), deal: new Map(world.deal) };
}

function expected(contents: Contents, { start, end, reverse }: Range): string[] {
  const rows = [...contents]
    .filter(([k]) => (!start || Buffer.compare(Buffer.from(k, "hex"), start) >= 0) && (!end || Buffer.compare(Buffer.from(k, "hex"), end) < 0))
    .sort((a, b) => Buffer.compare(Buffer.from(a[0], "hex"), Buffer.from(b[0], "hex")))
    .map(([k, v]) => `${k}=${v}`);
  return reverse ? rows.reverse() : rows;
}

function actual(reader: KVReader, range?: Range): string[] {
  return [...reader.scan(range)].map(([k, v]) => `${hex(k)}=${hex(v)}`);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** What one layer shows, and what was written in it since it was last merged. */
interface Layer {
  world: World;
  writes: Record<Name, Map<string, string | null>>;
}

const layerOver = (world: World): Layer => ({ world: copy(world), writes: { bank: new Map(), deal: new Map() } });

class Run {
  readonly db = new MemoryDatabase();
  multi = this.#open();
  committed: World = { bank: new Map(), deal: new Map() };
  /** The working state, then one layer per open branch; the last takes the writes. */
  layers: Layer[] = [];
  branches: Branch[] = [];
  trees: Record<Name, RefNode | undefined> = { bank: undefined, deal: undefined };
  history: { world: World; appHash: string }[] = [];

  constructor() {
    this.#restart();
  }

  async apply(step: Step): Promise<void> {
    const branch = this.branches.at(-1)!;
    const layer = this.layers.at(-1)!;
    switch (step.do) {
      case "set":
        branch.store(step.store).set(bytes(step.key), bytes(step.value));
        layer.world[step.store].set(step.key, step.value);
        layer.writes[step.store].set(step.key, step.value);
        break;
      case "delete":
        branch.store(step.store).delete(bytes(step.key));
        layer.world[step.store].delete(step.key);
        layer.writes[step.store].set(step.key, null);
        break;
      case "scan":
        expect(actual(branch.reader(step.store), step.range)).toEqual(expected(layer.world[step.store], step.range));
        break;
      case "branch":
        this.branches.push(branch.branch());
        this.layers.push(layerOver(layer.world));
        break;
      case "merge":
        branch.merge();
        this.#merge(layer, this.layers.at(-2)!);
        break;
      case "drop":
        if (this.branches.length > 1) {
          this.branches.pop();
          this.layers.pop();
        }
        break;
      case "hash":
        expect(this.multi.workingHash()).toHaveLength(32);
        break;
      case "discard":
        this.multi.discardWorking();
        this.#restart();
        break;
      case "reopen":
        this.multi = this.#open();
        this.#restart();
        break;
      case "commit":
        await this.#commit();
    }
    for (const name of NAMES) expect(actual(this.branches.at(-1)!.reader(name))).toEqual(expected(this.layers.at(-1)!.world[name], {}));
  }

  /** Every version still reads as it did, from this object and from a new one. */
  checkHistory(): void {
    for (const multi of [this.multi, this.#open()]) {
      expect(hex(multi.appHash)).toBe(this.history.at(-1)?.appHash ?? hex(this.multi.appHash));
      this.history.forEach(({ world }, index) => {
        const at = multi.at(BigInt(index + 1));
        for (const name of NAMES) expect(actual(at.reader(name))).toEqual(expected(world[name], {}));
      });
    }
    expect(this.multi.verify().versions).toBe(this.history.length);
  }

  #merge(from: Layer, into: Layer): void {
    into.world = copy(from.world);
    for (const name of NAMES) {
      for (const [k, v] of from.writes[name]) into.writes[name].set(k, v);
      from.writes[name].clear();
    }
  }

  async #commit(): Promise<void> {
    const { world, writes } = this.layers[0]!;
    const hash = hex(this.multi.workingHash());
    const { version, appHash } = await this.multi.commit();
    expect(hex(appHash)).toBe(hash);
    this.committed = world;
    this.history.push({ world: copy(world), appHash: hash });
    expect(version).toBe(BigInt(this.history.length));
    const roots = this.multi.storeRoots(version);
    for (const name of NAMES) {
      const changes = [...writes[name]].map(([k, v]) => [Buffer.from(k, "hex"), v === null ? null : Buffer.from(v, "hex")] as const);
      this.trees[name] = refApply(this.trees[name], Number(version), changes);
      expect(hex(roots.get(name)!)).toBe(refRoot(this.trees[name]));
    }
    this.#restart();
  }

  #restart(): void {
    this.layers = [layerOver(this.committed), layerOver(this.committed)];
    this.branches = [this.multi.branch()];
  }

  #open(): MultiStore {
    return MultiStore.open(this.db, NAMES, { cacheNodes: 12 });
  }
}

test("random histories agree with sorted maps and with the textbook tree", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
      const run = new Run();
      for (const each of steps) await run.apply(each);
      run.checkHistory();
    }),
    { numRuns: 150 },
  );
});

test("long commits agree with the textbook tree through growth and shrinkage", async () => {
  const run = new Run();
  for (let round = 1; round <= 12; round++) {
    for (let i = 0; i < 300; i++) {
      const k = Buffer.from(`k${(i * round * 7919) % 1009}`).toString("hex");
      const remove = round > 6 ? i % 3 !== 0 : i % 5 === 0;
      run.branches[0]!.store("bank")[remove ? "delete" : "set"](bytes(k), ...((remove ? [] : [Uint8Array.of(round, i & 255)]) as [Uint8Array]));
      if (remove) run.layers[1]!.world.bank.delete(k);
      else run.layers[1]!.world.bank.set(k, hex(Uint8Array.of(round, i & 255)));
      run.layers[1]!.writes.bank.set(k, remove ? null : hex(Uint8Array.of(round, i & 255)));
    }
    await run.apply({ do: "merge" });
    await run.apply({ do: "commit" });
  }
  run.checkHistory();
});
