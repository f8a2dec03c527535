import fc from "fast-check";
import { create } from "@bufbuild/protobuf";
import { LoadSchema, ParamsSchema } from "nild/gen/nil/challenge/v1/types_pb.js";
import { EpochSchema } from "nild/gen/nil/epoch/v1/types_pb.js";
import { DEFAULT_PARAMS } from "../params.js";
import { firstDue, lastHeight, lastWholeEpoch, lateFrom, nextDue, periodOf } from "../schedule.js";

const epochAt = (number: bigint, startHeight: bigint, lengthBlocks: bigint) => create(EpochSchema, { number, startHeight, lengthBlocks, beacon: new Uint8Array(32).fill(Number(number % 251n)) });
const FAR = 1n << 40n;

test.each([
  [0n, 1n],
  [10_000n, 1n],
  [10_001n, 2n],
  [95_000n, 10n],
])("Σ quotas %p at 10,000 proofs per epoch: period %p", (quotaSum, period) => {
  expect(periodOf(create(ParamsSchema, DEFAULT_PARAMS), create(LoadSchema, { quotaSum }))).toBe(period);
});

test("the period never falls below its minimum", () => {
  expect(periodOf(create(ParamsSchema, { ...DEFAULT_PARAMS, minPeriodEpochs: 6n }), create(LoadSchema, { quotaSum: 20_000n }))).toBe(6n);
});

test.each([
  [1n, 2n, 1n], // no last quarter to be late in
  [8n, 7n, 8n],
  [10n, 9n, 10n],
  [100n, 76n, 100n],
])("an epoch of %p blocks from height 1: late from %p, last height %p", (length, late, last) => {
  expect(lateFrom(epochAt(0n, 1n, length))).toBe(late);
  expect(lastHeight(epochAt(0n, 1n, length))).toBe(last);
});

test.each([
  // Epoch 3 covers 31..40; its verdict comes at 41.
  [41n, 3n],
  [40n, 2n],
  [50n, 3n],
  [51n, 4n],
  [31n, 2n],
])("a deal that ends at %p has its last whole epoch in %p", (endHeight, expected) => {
  expect(lastWholeEpoch(epochAt(3n, 31n, 10n), endHeight)).toBe(expected);
});

describe("the due epoch", () => {
  const epoch = epochAt(5n, 51n, 10n);

  test.each([
    ["follows the period", 51n, 4n, 3n, FAR, 7n],
    ["is the present one while its first quarter lasts", 53n, 4n, 1n, FAR, 5n],
    ["is the next one after that", 54n, 4n, 1n, FAR, 6n],
    ["is never in the past, however late the sweep", 51n, 1n, 1n, FAR, 5n],
    ["is drawn forward to the deal's last whole epoch", 51n, 4n, 50n, 91n, 8n],
    ["is the broken rest when every whole epoch is over", 51n, 4n, 50n, 55n, 5n],
  ])("%s", (_name, height, last, period, endHeight, expected) => {
    expect(nextDue(epoch, height, last, period, endHeight)).toBe(expected);
  });

  test("properties: after the last one, at most a period away, answerable", () => {
    const arbitrary = fc.record({
      number: fc.bigInt(1n, 1_000n),
      length: fc.bigInt(1n, 200n),
      lag: fc.bigInt(1n, 5n),
      offset: fc.bigInt(0n, 199n),
      period: fc.bigInt(1n, 50n),
      left: fc.bigInt(0n, 20_000n),
    });
    fc.assert(
      fc.property(arbitrary, ({ number, length, lag, offset, period, left }) => {
        const current = epochAt(number, 1n + number * length, length);
        const height = current.startHeight + (offset % length);
        const last = number > lag ? number - lag : 0n;
        const due = nextDue(current, height, last, period, height + left);
        expect(due).toBeGreaterThan(last);
        expect(due).toBeGreaterThanOrEqual(number);
        expect(due <= last + period || due <= number + 1n).toBe(true);
        // The deal's last whole epoch is never skipped.
        const whole = lastWholeEpoch(current, height + left);
        if (whole > last && whole > number) expect(due).toBeLessThanOrEqual(whole);
      }),
    );
  });

  test("first ones spread over the period, from the next epoch on", () => {
    const seen = new Set<bigint>();
    for (let deal = 1n; deal <= 200n; deal++) seen.add(firstDue(epoch, deal, 3, 4n, FAR));
    expect([...seen].sort((a, b) => (a < b ? -1 : 1))).toEqual([6n, 7n, 8n, 9n]);
  });

  test("a deal too short for any whole epoch is due in the next one all the same", () => {
    expect(firstDue(epoch, 1n, 0, 4n, 52n)).toBe(6n);
  });
});
