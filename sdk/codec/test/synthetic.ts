import { type DescMessage, create, createFileRegistry, setExtension } from "@bufbuild/protobuf";
import {
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
} from "@bufbuild/protobuf/wkt";
import { accepts_interface as acceptsInterface, file_cosmos_proto_cosmos } from "nild/gen/cosmos_proto/cosmos_pb.js";

/*
 * Message types that our schema does not have, built from descriptors: every scalar, packed and optional fields, Anys
 * inside messages, and kinds that have no canonical form.
 */

interface Extra {
  repeated?: boolean;
  packed?: boolean;
  optional?: number;
  oneof?: number;
  typeName?: string;
  role?: string;
}

function field(name: string, number: number, type: Type, extra: Extra = {}): FieldDescriptorProto {
  const options = create(FieldOptionsSchema, extra.packed === undefined ? {} : { packed: extra.packed });
  if (extra.role !== undefined) setExtension(options, acceptsInterface, extra.role);
  return create(FieldDescriptorProtoSchema, {
    name,
    number,
    type,
    label: extra.repeated ? Label.REPEATED : Label.OPTIONAL,
    options,
    ...(extra.typeName === undefined ? {} : { typeName: extra.typeName }),
    ...(extra.optional === undefined ? {} : { proto3Optional: true, oneofIndex: extra.optional }),
    ...(extra.oneof === undefined ? {} : { oneofIndex: extra.oneof }),
  });
}

const SCALARS: [string, Type][] = [
  ["int64", Type.INT64], ["uint64", Type.UINT64], ["int32", Type.INT32], ["fixed64", Type.FIXED64], ["fixed32", Type.FIXED32],
  ["bool", Type.BOOL], ["string", Type.STRING], ["bytes", Type.BYTES], ["uint32", Type.UINT32], ["sfixed32", Type.SFIXED32],
  ["sfixed64", Type.SFIXED64], ["sint32", Type.SINT32], ["sint64", Type.SINT64],
];
const PACKABLE = SCALARS.filter(([name]) => name !== "string" && name !== "bytes");
const ANY = ".google.protobuf.Any";

const schema = create(FileDescriptorProtoSchema, {
  name: "test/synthetic.proto",
  package: "test",
  syntax: "proto3",
  dependency: ["google/protobuf/any.proto", "cosmos_proto/cosmos.proto"],
  messageType: [
    { name: "Scalars", field: SCALARS.map(([name, type], i) => field(`f_${name}`, i + 1, type)) },
    // Declared in descending order, written in ascending order.
    { name: "Lists", field: SCALARS.map(([name, type], i) => field(`f_${name}`, 100 - i, type, { repeated: true })) },
    { name: "Unpacked", field: PACKABLE.map(([name, type], i) => field(`f_${name}`, i + 1, type, { repeated: true, packed: false })) },
    {
      name: "Optionals",
      field: SCALARS.map(([name, type], i) => field(`f_${name}`, i + 1, type, { optional: i })),
      oneofDecl: SCALARS.map(([name]) => ({ name: `_f_${name}` })),
    },
    {
      name: "Choice",
      field: [
        field("number", 1, Type.UINT64, { oneof: 0 }),
        field("between", 2, Type.STRING),
        field("words", 3, Type.STRING, { oneof: 0 }),
        field("self", 4, Type.MESSAGE, { oneof: 0, typeName: ".test.Choice" }),
      ],
      oneofDecl: [{ name: "choice" }],
    },
    { name: "Wrap", field: [field("msgs", 1, Type.MESSAGE, { repeated: true, typeName: ANY, role: "cosmos.base.v1beta1.Msg" })] },
    { name: "Loose", field: [field("anything", 1, Type.MESSAGE, { typeName: ANY })] },
    { name: "HoldsLoose", field: [field("loose", 1, Type.MESSAGE, { typeName: ".test.Loose" })] },
    { name: "Double", field: [field("value", 1, Type.DOUBLE)] },
    { name: "HoldsDouble", field: [field("inner", 1, Type.MESSAGE, { repeated: true, typeName: ".test.Double" })] },
    {
      name: "Mapped",
      field: [field("entries", 1, Type.MESSAGE, { repeated: true, typeName: ".test.Mapped.EntriesEntry" })],
      nestedType: [{ name: "EntriesEntry", field: [field("key", 1, Type.STRING), field("value", 2, Type.STRING)], options: { mapEntry: true } }],
    },
  ],
});

const types = createFileRegistry(schema, (name) =>
  name === "google/protobuf/any.proto" ? file_google_protobuf_any.proto : name === "cosmos_proto/cosmos.proto" ? file_cosmos_proto_cosmos.proto : file_cosmos_proto_cosmos.dependencies[0]!.proto,
);

export function synthetic(name: string): DescMessage {
  const desc = types.getMessage(`test.${name}`);
  if (!desc) throw new Error(`no message test.${name}`);
  return desc;
}
