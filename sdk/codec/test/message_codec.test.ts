import { type DescMessage, type Message, create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { DenomUnitSchema } from "nild/gen/cosmos/bank/v1beta1/bank_pb.js";
import { CanonicalVoteSchema } from "nild/gen/tendermint/types/canonical_pb.js";
import { VoteSchema } from "nild/gen/tendermint/types/types_pb.js";
import { SdkError, TypeRegistry, decodeStrict, encode } from "nild/sdk";
import { Random, randomMessage } from "../../../proto/test/random_message.js";
import { synthetic } from "./synthetic.js";
import { bytes, field, int, tag, text, varint } from "./wire.js";

function code(desc: DescMessage, input: Uint8Array): string {
  try {
    decodeStrict(desc, input);
    return "accepted";
  } catch (error) {
    if (error instanceof SdkError) return `${error.codespace}/${error.code}`;
    throw error;
  }
}

const fill = (desc: DescMessage, init: Record<string, unknown>): Message => create(desc, init as never);

describe("the strict codec against protobuf-es", () => {
  it.each(["Scalars", "Lists", "Unpacked", "Optionals", "Choice"])("%s: same bytes, same message", (name) => {
    const desc = synthetic(name);
    const codec = new TypeRegistry().codec(desc);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const message = randomMessage(desc, new Random(seed), { complete: false });
        const sorted = name === "Lists" ? undefined : toBinary(desc, message);
        const encoded = codec.encode(message);
        if (sorted) expect(Buffer.from(encoded).toString("hex")).toBe(Buffer.from(sorted).toString("hex"));
        expect(codec.decode(encoded)).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  it("accepts a mutation only if it is the canonical form of some message", () => {
    const desc = synthetic("Scalars");
    const codec = new TypeRegistry().codec(desc);
    let accepted = 0;
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.integer({ min: 1, max: 255 }), (seed, position, flip) => {
        const mutated = codec.encode(randomMessage(desc, new Random(seed), { complete: true })).slice();
        if (mutated.length === 0) return;
        mutated[position % mutated.length]! ^= flip;
        if (code(desc, mutated) !== "accepted") return;
        accepted++;
        expect(codec.encode(codec.decode(mutated))).toEqual(mutated);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it("orders fields by number whatever the order of declaration", () => {
    const encoded = encode(synthetic("Lists"), fill(synthetic("Lists"), { fInt64: [1n], fSint64: [1n] }));
    expect(encoded).toEqual(bytes(field(88, varint(2)), field(100, varint(1))));
  });

  it("grows its buffer without losing what is written", () => {
    const desc = synthetic("Lists");
    const message = fill(desc, { fString: ["x".repeat(5000), "é".repeat(3000)], fUint64: new Array(4000).fill(1n << 40n), fBytes: [new Uint8Array(70_000).fill(7)] });
    expect(decodeStrict(desc, encode(desc, message))).toEqual(message);
  });
});

describe("bytes that are refused", () => {
  const u32 = 8 + 1;
  it.each<[string, DescMessage | string, Uint8Array]>([
    ["T14 uint32 over 32 bits", DenomUnitSchema, int(2, 1n << 32n)],
    ["T14 int32 over 32 bits", VoteSchema, int(3, 1n << 31n)],
    ["T14 int32 of -1 in 32 bits", VoteSchema, int(3, 0xffffffffn)],
    ["T14 sint32 over 32 bits", "Scalars", int(12, 1n << 32n)],
    ["fixed-width value cut short", CanonicalVoteSchema, bytes(tag(2, 1), [1, 2, 3, 4, 5, 6, 7])],
    ["fixed-width value as varint", CanonicalVoteSchema, int(2, 5)],
    ["fixed-width zero written out", CanonicalVoteSchema, bytes(tag(2, 1), new Array(8).fill(0))],
    ["empty bytes written out", "Scalars", field(8, new Uint8Array(0))],
    ["packed list sent unpacked", "Lists", int(100 - 1, 5)],
    ["packed list in two parts", "Lists", bytes(field(99, varint(5)), field(99, varint(6)))],
    ["empty packed list", "Lists", field(99, new Uint8Array(0))],
    ["packed list that ends inside an element", "Lists", field(99, bytes(0x80))],
    ["packed element in a long form", "Lists", field(99, bytes(0x81, 0x00))],
    ["packed bool of 2", "Lists", field(95, bytes(2))],
    ["unpacked list sent packed", "Unpacked", field(2, varint(5))],
    ["optional field twice", "Optionals", bytes(int(u32, 0), int(u32, 1))],
    ["two members of a oneof, another field between", "Choice", bytes(int(1, 5), text(3, "x"))],
    ["nested length past its parent's end", "Choice", bytes(tag(4, 2), 3, tag(2, 2), 9, 0x61, text(9, "aaaaaaaaaa"))],
    ["a field of the parent inside the child's length", "Choice", bytes(tag(4, 2), 1, tag(2, 2), 1, 0x61)],
  ])("%s", (_, type, input) => {
    expect(code(typeof type === "string" ? synthetic(type) : type, input)).toBe("sdk/2");
  });

  it("nesting: 64 levels pass, 65 do not", () => {
    const nested = (levels: number) => {
      let inner = text(2, "x");
      for (let level = 1; level < levels; level++) inner = field(4, inner);
      return inner;
    };
    expect(code(synthetic("Choice"), nested(64))).toBe("accepted");
    expect(code(synthetic("Choice"), nested(65))).toBe("sdk/2");
    expect(code(synthetic("Choice"), nested(20_000))).toBe("sdk/2");
  });

  it("optional and oneof members may hold their default, for it says that they are set", () => {
    expect(decodeStrict(synthetic("Optionals"), int(u32, 0))).toMatchObject({ fUint32: 0 });
    expect(decodeStrict(synthetic("Choice"), int(1, 0))).toMatchObject({ choice: { case: "number", value: 0n } });
  });

  it("integers at their limits survive", () => {
    const desc = synthetic("Scalars");
    const message = fill(desc, {
      fInt64: -(1n << 63n), fUint64: (1n << 64n) - 1n, fInt32: -(2 ** 31), fFixed64: (1n << 64n) - 1n, fFixed32: 2 ** 32 - 1,
      fUint32: 2 ** 32 - 1, fSfixed32: -(2 ** 31), fSfixed64: -(1n << 63n), fSint32: -(2 ** 31), fSint64: -(1n << 63n),
    });
    expect(encode(desc, message)).toEqual(toBinary(desc, message));
    expect(decodeStrict(desc, encode(desc, message))).toEqual(message);
  });
});

describe("values that do not fit their field", () => {
  it.each<[string, Record<string, unknown>]>([
    ["uint32 of -1", { fUint32: -1 }],
    ["uint32 of 2^32", { fUint32: 2 ** 32 }],
    ["uint32 of 1.5", { fUint32: 1.5 }],
    ["uint32 of NaN", { fUint32: Number.NaN }],
    ["int32 of 2^31", { fInt32: 2 ** 31 }],
    ["uint64 of -1", { fUint64: -1n }],
    ["uint64 of 2^64", { fUint64: 1n << 64n }],
    ["uint64 as number", { fUint64: 5 }],
    ["int64 of 2^63", { fInt64: 1n << 63n }],
    ["string as number", { fString: 5 }],
    ["lone high surrogate", { fString: "a\ud800" }],
    ["lone low surrogate", { fString: "\udc00" }],
    ["surrogates the wrong way round", { fString: "\udc00\ud800" }],
  ])("%s is not encoded", (_, init) => {
    const desc = synthetic("Scalars");
    const message = { ...fill(desc, {}), ...init } as Message;
    expect(() => encode(desc, message)).toThrow();
  });
});

describe("types without a canonical form", () => {
  it.each(["Double", "HoldsDouble", "Mapped"])("%s cannot be compiled, the second time neither", (name) => {
    const registry = new TypeRegistry();
    expect(() => registry.registerMsg(synthetic(name))).toThrow(name === "Mapped" ? /maps/ : /floats/);
    expect(() => registry.registerMsg(synthetic(name))).toThrow();
  });

  it.each(["Loose", "HoldsLoose"])("%s: a message with an Any of no declared interface is not registered", (name) => {
    expect(() => new TypeRegistry().registerMsg(synthetic(name))).toThrow(/accepts_interface/);
  });
});
