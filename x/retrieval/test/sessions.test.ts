import fc from "fast-check";
import { create } from "@bufbuild/protobuf";
import type { MsgProveSession } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { MsgProveSessionSchema } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { OWNER, PROVIDERS, READER, World, point } from "./world.js";

type Proved = MsgProveSession & { proof: NonNullable<MsgProveSession["proof"]> };

function mutated(msg: MsgProveSession, change: (copy: Proved) => unknown): MsgProveSession {
  const copy = structuredClone(msg);
  change(copy as Proved);
  return copy;
}

const wrongY = (msg: MsgProveSession) => mutated(msg, ({ proof }) => (proof.groups[0]!.blobs[0]!.y = new Uint8Array(32)));

describe("a session ends once", () => {
  test.each([["proof, then confirmation"], ["confirmation, then proof"]])("%s: completed and paid", (order) => {
    const world = new World();
    const id = world.open();
    const steps: (() => string)[] = [() => world.try("proveSession", world.proveMsg(id)), () => world.try("confirmSession", world.confirmMsg(id))];
    if (order.startsWith("confirmation")) steps.reverse();
    steps[0]!();
    expect(world.session(id).status).toBe(order.startsWith("proof") ? Status.PROVED : Status.CONFIRMED);
    expect(world.settled).toEqual([]);
    steps[1]!();
    expect(world.session(id).status).toBe(Status.COMPLETED);
    expect(world.settled).toEqual([`completed 1000 ${PROVIDERS[3]}`]);
    // Nothing happens to it any more.
    expect([world.try("proveSession", world.proveMsg(id)), world.try("confirmSession", world.confirmMsg(id))]).toEqual(["retrieval/16", "retrieval/16"]);
    world.toHeight(40n);
    expect(world.settled).toHaveLength(1);
  });

  test("its completion tells which blobs were opened, at most 8, all in its range", () => {
    const world = new World();
    const id = world.open({ startRow: 0, blobCount: 24n });
    world.try("confirmSession", world.confirmMsg(id));
    world.toHeight(12n);
    world.try("proveSession", world.proveMsg(id));
    const [event] = world.completed;
    expect(event).toMatchObject({ dealId: 1n, slot: 3, provider: PROVIDERS[3], generation: 2n, epoch: 1n });
    expect(event!.blobs).toHaveLength(8);
    expect(new Set(event!.blobs.map(({ mduIndex, leafIndex }) => `${mduIndex}/${leafIndex}`)).size).toBe(8);
    for (const { mduIndex, leafIndex } of event!.blobs) {
      expect(mduIndex >= 2 && mduIndex <= 4).toBe(true);
      expect(Math.floor(leafIndex / 8)).toBe(3);
    }
  });

  test.each<[string, Status, string, (world: World, id: Uint8Array) => unknown]>([
    ["neither", Status.EXPIRED, `unproved 1000 ${OWNER}`, () => undefined],
    ["only confirmed", Status.EXPIRED, `unproved 1000 ${OWNER}`, (world, id) => world.try("confirmSession", world.confirmMsg(id))],
    ["only proved", Status.EXPIRED, `unconfirmed 1000 ${PROVIDERS[3]}`, (world, id) => world.try("proveSession", world.proveMsg(id))],
  ])("%s: expires after its last height", (_name, status, settled, act) => {
    const world = new World();
    const id = world.open();
    act(world, id);
    world.toHeight(25n);
    expect(world.settled).toEqual([]);
    const events = world.toHeight(26n);
    expect(world.session(id).status).toBe(status);
    expect(world.settled).toEqual([settled]);
    expect(events.map(({ type }) => type)).toContain("nil.retrieval.v1.EventSessionExpired");
    expect(world.try("proveSession", world.proveMsg(id))).toBe("retrieval/16");
    expect(world.completed).toEqual([]);
  });

  test("the last height still counts, whatever the sweep", () => {
    const world = new World();
    const id = world.open();
    world.toHeight(25n);
    expect(world.try("proveSession", world.proveMsg(id))).toBe("valid");
    expect(world.try("confirmSession", world.confirmMsg(id))).toBe("ok");
  });

  test("an expired session is over by its height even while the sweep lags", () => {
    const world = new World({ maxDuePerBlock: 1 });
    const ids = Array.from({ length: 3 }, () => world.open());
    world.toHeight(26n);
    const late = ids.filter((id) => world.session(id).status === Status.OPEN);
    expect(late).toHaveLength(2);
    expect(world.try("proveSession", world.proveMsg(late[0]!))).toBe("retrieval/15");
    expect(world.try("confirmSession", world.confirmMsg(late[0]!))).toBe("retrieval/15");
    world.toHeight(28n);
    expect(world.settled).toHaveLength(3);
  });

  test("ended ones are forgotten after keep_ended_blocks, by the same queue", () => {
    const world = new World();
    const id = world.open();
    world.toHeight(26n);
    world.toHeight(45n);
    expect(world.session(id).status).toBe(Status.EXPIRED);
    world.toHeight(46n);
    expect(() => world.session(id)).toThrow(/no such session/);
    const keys = world.dump().split("\n").map((entry) => entry.slice(0, 2));
    // Parameters and the opener's nonce stay: a forgotten session cannot be opened again.
    expect(keys.sort()).toEqual(["00", "06"]);
    expect(world.try("openSession", world.openMsg({ nonce: 1n }))).toBe("retrieval/13");
  });

  test("a settlement that fails is put off, its fee stays locked, and the queue goes on", () => {
    const world = new World();
    const id = world.open();
    world.broken = true;
    world.toHeight(26n);
    expect(world.session(id)).toMatchObject({ status: Status.OPEN, dueHeight: 46n });
    world.broken = false;
    world.toHeight(46n);
    expect(world.settled).toEqual([`unproved 1000 ${OWNER}`]);
  });
});

