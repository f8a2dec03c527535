import { readFile } from "node:fs/promises";
import path from "node:path";
import { create } from "@bufbuild/protobuf";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import { SessionSchema, Status, type Session } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { addressBytes, ANY_ARTIFACT, decodeSignedBlobs, isSignedBy, put, signTicket, unpackBlobs, Wallet, BLOBS_HEADER, SPARSE_HEADER } from "nild/client";
import { leafIndexOf, sessionId, shardArtifactName } from "nild/nilfs";
import { flipByte, pattern } from "./bytes.js";
import { BEACON, Network } from "./network.js";
import { ask, type Answer } from "./raw_http.js";

/* Deal 1, RS(2+2), one user MDU of 32 rows; provider 0 holds slot 0, whose first row holds the file. */
const PROFILE = { k: 2, m: 2 };
const BLOB = 131_072;
const FILE = pattern(3_000, 1);
const SHARD = shardArtifactName(2, 0);

let network: Network;
let url: string;
let nonce = 0n;

beforeAll(async () => {
  network = await Network.start(4);
  network.deal(PROFILE);
  await put(network.client(), { deal: 1n, files: [{ path: "a.bin", bytes: FILE }] });
  url = network.daemons[0]!.status().url;
  await network.until(() => BigInt(network.daemons[0]!.status().height) > 10n);
});

afterAll(() => network.stop());

/** A session of the owner with provider 0 over rows 0..3, or with other terms. */
function openSession(terms: Partial<Omit<Session, "$typeName" | "$unknown">> = {}): string {
  nonce++;
  const volume = network.chain.volumes.get(1n)!;
  const pins = { dealId: 1n, slot: 0, startMdu: 2, startRow: 0, blobCount: 4n, provider: network.daemons[0]!.address, manifestRoot: volume.manifestRoot };
  const id = sessionId({
    ...pins,
    opener: addressBytes(network.owner.address),
    provider: addressBytes(pins.provider),
    startBlob: leafIndexOf(PROFILE, 0, 0),
    nonce,
    expiresAt: 0n,
  });
  const session = create(SessionSchema, {
    ...pins,
    ...{ id, opener: network.owner.address, generation: 1n, profile: PROFILE, status: Status.OPEN, expiresHeight: 1_000_000n, seed: BEACON },
    ...terms,
  });
  const key = Buffer.from(id).toString("hex");
  network.chain.sessions.set(key, session);
  return key;
}

function read(session: string | undefined, range?: string, name = SHARD, generation = 1n): Promise<Answer> {
  return ask(url, `/v1/deals/1/${generation}/${name}`, {
    headers: { ...(session === undefined ? {} : { "nil-session": session }), ...(range === undefined ? {} : { range }) },
  });
}

