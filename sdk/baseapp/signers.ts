import { type DescMessage, type Message, getOption } from "@bufbuild/protobuf";
import { signer as signerOption } from "nild/gen/cosmos/msg/v1/msg_pb.js";

/** The addresses that must sign a message, in signing order, repetitions kept. */
export type SignersOf = (message: Message) => string[];

/** Nesting of signer fields through messages: MsgMultiSend → Input → address. */
const MAX_DEPTH = 3;

/** Reads the `cosmos.msg.v1.signer` option once; throws at construction if a message names no usable field. */
export function signersOf(desc: DescMessage, depth = 0): SignersOf {
  const names = getOption(desc, signerOption);
  if (names.length === 0 || depth > MAX_DEPTH) throw new Error(`${desc.typeName}: cosmos.msg.v1.signer names no field`);
  const readers = names.map((name) => fieldSigners(desc, name, depth));
  return (message) => readers.flatMap((read) => read(message));
}

function fieldSigners(desc: DescMessage, name: string, depth: number): SignersOf {
  const field = desc.fields.find((each) => each.name === name);
  if (!field) throw new Error(`${desc.typeName}: signer field ${name} does not exist`);
  const local = field.localName;
  const valueOf = (message: Message): unknown => (message as unknown as Record<string, unknown>)[local];
  if (field.fieldKind === "scalar") return (message) => [valueOf(message) as string];
  if (field.fieldKind === "list" && field.listKind === "scalar") return (message) => valueOf(message) as string[];
  if (field.fieldKind === "list" && field.listKind === "message") {
    const inner = signersOf(field.message, depth + 1);
    return (message) => (valueOf(message) as Message[]).flatMap(inner);
  }
  if (field.fieldKind === "message") {
    const inner = signersOf(field.message, depth + 1);
    return (message) => {
      const value = valueOf(message) as Message | undefined;
      return value === undefined ? [] : inner(value);
    };
  }
  throw new Error(`${desc.typeName}: signer field ${name} holds no address`);
}
