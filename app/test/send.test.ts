import { MsgSendSchema } from "nild/gen/cosmos/bank/v1beta1/tx_pb.js";
import { Query } from "nild/gen/cosmos/bank/v1beta1/query_pb.js";
import { testAccount } from "nild/testing";
import { chain, unil } from "./chain.js";

describe("a signed send", () => {
  test("moves coins, takes the fee, bumps the sequence", async () => {
    const nild = await chain({ alice: 1_000_000n });
    const bob = testAccount("bob").address;
    const result = await nild.run(MsgSendSchema, { fromAddress: testAccount("alice").address, toAddress: bob, amount: unil(400n) }, { from: "alice" });
    expect([result.codespace, result.code, result.log]).toEqual(["", 0, ""]);
    expect(nild.query(Query.method.balance, { address: bob, denom: "unil" }).balance?.amount).toBe("400");
    expect(nild.query(Query.method.balance, { address: testAccount("alice").address, denom: "unil" }).balance?.amount).toBe("998600");
    console.log(result.gasUsed, result.events.map((e) => e.type + " " + e.attributes.map((a) => `${a.key}=${a.value}`).join(" ")).join("\n"));
  });
});