describe("paid reads", () => {
  test("rows of the run come signed blob by blob, and no other key's signature passes", async () => {
    const id = openSession();
    const answer = await read(id, `bytes=0-${2 * BLOB - 1}`);
    expect(answer.status).toBe(206);
    const { manifestRoot } = network.chain.volumes.get(1n)!;
    const terms = { chainId: network.chain.id, sessionId: Buffer.from(id, "hex"), dealId: 1n, generation: 1n, manifestRoot };
    const items = decodeSignedBlobs(answer.body, terms, 2);
    expect(items.map(({ response }) => [response.mduIndex, response.leafIndex, response.leafCount])).toEqual([[2, 0, 128], [2, 1, 128]]);
    for (const { response } of items) {
      expect(isSignedBy(response, network.daemons[0]!.responsePublicKey)).toBe(true);
      expect(isSignedBy(response, network.daemons[1]!.responsePublicKey)).toBe(false);
      expect(isSignedBy({ ...response, generation: 2n }, network.daemons[0]!.responsePublicKey)).toBe(false);
      expect(isSignedBy({ ...response, blobHash: new Uint8Array(32) }, network.daemons[0]!.responsePublicKey)).toBe(false);
    }
    // The file's first 31 bytes lie in the first cell.
    expect(Buffer.from(items[0]!.blob.subarray(1, 32))).toEqual(FILE.subarray(0, 31));
  });

  test.each<[string, () => string | undefined, number, string]>([
    ["no session", () => undefined, 401, "session_missing"],
    ["a session of other form", () => "0xabc", 400, "bad_session"],
    ["an unknown session", () => "ab".repeat(32), 401, "session_unknown"],
    ["another provider's", () => openSession({ provider: network.daemons[1]!.address }), 403, "session_other_provider"],
    ["a completed one", () => openSession({ status: Status.COMPLETED }), 409, "session_closed"],
    ["a confirmed one, replayed", () => openSession({ status: Status.CONFIRMED }), 409, "session_closed"],
    ["an expired one", () => openSession({ expiresHeight: 1n }), 409, "session_expired"],
    ["another deal's", () => openSession({ dealId: 2n }), 403, "session_range"],
    ["another generation's", () => openSession({ generation: 2n }), 403, "session_range"],
    ["another slot's", () => openSession({ slot: 1 }), 403, "session_range"],
    ["one of another MDU", () => openSession({ startMdu: 3 }), 403, "session_range"],
    ["one that begins later", () => openSession({ startRow: 1 }), 403, "session_range"],
    ["one that ends before", () => openSession({ blobCount: 1n }), 403, "session_range"],
  ])("%s: %s", async (_, make, status, error) => {
    expect(await read(make(), `bytes=0-${2 * BLOB - 1}`)).toMatchObject({ status, error });
  });

  test.each([
    "bytes=131072-131071",
    "bytes=0-131071,262144-393215",
    "bytes=0-131070",
    "bytes=1-131072",
    "bytes=0-9223372036854775807",
    `bytes=0-${33 * BLOB - 1}`,
    "bytes=-131072",
    "bytes=0-",
    "rows=0-131071",
  ])("range %s is refused", async (range) => {
    expect(await read(openSession(), range)).toMatchObject({ status: 416, error: "bad_range" });
  });

  test("a session repeats a transfer a few times, not for ever", async () => {
    const id = openSession({ blobCount: 1n });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await read(id, `bytes=0-${BLOB - 1}`)).status);
    expect(statuses).toEqual([206, 206, 206, 206, 409]);
  });

  test("a slot that this provider does not hold, and one that the deal does not have", async () => {
    expect(await read(openSession({ slot: 1 }), undefined, shardArtifactName(2, 1))).toMatchObject({ status: 403, error: "session_range" });
    expect(await read(openSession(), undefined, shardArtifactName(2, 4))).toMatchObject({ status: 403, error: "wrong_artifact" });
  });

  test("rotten bytes are neither sent nor signed", async () => {
    const file = path.join(network.homes[0]!, "data/deals/1/1", SHARD);
    await flipByte(file, 3 * BLOB + 7);
    expect(await read(openSession(), `bytes=${3 * BLOB}-${4 * BLOB - 1}`)).toMatchObject({ status: 500, error: "corrupt_object" });
    expect((await read(openSession(), `bytes=0-${3 * BLOB - 1}`)).status).toBe(206);
    await flipByte(file, 3 * BLOB + 7);
  });

  test("what was served is on disk before it is proved", async () => {
    const id = openSession();
    await read(id, `bytes=0-${4 * BLOB - 1}`);
    const journal = JSON.parse(await readFile(path.join(network.homes[0]!, "sessions.json"), "utf8")) as Record<string, { blobs: number[] }>;
    expect(journal[id]!.blobs).toEqual([0, 1, 2, 3]);
  });
});

describe("metadata", () => {
  test("is free, whole or without its zero blobs", async () => {
    const full = await ask(url, "/v1/deals/1/1/mdu_0.bin");
    expect([full.status, full.body.length]).toEqual([200, 64 * BLOB]);
    const sparse = await ask(url, "/v1/deals/1/1/mdu_0.bin", { headers: { [SPARSE_HEADER]: "1" } });
    expect(sparse.body.length).toBe(2 * BLOB);
    expect(full.body.equals(unpackBlobs(String(sparse.headers[BLOBS_HEADER]), sparse.body, 64)!)).toBe(true);
  });

  test.each([
    ["a user MDU as a whole", "/v1/deals/1/1/mdu_2.bin", 403, "wrong_artifact"],
    ["an unknown deal", "/v1/deals/9/1/mdu_0.bin", 404, "deal_not_found"],
    ["a generation that is not here", "/v1/deals/1/7/mdu_0.bin", 404, "object_missing"],
  ])("%s", async (_, asked, status, error) => {
    expect(await ask(url, asked)).toMatchObject({ status, error });
  });
});

describe("repair reads", () => {
  async function withTicket(signer: Wallet, name = SHARD, purpose: "repair" | "upload" = "repair"): Promise<Answer> {
    const expires = BigInt(Math.floor(Date.now() / 1000) + 60);
    const ticket = await signTicket(signer, network.chain.id, { purpose, dealId: 1n, generation: 1n, artifact: ANY_ARTIFACT, provider: network.daemons[0]!.address, expires });
    return ask(url, `/v1/deals/1/1/${name}`, { headers: { "nil-ticket": ticket } });
  }

  test("a slot's candidate reads its peer's shard, twice over; nobody else does", async () => {
    const candidate = await Wallet.fromPrivateKey(new Uint8Array(32).fill(77));
    expect(await withTicket(candidate)).toMatchObject({ status: 403, error: "not_candidate" });
    Object.assign(network.chain.volumes.get(1n)!.slots[3]!, { status: SlotStatus.REPAIRING, candidate: candidate.address });
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await withTicket(network.owner)).toMatchObject({ status: 403, error: "not_candidate" });
    expect(await withTicket(candidate, SHARD, "upload")).toMatchObject({ status: 403, error: "ticket_scope" });
    expect(await withTicket(candidate, shardArtifactName(2, 1))).toMatchObject({ status: 403, error: "wrong_artifact" });
    const first = await withTicket(candidate);
    expect([first.status, first.body.length]).toEqual([200, 32 * BLOB]);
    expect((await withTicket(candidate)).status).toBe(200);
    expect(await withTicket(candidate)).toMatchObject({ status: 409, error: "repair_used_up" });
  });
});
