import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type ExecCtx, SdkError, addressToString, moduleAddress } from "nild/sdk";
import { execCtx, testState } from "nild/testing";
import { GenesisStateSchema } from "nild/gen/nil/epoch/v1/genesis_pb.js";
import { MsgUpdateParamsSchema } from "nild/gen/nil/epoch/v1/tx_pb.js";
import { ParamsSchema } from "nild/gen/nil/epoch/v1/types_pb.js";
import { epochModule } from "nild/x/epoch";

const AUTHORITY = addressToString(moduleAddress("governance"));
const STRANGER = addressToString(new Uint8Array(20).fill(7));

function hashOf(height: bigint): Uint8Array {
  return createHash("sha256").update(`block ${height}`).digest();
}

/** The module on an empty state, driven block by block. */
class Clock {
  readonly state = testState();
  readonly module = epochModule({}, { authority: AUTHORITY });
  constructor(params: { lengthBlocks: bigint; ringSize: number }) {
    this.module.parts.genesis.init(this.ctx(0n), create(GenesisStateSchema, { params }) as never);
  }

  ctx(height: bigint, hash = hashOf(height)): ExecCtx {
    return execCtx({ state: this.state, height, hash, chainId: "nild-dev-1" });
  }

  blocks(from: bigint, to: bigint): void {
    for (let height = from; height <= to; height++) {
      const ctx = this.ctx(height);
      this.module.parts.beginBlock!(ctx);
      expect(this.module.parts.invariants.epochs_follow!(ctx)).toBeUndefined();
    }
  }

  updateParams(authority: string, params: { lengthBlocks: bigint; ringSize: number } | undefined): object {
    const msg = create(MsgUpdateParamsSchema, { authority, ...(params && { params: create(ParamsSchema, params) }) });
    this.module.parts.validate.updateParams!(msg as never);
    return this.module.parts.msgs.updateParams!(this.ctx(1n), msg as never);
  }
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
  return "no error";
}

describe("the clock", () => {
  test("epoch 0 starts at the first block, whatever its height, and lasts its length", () => {
    const clock = new Clock({ lengthBlocks: 3n, ringSize: 4 });
    clock.blocks(5n, 12n);
    const { current, find } = clock.module.api;
    expect(current(clock.ctx(12n))).toMatchObject({ number: 2n, startHeight: 11n, lengthBlocks: 3n });
    expect(find(clock.ctx(12n), 0n)).toMatchObject({ startHeight: 5n });
    expect(find(clock.ctx(12n), 1n)).toMatchObject({ startHeight: 8n });
  });

  test("a new length starts with the next epoch", () => {
    const clock = new Clock({ lengthBlocks: 3n, ringSize: 4 });
    clock.blocks(1n, 1n);
    clock.updateParams(AUTHORITY, { lengthBlocks: 5n, ringSize: 4 });
    clock.blocks(2n, 9n);
    const { find, current } = clock.module.api;
    expect(find(clock.ctx(9n), 0n)).toMatchObject({ startHeight: 1n, lengthBlocks: 3n });
    expect(find(clock.ctx(9n), 1n)).toMatchObject({ startHeight: 4n, lengthBlocks: 5n });
    expect(current(clock.ctx(9n))).toMatchObject({ number: 2n, startHeight: 9n });
  });

  test("R_e chains chain id, number, R_{e-1} and the first block's hash", () => {
    const clock = new Clock({ lengthBlocks: 2n, ringSize: 4 });
    clock.blocks(1n, 3n);
    const u16 = Buffer.from([0, 10]);
    const u64 = (value: bigint) => Buffer.from(value.toString(16).padStart(16, "0"), "hex");
    let previous = Buffer.alloc(32);
    for (const [number, height] of [[0n, 1n], [1n, 3n]] as const) {
      const parts = [Buffer.from("nilstore/epoch/v1"), u16, Buffer.from("nild-dev-1"), u64(number), previous, hashOf(height)];
      previous = createHash("sha256").update(Buffer.concat(parts)).digest();
      expect(Buffer.from(clock.module.api.find(clock.ctx(3n), number)!.beacon)).toEqual(previous);
    }
    expect(previous.toString("hex")).toBe("1b136d6624be9c554512174ad5e3be438710ddab5a4a15dd4c0cc5b6ea78a554");
  });

  test("only the first block of an epoch decides its beacon", () => {
    const [a, b] = [new Clock({ lengthBlocks: 3n, ringSize: 4 }), new Clock({ lengthBlocks: 3n, ringSize: 4 })];
    a.blocks(1n, 3n);
    b.blocks(1n, 1n);
    for (const height of [2n, 3n]) b.module.parts.beginBlock!(b.ctx(height, new Uint8Array(32).fill(9)));
    expect(b.module.api.current(b.ctx(3n))).toEqual(a.module.api.current(a.ctx(3n)));
    a.blocks(4n, 4n);
    b.module.parts.beginBlock!(b.ctx(4n, new Uint8Array(32).fill(9)));
    expect(b.module.api.current(b.ctx(4n)).beacon).not.toEqual(a.module.api.current(a.ctx(4n)).beacon);
  });

  test("the ring is bounded, and a shrunk one is emptied in steps", () => {
    const clock = new Clock({ lengthBlocks: 1n, ringSize: 40 });
    clock.blocks(1n, 60n);
    const kept = (height: bigint) => Array.from({ length: 100 }, (_, i) => clock.module.api.find(clock.ctx(height), BigInt(i))?.number).filter((each) => each !== undefined);
    expect(kept(60n)).toHaveLength(41);
    clock.updateParams(AUTHORITY, { lengthBlocks: 1n, ringSize: 2 });
    clock.blocks(61n, 61n);
    expect(kept(61n)).toHaveLength(42 - 16);
    clock.blocks(62n, 65n);
    expect(kept(65n)).toEqual([62n, 63n, 64n]);
  });

  test("a first block without a hash is a bug, not a weak beacon", () => {
    const clock = new Clock({ lengthBlocks: 2n, ringSize: 4 });
    expect(() => clock.module.parts.beginBlock!(clock.ctx(1n, new Uint8Array(0)))).toThrow(/32/);
  });
});

