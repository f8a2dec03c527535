import { type DescMessage, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { BaseAccountSchema } from "nild/gen/cosmos/auth/v1beta1/auth_pb.js";
import { PubKeySchema } from "nild/gen/cosmos/crypto/secp256k1/keys_pb.js";
import { ROLE, standardRegistry } from "nild/sdk";
import { Random, randomMessage } from "./random_message.js";
import { exportName, generatedFiles, messagesOf } from "./schema.js";

interface CosmjsType {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

/** Younger than cosmjs-types 0.10: its decoder would drop them. */
const YOUNGER_FIELDS = new Set(["cosmos.tx.v1beta1.TxBody.unordered", "cosmos.tx.v1beta1.TxBody.timeout_timestamp"]);
/** Only validators and light clients need these. */
const NOT_IN_COSMJS = ["BlockID", "PartSetHeader", "Proposal", "Vote", "VoteExtension"].map((name) => `tendermint.types.Canonical${name}`);
/** Its writer truncates 64-bit varints of this range (a loop compares a signed low half); its reader is right. */
const miswritten = (value: bigint) => value >= 1n << 31n && value < 1n << 32n;
const ROUNDS = 12;

async function cosmjsModule(proto: string): Promise<Record<string, CosmjsType> | undefined> {
  try {
    return (await import(`cosmjs-types/${proto}.js`)) as Record<string, CosmjsType>;
  } catch {
    return undefined;
  }
}

const files = (await generatedFiles()).filter((file) => /^(cosmos|tendermint)\//.test(file.name));
const cases: [string, DescMessage, CosmjsType][] = [];
const missing: string[] = [];
for (const file of files) {
  const messages = messagesOf(file);
  if (messages.length === 0) continue;
  const module = await cosmjsModule(file.name);
  for (const desc of messages) {
    const type = module?.[exportName(desc)];
    if (type) cases.push([desc.typeName, desc, type]);
    else missing.push(desc.typeName);
  }
}

describe("the cosmos and tendermint subset against cosmjs-types", () => {
  it("knows which messages it cannot compare", () => {
    expect(missing).toEqual(NOT_IN_COSMJS);
  });

  it.each(cases)("%s crosses both ways unchanged", (typeName, desc, theirs) => {
    const codec = standardRegistry().codec(desc);
    let seed = 0;
    for (const letter of typeName) seed = (seed * 31 + letter.charCodeAt(0)) | 0;
    const random = new Random(seed);
    const any = (role: string): Any => {
      const held = role === ROLE.PubKey ? PubKeySchema : BaseAccountSchema;
      return create(AnySchema, { typeUrl: `/${held.typeName}`, value: toBinary(held, randomMessage(held, random, { complete: false, any })) });
    };
    for (let round = 0; round < ROUNDS; round++) {
      const message = randomMessage(desc, random, { complete: true, without: YOUNGER_FIELDS, avoid: miswritten, any });
      const ours = toBinary(desc, message);
      const back = theirs.encode(theirs.decode(ours)).finish();
      expect(Buffer.from(back).toString("hex")).toBe(Buffer.from(ours).toString("hex"));
      expect(fromBinary(desc, back)).toEqual(message);
      expect(codec.decode(back)).toEqual(message);
    }
  });
});
