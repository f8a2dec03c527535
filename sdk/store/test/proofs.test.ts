import { ics23, iavlSpec, tendermintSpec, verifyMembership, verifyNonMembership } from "@confio/ics23";
import { MemoryDatabase, MultiStore, type Proof } from "../index.js";

/* Checked with the stock verifier that light clients of other chains run. */
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

async function chain(stores: Record<string, readonly string[]>): Promise<MultiStore> {
  const multi = MultiStore.open(new MemoryDatabase(), Object.keys(stores));
  const most = Math.max(1, ...Object.values(stores).map((keys) => keys.length));
  // Several versions, so that node versions differ and the trees rotate.
  for (let from = 0; from < most; from += 7) {
    const branch = multi.branch();
    for (const [name, keys] of Object.entries(stores)) {
      for (const key of keys.slice(from, from + 7)) branch.store(name).set(ascii(key), ascii(`value of ${key}`));
    }
    branch.merge();
    await multi.commit();
  }
  return multi;
}

/** Both layers against the app hash, as an IBC client does it. */
function verifies(multi: MultiStore, store: string, key: Uint8Array, proof: Proof, claim: "present" | "absent"): boolean {
  const [iavl, simple] = proof.ops;
  const storeRoot = multi.storeRoots(multi.version).get(store)!;
  return (
    verifyKey(iavl.data, storeRoot, key, claim === "present" ? proof.value : undefined) &&
    verifyMembership(ics23.CommitmentProof.decode(simple.data), tendermintSpec, multi.appHash, simple.key, storeRoot)
  );
}

/** The verifier throws on some malformed proofs and returns false on others; both are a refusal. */
function verifyKey(data: Uint8Array, root: Uint8Array, key: Uint8Array, value: Uint8Array | undefined): boolean {
  try {
    const proof = ics23.CommitmentProof.decode(data);
    return value === undefined ? verifyNonMembership(proof, iavlSpec, root, key) : verifyMembership(proof, iavlSpec, root, key, value);
  } catch {
    return false;
  }
}

const KEYS = Array.from({ length: 100 }, (_, i) => `key/${String((i * 37) % 100).padStart(3, "0")}`);

describe.each([
  ["one store", { bank: KEYS }],
  ["two stores", { bank: KEYS, deal: ["a"] }],
  ["five stores", { auth: ["x"], bank: KEYS, deal: ["a"], escrow: [], zeta: ["z"] }],
])("%s", (_name, stores) => {
  test("every present key is proved against the app hash", async () => {
    const multi = await chain(stores);
    for (const [name, keys] of Object.entries(stores)) {
      for (const key of keys) {
        const proof = multi.prove(multi.version, name, ascii(key));
        expect(proof.value).toEqual(ascii(`value of ${key}`));
        expect(verifies(multi, name, ascii(key), proof, "present")).toBe(true);
      }
    }
  });

  test.each(["a", "key/", "key/000\0", "key/0505", "key/09", "key/099\xff", "key/099\0", "zzz"])("absence of %j is proved", async (key) => {
    const multi = await chain(stores);
    const proof = multi.prove(multi.version, "bank", Buffer.from(key, "latin1"));
    expect(proof.value).toBeUndefined();
    expect(verifies(multi, "bank", Buffer.from(key, "latin1"), proof, "absent")).toBe(true);
  });
});

test.each([1, 2, 3, 4, 5, 8, 13])("a tree of %i leaves proves each leaf and each gap", async (count) => {
  const keys = Array.from({ length: count }, (_, i) => `k${String.fromCharCode(98 + 2 * i)}`);
  const multi = await chain({ one: keys });
  for (const key of keys) expect(verifies(multi, "one", ascii(key), multi.prove(multi.version, "one", ascii(key)), "present")).toBe(true);
  for (let gap = 0; gap <= count; gap++) {
    const key = ascii(`k${String.fromCharCode(97 + 2 * gap)}`);
    expect(verifies(multi, "one", key, multi.prove(multi.version, "one", key), "absent")).toBe(true);
  }
});

