import { create } from "@bufbuild/protobuf";
import { SdkError, addressToString } from "nild/sdk";
import { execCtx, testState } from "nild/testing";
import { type GenesisState, GenesisStateSchema } from "nild/gen/nil/retrieval/v1/genesis_pb.js";
import { type QuerySessionsResponse, QuerySessionsResponseSchema } from "nild/gen/nil/retrieval/v1/query_pb.js";
import { MsgUpdateParamsSchema } from "nild/gen/nil/retrieval/v1/tx_pb.js";
import { type Params, ParamsSchema, Status } from "nild/gen/nil/retrieval/v1/types_pb.js";
import { DEFAULT_PARAMS } from "../params.js";
import { AUTHORITY, OWNER, PROVIDERS, READER, World } from "./world.js";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
  return "no error";
}

/** Sessions of two openers in every state. */
function busyWorld(): World {
  const world = new World();
  world.addDeal(2n, 500n, true);
  const ids = Array.from({ length: 5 }, () => world.open());
  world.open({ opener: READER, dealId: 2n });
  world.try("proveSession", world.proveMsg(ids[1]!));
  world.try("confirmSession", world.confirmMsg(ids[2]!));
  world.try("proveSession", world.proveMsg(ids[3]!));
  world.try("confirmSession", world.confirmMsg(ids[3]!));
  return world;
}

function exported(world: World): GenesisState {
  return create(GenesisStateSchema, world.module.parts.genesis.export(world.ctx()) as never);
}