describe("a later commit or repair does not void a session", () => {
  test("it is proved against what it pinned", () => {
    const world = new World();
    const id = world.open();
    Object.assign(world.volumes.get(1n)!, { generation: 3n, manifestRoot: point("new"), totalMdus: 9n });
    world.volumes.get(1n)!.slots[3]!.provider = PROVIDERS[11]!;
    expect(world.try("proveSession", world.proveMsg(id))).toBe("valid");
  });
});

describe("proofs that differ from what the session pinned: refused, the session goes on", () => {
  test.each<[string, string, (copy: Proved) => unknown]>([
    ["an unknown session", "retrieval/2", (msg) => (msg.sessionId = new Uint8Array(32))],
    ["another provider", "retrieval/9", (msg) => (msg.provider = PROVIDERS[4]!)],
    ["another root", "retrieval/10", ({ proof }) => (proof.groups[0]!.manifestRoot = point("other"))],
    ["another z", "retrieval/22", ({ proof }) => (proof.z = new Uint8Array(32))],
    ["a blob left out", "retrieval/20", ({ proof }) => proof.groups[0]!.blobs.pop()],
    ["a blob more", "retrieval/20", ({ proof }) => proof.groups[0]!.blobs.push(proof.groups[0]!.blobs[0]!)],
    ["a blob twice", "retrieval/20", ({ proof }) => (proof.groups[0]!.blobs[1] = proof.groups[0]!.blobs[0]!)],
    ["another order", "retrieval/20", ({ proof }) => proof.groups[0]!.blobs.reverse()],
    ["another leaf", "retrieval/20", ({ proof }) => (proof.groups[0]!.blobs[0]!.leafIndex += 8)],
    ["a metadata tree", "retrieval/21", ({ proof }) => (proof.groups[0]!.blobs[0]!.leafCount = 64)],
    ["no proof", "retrieval/23", (msg) => delete (msg as Partial<MsgProveSession>).proof],
    ["no group", "retrieval/23", ({ proof }) => (proof.groups = [])],
    ["two groups", "retrieval/23", ({ proof }) => proof.groups.push(proof.groups[0]!)],
    ["a point of 47 bytes", "retrieval/23", ({ proof }) => (proof.proof = point("x").slice(1))],
    ["y over the order", "retrieval/23", ({ proof }) => (proof.groups[0]!.blobs[0]!.y = new Uint8Array(32).fill(0xff))],
    ["an id of 31 bytes", "retrieval/24", (msg) => (msg.sessionId = new Uint8Array(31))],
    ["a provider that is no address", "sdk/7", (msg) => (msg.provider = "")],
  ])("%s", (_name, code, change) => {
    const world = new World();
    const id = world.open();
    expect(world.try("proveSession", mutated(world.proveMsg(id), change))).toBe(code);
    expect(world.session(id).status).toBe(Status.OPEN);
  });

  test("another session's proof: same slot, same range", () => {
    const world = new World();
    const [first, second] = [world.open(), world.open()];
    expect(world.try("proveSession", { ...world.proveMsg(first), sessionId: second })).toBe("retrieval/22");
  });

  test("a false equation: code 0, invalid, and the session stays open", () => {
    const world = new World();
    const id = world.open();
    expect(world.try("proveSession", wrongY(world.proveMsg(id)))).toBe("invalid");
    expect(world.session(id).status).toBe(Status.OPEN);
    expect(world.try("proveSession", world.proveMsg(id))).toBe("valid");
  });

  test("a second proof, a second confirmation", () => {
    const world = new World();
    const [proved, confirmed] = [world.open(), world.open()];
    world.try("proveSession", world.proveMsg(proved));
    world.try("confirmSession", world.confirmMsg(confirmed));
    expect(world.try("proveSession", world.proveMsg(proved))).toBe("retrieval/17");
    expect(world.try("confirmSession", world.confirmMsg(confirmed))).toBe("retrieval/18");
  });

  test("gas is taken before anything is verified", () => {
    const world = new World();
    const id = world.open();
    const outcome = world.run("proveSession", world.proveMsg(id), 9_000_000n);
    expect(outcome.ok ? "valid" : outcome.error.code).toBe(11);
  });

  test.each([
    ["a stranger", (world: World, id: Uint8Array) => world.confirmMsg(id, READER), "retrieval/19"],
    ["the provider itself", (world: World, id: Uint8Array) => world.confirmMsg(id, PROVIDERS[3]!), "retrieval/19"],
    ["an unknown session", (world: World) => world.confirmMsg(new Uint8Array(32)), "retrieval/2"],
    ["a short id", (world: World) => world.confirmMsg(new Uint8Array(3)), "retrieval/24"],
  ])("%s cannot confirm", (_name, msgOf, code) => {
    const world = new World();
    const id = world.open();
    expect(world.try("confirmSession", msgOf(world, id))).toBe(code);
  });
});