test("proofs of an older version verify against its app hash, not against the newest", async () => {
  const multi = await chain({ bank: KEYS });
  const root = multi.storeRoots(3n).get("bank")!;
  const proof = multi.prove(3n, "bank", ascii(KEYS[0]!));
  expect(verifyKey(proof.ops[0].data, root, ascii(KEYS[0]!), proof.value)).toBe(true);
  expect(verifyKey(proof.ops[0].data, multi.storeRoots(multi.version).get("bank")!, ascii(KEYS[0]!), proof.value)).toBe(false);
});

describe("a verifier refuses", () => {
  test("an existence proof with any one bit flipped", async () => {
    const multi = await chain({ bank: KEYS });
    const root = multi.storeRoots(multi.version).get("bank")!;
    const key = ascii("key/042");
    const { value, ops } = multi.prove(multi.version, "bank", key);
    let flips = 0;
    for (let bit = 0; bit < ops[0].data.length * 8; bit++) {
      const bad = ops[0].data.slice();
      bad[bit >>> 3]! ^= 1 << (bit & 7);
      if (sameMeaning(bad, ops[0].data)) continue;
      flips += 1;
      expect(verifyKey(bad, root, key, value)).toBe(false);
    }
    expect(flips).toBeGreaterThan(ops[0].data.length * 7);
  });

  test("a proof of another key, another value, or of absence for a present key", async () => {
    const multi = await chain({ bank: KEYS });
    const root = multi.storeRoots(multi.version).get("bank")!;
    const { ops, value } = multi.prove(multi.version, "bank", ascii("key/042"));
    expect(verifyKey(ops[0].data, root, ascii("key/043"), value)).toBe(false);
    expect(verifyKey(ops[0].data, root, ascii("key/042"), ascii("other"))).toBe(false);
    const absent = multi.prove(multi.version, "bank", ascii("key/0425"));
    expect(verifyKey(absent.ops[0].data, root, ascii("key/042"), undefined)).toBe(false);
  });

  test("absence shown with leaves that are not neighbours", async () => {
    const multi = await chain({ bank: KEYS });
    const root = multi.storeRoots(multi.version).get("bank")!;
    const exist = (key: string): ics23.IExistenceProof =>
      ics23.CommitmentProof.decode(multi.prove(multi.version, "bank", ascii(key)).ops[0].data).exist!;
    const forged = ics23.CommitmentProof.create({ nonexist: { key: ascii("key/042"), left: exist("key/041"), right: exist("key/043") } });
    expect(verifyKey(ics23.CommitmentProof.encode(forged).finish(), root, ascii("key/042"), undefined)).toBe(false);
  });

  test("a store root under the wrong store name", async () => {
    const multi = await chain({ bank: KEYS, deal: ["a"] });
    const { ops } = multi.prove(multi.version, "bank", ascii("key/001"));
    const proof = ics23.CommitmentProof.decode(ops[1].data);
    expect(verifyMembership(proof, tendermintSpec, multi.appHash, ascii("deal"), multi.storeRoots(multi.version).get("bank")!)).toBe(false);
    expect(verifyMembership(proof, tendermintSpec, multi.appHash, ascii("bank"), multi.storeRoots(multi.version).get("deal")!)).toBe(false);
  });
});

describe("there is no proof", () => {
  test.each([
    ["of absence from an empty store", "empty", "k", "unprovable"],
    ["in a store that is not mounted", "nowhere", "k", "unknown_store"],
    ["of an empty key", "bank", "", "empty_key"],
  ])("%s", async (_name, store, key, code) => {
    const multi = await chain({ bank: ["x"], empty: [] });
    expect(() => multi.prove(multi.version, store, ascii(key))).toThrow(expect.objectContaining({ code }));
  });

  test.each([0n, -1n, 2n, 1n << 70n])("at version %s", async (version) => {
    const multi = await chain({ bank: ["x"] });
    expect(() => multi.prove(version, "bank", ascii("x"))).toThrow(expect.objectContaining({ code: "unknown_version" }));
  });
});

/** A flip in a field's tag may turn it into an unknown field or re-spell the same message; then nothing was forged. */
function sameMeaning(bad: Uint8Array, good: Uint8Array): boolean {
  try {
    const reencode = (data: Uint8Array): string =>
      Buffer.from(ics23.CommitmentProof.encode(ics23.CommitmentProof.decode(data)).finish()).toString("hex");
    return reencode(bad) === reencode(good);
  } catch {
    return false;
  }
}
