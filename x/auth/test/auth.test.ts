import { create } from "@bufbuild/protobuf";
import { BaseAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { GenesisStateSchema } from "nild/gen/cosmos/auth/v1beta1/genesis_pb.js";
import { MsgUpdateParamsSchema } from "nild/gen/cosmos/auth/v1beta1/tx_pb.js";
import { addressToString, moduleAddress } from "nild/sdk";
import { execCtx, testAccount, testState } from "nild/testing";
import { authModule } from "nild/x/auth";

const AUTHORITY = testAccount("authority").address;
const build = () => authModule({ moduleAccounts: { escrow: ["burner"], fee_collector: [] } }, { authority: AUTHORITY });
const address = (name: string): string => testAccount(name).address;

function started() {
  const module = build();
  const state = testState();
  const ctx = execCtx({ state, height: 0n });
  const genesis = create(GenesisStateSchema, module.parts.genesis.default());
  module.parts.genesis.validate(genesis as never);
  module.parts.genesis.init(ctx, genesis as never);
  const holds = (): void => expect(module.parts.invariants["account_numbers"]!(ctx)).toBeUndefined();
  return { module, ctx, auth: module.api, holds };
}

test("genesis gives every module account a number of its own, from 1", () => {
  const { ctx, auth, holds } = started();
  const numbers = ["escrow", "fee_collector"].map((name) => auth.get(ctx, addressToString(moduleAddress(name))).accountNumber);
  expect(numbers).toEqual([1n, 2n]);
  holds();
});

test("ensure creates once and numbers in order", () => {
  const { ctx, auth, holds } = started();
  for (const name of ["alice", "bob", "alice"]) auth.ensure(ctx, address(name));
  expect([auth.get(ctx, address("alice")).accountNumber, auth.get(ctx, address("bob")).accountNumber]).toEqual([3n, 4n]);
  expect(auth.find(ctx, address("carol"))).toBeUndefined();
  expect(() => auth.get(ctx, address("carol"))).toThrow(expect.objectContaining({ codespace: "sdk", code: 9 }));
  holds();
});

test("the invariant sees a shared number, a number not given out, and an account under a foreign key", () => {
  for (const bad of [{ address: address("bob"), accountNumber: 1n }, { address: address("bob"), accountNumber: 99n }, { address: address("bob"), accountNumber: 0n }]) {
    const { module, ctx, auth } = started();
    auth.save(ctx, create(BaseAccountSchema, bad));
    expect(module.parts.invariants["account_numbers"]!(ctx)).toEqual(expect.any(String));
  }
});

describe("parameters", () => {
  const update = (over: object, authority = AUTHORITY) => {
    const { module, ctx, auth } = started();
    const message = create(MsgUpdateParamsSchema, { authority, params: { ...auth.params(ctx), ...over } }) as never;
    module.parts.validate["updateParams"]!(message);
    module.parts.msgs["updateParams"]!(ctx, message);
    return auth.params(ctx);
  };

  test("are replaced whole by the authority", () => {
    expect(update({ txSigLimit: 9n }).txSigLimit).toBe(9n);
  });

  test.each([
    ["somebody else", () => update({}, address("alice")), 4],
    ["no signature allowed", () => update({ txSigLimit: 0n }), 18],
    ["free bytes", () => update({ txSizeCostPerByte: 0n }), 18],
    ["2^64-1 per byte", () => update({ txSizeCostPerByte: (1n << 64n) - 1n }), 18],
    ["free signatures", () => update({ sigVerifyCostSecp256k1: 0n }), 18],
    ["a memo of 2^64-1", () => update({ maxMemoCharacters: (1n << 64n) - 1n }), 18],
    ["no parameters", () => { const { module } = started(); return module.parts.validate["updateParams"]!(create(MsgUpdateParamsSchema, { authority: AUTHORITY }) as never); }, 18],
  ])("%s is refused", (_name, work, code) => {
    expect(work).toThrow(expect.objectContaining({ codespace: "sdk", code }));
  });
});

test("export of an imported export is the same, numbers not in order of address included", () => {
  const { module, ctx, auth } = started();
  for (const name of ["zoe", "alice", "mallory"]) auth.ensure(ctx, address(name));
  const exported = create(GenesisStateSchema, module.parts.genesis.export(ctx));
  const again = build();
  const fresh = execCtx();
  again.parts.genesis.validate(exported as never);
  again.parts.genesis.init(fresh, exported as never);
  expect(create(GenesisStateSchema, again.parts.genesis.export(fresh))).toEqual(exported);
  again.api.ensure(fresh, address("next"));
  expect(again.api.get(fresh, address("next")).accountNumber).toBe(6n);
});