describe("refusals", () => {
  const clock = new Clock({ lengthBlocks: 3n, ringSize: 4 });
  test.each([
    ["no current epoch before the first block", () => clock.module.api.current(clock.ctx(1n)), "epoch/2"],
    ["a query before the first block", () => clock.module.parts.queries.current!(clock.ctx(1n), {} as never), "epoch/2"],
    ["an epoch to come", () => clock.module.parts.queries.epoch!(clock.ctx(1n), { number: 9n } as never), "epoch/3"],
    ["length 0", () => clock.updateParams(AUTHORITY, { lengthBlocks: 0n, ringSize: 4 }), "epoch/4"],
    ["a length of years", () => clock.updateParams(AUTHORITY, { lengthBlocks: 2n ** 64n - 1n, ringSize: 4 }), "epoch/4"],
    ["a ring of 0", () => clock.updateParams(AUTHORITY, { lengthBlocks: 3n, ringSize: 0 }), "epoch/4"],
    ["a huge ring", () => clock.updateParams(AUTHORITY, { lengthBlocks: 3n, ringSize: 2 ** 32 - 1 }), "epoch/4"],
    ["no parameters", () => clock.updateParams(AUTHORITY, undefined), "epoch/4"],
    ["another authority", () => clock.updateParams(STRANGER, { lengthBlocks: 4n, ringSize: 4 }), "sdk/4"],
    ["an authority that is no address", () => clock.updateParams("nil1", { lengthBlocks: 4n, ringSize: 4 }), "sdk/7"],
  ])("%s", (_name, work, code) => {
    expect(codeOf(work)).toBe(code);
    expect(clock.module.parts.queries.params!(clock.ctx(1n), {} as never)).toMatchObject({ params: { lengthBlocks: 3n, ringSize: 4 } });
  });
});

describe("genesis", () => {
  const { genesis } = epochModule({}, { authority: AUTHORITY }).parts;
  const beacon = new Uint8Array(32).fill(1);
  const params = { lengthBlocks: 3n, ringSize: 4 };

  test("export after init is the identity, running or not", () => {
    const clock = new Clock(params);
    clock.blocks(1n, 11n);
    const exported = create(GenesisStateSchema, clock.module.parts.genesis.export(clock.ctx(11n)) as never);
    expect(exported.past).toHaveLength(3);
    genesis.validate(exported);
    const other = testState();
    genesis.init(execCtx({ state: other }), exported);
    expect(create(GenesisStateSchema, genesis.export(execCtx({ state: other })) as never)).toEqual(exported);
    const fresh = create(GenesisStateSchema, genesis.default() as never);
    genesis.validate(fresh);
    expect(fresh.current).toBeUndefined();
  });

  test.each([
    ["no parameters", {}, "epoch/4"],
    ["length 0", { params: { lengthBlocks: 0n, ringSize: 1 } }, "epoch/4"],
    ["past without a current epoch", { params, past: [{ number: 0n, startHeight: 1n, lengthBlocks: 3n, beacon }] }, "epoch/5"],
    ["an epoch of length 0", { params, current: { number: 0n, startHeight: 1n, lengthBlocks: 0n, beacon } }, "epoch/5"],
    ["height 0", { params, current: { number: 0n, startHeight: 0n, lengthBlocks: 3n, beacon } }, "epoch/5"],
    ["a short beacon", { params, current: { number: 0n, startHeight: 1n, lengthBlocks: 3n, beacon: beacon.slice(1) } }, "epoch/5"],
    [
      "a gap in the numbers",
      { params, past: [{ number: 0n, startHeight: 1n, lengthBlocks: 3n, beacon }], current: { number: 2n, startHeight: 4n, lengthBlocks: 3n, beacon } },
      "epoch/5",
    ],
    [
      "overlapping heights",
      { params, past: [{ number: 0n, startHeight: 1n, lengthBlocks: 3n, beacon }], current: { number: 1n, startHeight: 3n, lengthBlocks: 3n, beacon } },
      "epoch/5",
    ],
  ])("%s is refused", (_name, init, code) => {
    expect(codeOf(() => genesis.validate(create(GenesisStateSchema, init)))).toBe(code);
  });
});
