import { addressFromString, addressToString } from "nild/sdk";
import { SlotStatus } from "nild/gen/nil/mode2/v1/types_pb.js";
import type { MsgOpenSession } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { sessionId } from "nild/nilfs";
import { END_HEIGHT, OWNER, PROVIDERS, READER, World, point } from "./world.js";

describe("opening", () => {
  test("pins root, generation, slot, provider and range, locks the fee, and names the session by its terms", () => {
    const world = new World();
    const id = world.open();
    expect(world.session(id)).toMatchObject({ status: Status.OPEN, generation: 2n, lockedFee: "1000", openedHeight: 5n, expiresHeight: 25n, dueHeight: 26n, profile: { k: 8, m: 4 } });
    const terms = { opener: addressFromString(OWNER), provider: addressFromString(PROVIDERS[3]!), dealId: 1n, manifestRoot: point("root 1"), startMdu: 2, startBlob: 3 * 8 + 5 };
    expect(id).toEqual(sessionId({ ...terms, blobCount: 10n, nonce: 1n, expiresAt: 25n }));
    expect(world.locked.get(1n)).toBe(1_000n);
    expect(world.nonce(OWNER)).toBe(1n);
  });

  test("a run may cross MDUs, to the slot's very last blob", () => {
    const world = new World();
    expect(world.try("openSession", world.openMsg({ startMdu: 2, startRow: 0, blobCount: 24n }))).toBe("ok");
    expect(world.try("openSession", world.openMsg({ startMdu: 4, startRow: 7, blobCount: 1n }))).toBe("ok");
  });

  test("anyone reads a public deal; nonces rise per opener", () => {
    const world = new World();
    world.addDeal(2n, END_HEIGHT, true);
    world.open();
    expect(world.try("openSession", world.openMsg({ opener: READER, dealId: 2n }))).toBe("ok");
    expect([world.nonce(OWNER), world.nonce(READER)]).toEqual([1n, 1n]);
  });

  test("K sessions in a row are a file: one per slot", () => {
    const world = new World();
    const ids = PROVIDERS.slice(0, 8).map((provider, slot) => world.open({ slot, provider, startRow: 0, blobCount: 24n }));
    expect(new Set(ids.map((id) => Buffer.from(id).toString("hex"))).size).toBe(8);
  });

  const max = 2n ** 64n - 1n;
  const refused: [string, string, Partial<MsgOpenSession>, ((world: World) => unknown)?][] = [
    ["a stranger on a deal that is not public", "retrieval/3", { opener: READER }],
    ["an unknown deal", "retrieval/4", { dealId: 9n }],
    ["deal 0", "retrieval/4", { dealId: 0n }],
    ["a deal past its end, not swept yet", "retrieval/5", {}, (world) => (world.volumes.get(1n)!.endHeight = 4n)],
    ["a deal without content", "retrieval/6", {}, (world) => (world.volumes.get(1n)!.generation = 0n)],
    ["a slot past the last", "retrieval/7", { slot: 12 }],
    ["a slot under repair, its old provider evicted", "retrieval/8", {}, (world) => (world.volumes.get(1n)!.slots[3]!.status = SlotStatus.REPAIRING)],
    ["a vacant slot", "retrieval/8", {}, (world) => (world.volumes.get(1n)!.slots[3]!.status = SlotStatus.VACANT)],
    ["another slot's provider", "retrieval/9", { provider: PROVIDERS[4]! }],
    ["a stale root", "retrieval/10", { manifestRoot: point("old") }],
    ["MDU 0", "retrieval/11", { startMdu: 0 }],
    ["a witness MDU", "retrieval/11", { startMdu: 1 }],
    ["an MDU past the last", "retrieval/11", { startMdu: 5 }],
    ["a row past the last", "retrieval/11", { startRow: 8 }],
    ["one blob past the slot's last", "retrieval/11", { startMdu: 2, startRow: 0, blobCount: 25n }],
    ["too many blobs", "retrieval/12", { blobCount: 4_097n }],
    ["2^64-1 blobs", "retrieval/12", { blobCount: max }],
    ["an expiry in this block", "retrieval/14", { expiresHeight: 5n }],
    ["no expiry", "retrieval/14", { expiresHeight: 0n }],
    ["a session too long", "retrieval/14", { expiresHeight: 56n }],
    ["an endless session", "retrieval/14", { expiresHeight: max }],
    ["a session that outlives its deal", "retrieval/14", { expiresHeight: 11n }, (world) => (world.volumes.get(1n)!.endHeight = 10n)],
    ["no blobs", "retrieval/24", { blobCount: 0n }],
    ["nonce 0", "retrieval/24", { nonce: 0n }],
    ["a root of 47 bytes", "retrieval/24", { manifestRoot: point("x").slice(1) }],
    ["an escrow without money", "escrow/4", {}, (world) => (world.poor = true)],
    ["an opener that is no address", "sdk/7", { opener: "nil1" }],
    ["a provider of 32 bytes", "sdk/7", { provider: addressToString(new Uint8Array(32).fill(1)) }],
  ];
  test.each(refused.map(([name, code, change, prepare]) => ({ name, code, change, prepare })))("$name: refused, no nonce used, nothing locked", ({ code, change, prepare }) => {
    const world = new World();
    const msg = world.openMsg({ ...change, opener: OWNER });
    prepare?.(world);
    expect(world.try("openSession", { ...msg, ...change })).toBe(code);
    expect(world.nonce(OWNER)).toBe(0n);
    expect(world.locked.get(1n)).toBeUndefined();
  });

  test.each([[1n], [6n], [7n]])("a nonce of %p after 7: refused", (nonce) => {
    const world = new World();
    world.open({ nonce: 7n });
    expect(world.try("openSession", world.openMsg({ nonce }))).toBe("retrieval/13");
    expect(world.try("openSession", world.openMsg({ nonce: 8n }))).toBe("ok");
  });
});