describe("the deal closes", () => {
  test("its live sessions end, those of other deals do not", () => {
    const world = new World();
    world.addDeal(2n, 500n, true);
    const [live, proved, other] = [world.open(), world.open(), world.open({ dealId: 2n })];
    world.try("proveSession", world.proveMsg(proved));
    world.module.api.dealClosing(world.ctx(), { dealId: 1n });
    world.volumes.delete(1n);
    world.checkInvariants();
    expect(world.settled.sort()).toEqual([`unconfirmed 1000 ${PROVIDERS[3]}`, `unproved 1000 ${OWNER}`]);
    expect([live, proved, other].map((id) => world.session(id).status)).toEqual([Status.EXPIRED, Status.EXPIRED, Status.OPEN]);
    world.toHeight(26n);
    expect(world.settled).toHaveLength(3);
  });

  test("more sessions than one block may end: the closing waits for the sweep", () => {
    const world = new World({ maxDuePerBlock: 2 });
    for (let i = 0; i < 3; i++) world.open();
    world.toHeight(25n);
    expect(world.ctx().isolated((ctx) => world.module.api.dealClosing(ctx, { dealId: 1n }))).toMatchObject({ ok: false, error: { codespace: "retrieval", code: 25 } });
    world.toHeight(26n);
    world.module.api.dealClosing(world.ctx(), { dealId: 1n });
    expect(world.settled).toHaveLength(3);
  });
});

test("random lives of sessions: each settles exactly once and escrow's locks are the live ones'", () => {
  const step = fc.record({ kind: fc.constantFrom("open", "prove", "wrong", "confirm", "blocks"), at: fc.nat(9), count: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (steps, maxDuePerBlock) => {
      const world = new World({ maxDuePerBlock });
      const ids: Uint8Array[] = [];
      for (const { kind, at, count } of steps) {
        const id = ids[at % Math.max(1, ids.length)];
        if (kind === "open") ids.push(world.open({ blobCount: BigInt(count), expiresHeight: world.height + BigInt(count) }));
        else if (kind === "blocks") world.toHeight(world.height + BigInt(count));
        else if (id && world.module.api.find(world.ctx(), id)) {
          const msg = kind === "confirm" ? world.confirmMsg(id) : kind === "prove" ? world.proveMsg(id) : wrongY(world.proveMsg(id));
          world.try(kind === "confirm" ? "confirmSession" : "proveSession", msg);
        }
      }
      world.toHeight(world.height + 60n);
      expect(world.settled).toHaveLength(ids.length);
      expect([...world.locked.values()].every((left) => left === 0n)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("an empty message is refused by its first field", () => {
  expect(new World().try("proveSession", create(MsgProveSessionSchema, {}))).toBe("sdk/7");
});
