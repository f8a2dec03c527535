import { type DescField, type DescMessage, type Message, getOption, toBinary } from "@bufbuild/protobuf";
import { name as aminoName } from "nild/gen/amino/amino_pb.js";
import { signer } from "nild/gen/cosmos/msg/v1/msg_pb.js";
import { TypeRegistry } from "nild/sdk";
import { Random, randomMessage } from "./random_message.js";
import { exportName, generatedFiles, messagesOf, msgServices } from "./schema.js";

interface PlainType {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  fromPartial(message: unknown): unknown;
}

/** A protobuf-es message as ts-proto has it: oneof members side by side, no type names. */
function plain(desc: DescMessage, message: Message): Record<string, unknown> {
  const from = message as unknown as Record<string, unknown>;
  const to: Record<string, unknown> = {};
  const value = (field: DescField, each: unknown) => (field.message ? plain(field.message, each as Message) : each);
  for (const field of desc.fields) {
    if (field.oneof) {
      const chosen = from[field.oneof.localName] as { case?: string; value?: unknown };
      if (chosen.case === field.localName) to[field.localName] = value(field, chosen.value);
    } else if (field.fieldKind === "list") {
      to[field.localName] = (from[field.localName] as unknown[]).map((each) => value(field, each));
    } else if (from[field.localName] !== undefined) {
      to[field.localName] = value(field, from[field.localName]);
    }
  }
  return to;
}

const files = await generatedFiles();
const services = files.flatMap(msgServices);
const requests = services.flatMap((service) => service.methods.map((method) => method.input));
const responses = services.flatMap((service) => service.methods.map((method) => method.output));
const ours = files.filter((file) => file.name.startsWith("nil/")).flatMap(messagesOf);

async function plainType(desc: DescMessage): Promise<PlainType> {
  const module = (await import(`nild/gen/ts-proto/${desc.file.name}.js`)) as Record<string, PlainType>;
  return module[exportName(desc)]!;
}

const everything = [...new Set([...requests, ...responses, ...ours])];
const cases: [string, DescMessage, PlainType][] = [];
for (const desc of everything) cases.push([desc.typeName, desc, await plainType(desc)]);

describe("protobuf-es, ts-proto and the strict codec", () => {
  it("find the transaction messages through the descriptors", () => {
    const names = requests.map((desc) => desc.typeName);
    expect(names).toContain("cosmos.bank.v1beta1.MsgSend");
    expect(names.some((name) => name.startsWith("nil."))).toBe(true);
  });

  it.each(cases)("%s: the same bytes from all three", (_, desc, type) => {
    const codec = new TypeRegistry().codec(desc);
    const random = new Random(desc.typeName.length * 7919 + desc.fields.length);
    for (let round = 0; round < 20; round++) {
      const message = randomMessage(desc, random, { complete: round % 2 === 0 });
      const bytes = Buffer.from(toBinary(desc, message)).toString("hex");
      expect(Buffer.from(type.encode(type.fromPartial(plain(desc, message))).finish()).toString("hex")).toBe(bytes);
      expect(Buffer.from(codec.encode(message)).toString("hex")).toBe(bytes);
      expect(codec.decode(Buffer.from(bytes, "hex"))).toEqual(message);
    }
  });
});

describe("every transaction message", () => {
  it.each(requests.map((desc) => [desc.typeName, desc] as const))("%s names its signer and a short Amino name", (_, desc) => {
    expect(getOption(desc, signer).length).toBeGreaterThan(0);
    const name = getOption(desc, aminoName);
    expect(name).not.toBe("");
    expect(name.length).toBeLessThan(40);
    if (desc.typeName.startsWith("nil.")) expect(name).toMatch(/^nild\/([a-z0-9]+\/)?Msg[A-Z]/);
  });

  it("has an Amino name of its own", () => {
    const names = requests.map((desc) => getOption(desc, aminoName));
    expect(new Set(names).size).toBe(names.length);
  });
});