describe("genesis", () => {
  test("export after init is the identity, byte for byte in the store", () => {
    const world = busyWorld();
    const genesis = exported(world);
    expect(genesis.sessions).toHaveLength(6);
    world.module.parts.genesis.validate(genesis);
    const state = testState();
    world.module.parts.genesis.init(execCtx({ state }), genesis);
    const dump = [...state.store("retrieval").scan()].map(([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`);
    expect(dump.join("\n")).toBe(world.dump());
  });

  test("the default is valid", () => {
    const { genesis } = new World().module.parts;
    expect(codeOf(() => genesis.validate(create(GenesisStateSchema, genesis.default() as never)))).toBe("no error");
  });

  test.each<[string, string, (genesis: GenesisState) => unknown]>([
    ["no parameters", "retrieval/26", (genesis) => delete genesis.params],
    ["a session twice", "retrieval/27", (genesis) => genesis.sessions.push(genesis.sessions[0]!)],
    ["a short id", "retrieval/27", (genesis) => (genesis.sessions[0]!.id = new Uint8Array(31))],
    ["a short root", "retrieval/27", (genesis) => (genesis.sessions[0]!.manifestRoot = new Uint8Array(0))],
    ["no seed", "retrieval/27", (genesis) => (genesis.sessions[0]!.seed = new Uint8Array(0))],
    ["no profile", "retrieval/27", (genesis) => delete genesis.sessions[0]!.profile],
    ["K that does not divide 64", "retrieval/27", (genesis) => (genesis.sessions[0]!.profile!.k = 3)],
    ["a slot that the profile lacks", "retrieval/27", (genesis) => (genesis.sessions[0]!.slot = 99)],
    ["a row that the slot lacks", "retrieval/27", (genesis) => (genesis.sessions[0]!.startRow = 64)],
    ["more blobs than a slab has", "retrieval/27", (genesis) => (genesis.sessions[0]!.blobCount = 1n << 60n)],
    ["no blobs", "retrieval/27", (genesis) => (genesis.sessions[0]!.blobCount = 0n)],
    ["no status", "retrieval/27", (genesis) => (genesis.sessions[0]!.status = Status.UNSPECIFIED)],
    ["an unknown status", "retrieval/27", (genesis) => (genesis.sessions[0]!.status = 99 as Status)],
    ["a nonce above the opener's last", "retrieval/27", (genesis) => (genesis.nonces = [])],
    ["an opener's nonce twice", "retrieval/27", (genesis) => genesis.nonces.push(genesis.nonces[0]!)],
    ["nonce 0", "retrieval/27", (genesis) => (genesis.nonces[0]!.nonce = 0n)],
    ["a fee of -1", "sdk/10", (genesis) => (genesis.sessions[0]!.lockedFee = "-1")],
    ["an opener that is no address", "sdk/7", (genesis) => (genesis.sessions[0]!.opener = "nil1x")],
  ])("%s is refused", (_name, code, change) => {
    const world = busyWorld();
    const genesis = exported(world);
    change(genesis);
    expect(codeOf(() => world.module.parts.genesis.validate(genesis))).toBe(code);
  });
});

describe("parameters", () => {
  const world = new World();
  const update = (params: Partial<Params> | undefined, authority = AUTHORITY): string => {
    const whole = params && create(ParamsSchema, { ...DEFAULT_PARAMS, ...params });
    return world.try("updateParams", create(MsgUpdateParamsSchema, { authority, ...(whole && { params: whole }) }));
  };

  test.each<[string, Partial<Params> | undefined]>([
    ["none", undefined],
    ["sessions of no length", { maxSessionBlocks: 0n }],
    ["endless sessions", { maxSessionBlocks: 2n ** 64n - 1n }],
    ["sessions of no blobs", { maxBlobsPerSession: 0n }],
    ["more blobs than a slot can have", { maxBlobsPerSession: 262_017n }],
    ["a sweep of 0", { maxDuePerBlock: 0 }],
    ["a sweep without bound", { maxDuePerBlock: 10_001 }],
    ["ended ones kept for no block", { keepEndedBlocks: 0n }],
    ["ended ones kept for ever", { keepEndedBlocks: 2n ** 63n }],
  ])("%s: refused", (_name, params) => {
    expect(update(params)).toBe("retrieval/26");
  });

  test("only the authority changes them; open sessions keep their terms", () => {
    const id = world.open();
    expect(update({}, addressToString(new Uint8Array(20).fill(2)))).toBe("sdk/4");
    expect(update({ maxSessionBlocks: 3n })).toBe("ok");
    expect(world.session(id).expiresHeight).toBe(25n);
    expect(world.try("openSession", world.openMsg({ expiresHeight: 9n }))).toBe("retrieval/14");
  });
});

describe("queries", () => {
  const world = new World();
  for (let i = 0; i < 7; i++) {
    world.toHeight(world.height + 1n);
    world.open({ provider: PROVIDERS[i]!, slot: i });
  }
  world.addDeal(2n, 500n, true);
  world.open({ opener: READER, dealId: 2n });
  const query = (request: object) => create(QuerySessionsResponseSchema, world.module.parts.queries.sessions!(world.ctx(), { opener: "", provider: "", status: 0, ...request } as never) as never);
  const nonces = ({ sessions }: QuerySessionsResponse) => sessions.map(({ nonce }) => nonce);

  test("newest first, in pages, never another's", () => {
    const first = query({ opener: OWNER, pagination: { limit: 3n } });
    expect(nonces(first)).toEqual([7n, 6n, 5n]);
    const second = query({ opener: OWNER, pagination: { limit: 3n, key: first.pagination!.nextKey } });
    const third = query({ opener: OWNER, pagination: { limit: 3n, key: second.pagination!.nextKey } });
    expect([...nonces(second), ...nonces(third)]).toEqual([4n, 3n, 2n, 1n]);
    expect(third.pagination!.nextKey).toHaveLength(0);
    expect(nonces(query({ opener: READER }))).toEqual([1n]);
  });

  test("by provider and by status", () => {
    expect(query({ provider: PROVIDERS[3] }).sessions.map(({ opener, slot }) => [opener, slot])).toEqual([[READER, 3], [OWNER, 3]]);
    expect(query({ opener: OWNER, status: Status.COMPLETED }).sessions).toEqual([]);
    expect(query({ opener: OWNER, status: Status.OPEN }).sessions).toHaveLength(7);
    expect(query({ opener: PROVIDERS[0] }).sessions).toEqual([]);
  });

  test.each<[string, string, () => unknown]>([
    ["neither opener nor provider", "retrieval/24", () => query({})],
    ["both", "retrieval/24", () => query({ opener: OWNER, provider: PROVIDERS[0] })],
    ["no address", "sdk/7", () => query({ opener: "bob" })],
    ["an offset", "sdk/18", () => query({ opener: OWNER, pagination: { offset: 1n } })],
    ["oldest first", "sdk/18", () => query({ opener: OWNER, pagination: { reverse: true } })],
    ["a forged token", "sdk/18", () => query({ opener: OWNER, pagination: { key: new Uint8Array(39) } })],
    ["an unknown session", "retrieval/2", () => world.session(new Uint8Array(32))],
    ["a session id of no bytes", "retrieval/2", () => world.session(new Uint8Array(0))],
    ["an id of 300 bytes", "sdk/18", () => world.session(new Uint8Array(300))],
  ])("%s: refused", (_name, code, work) => {
    expect(codeOf(work)).toBe(code);
  });
});
