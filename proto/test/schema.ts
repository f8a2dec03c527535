import { readFileSync } from "node:fs";
import { type DescFile, type DescMessage, type DescService, fromBinary, getOption } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { service as msgService } from "nild/gen/cosmos/msg/v1/msg_pb.js";

/** Every generated file of protobuf-es, found through the schema image. */
export async function generatedFiles(): Promise<DescFile[]> {
  const image = fromBinary(FileDescriptorSetSchema, readFileSync("gen/image.binpb"));
  const files: DescFile[] = [];
  for (const { name } of image.file) {
    if (name.startsWith("google/protobuf/")) continue;
    const module = (await import(`nild/gen/${name.replace(/\.proto$/, "")}_pb.js`)) as Record<string, unknown>;
    files.push(...Object.values(module).filter(isFile));
  }
  return files;
}

function isFile(value: unknown): value is DescFile {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file";
}

/** Messages of a file, nested ones too. */
export function messagesOf(file: DescFile): DescMessage[] {
  const all = [...file.messages];
  for (const each of all) all.push(...each.nestedMessages.filter((inner) => !inner.proto.options?.mapEntry));
  return all;
}

/** Services whose requests travel in transactions. */
export function msgServices(file: DescFile): DescService[] {
  return file.services.filter((service) => getOption(service, msgService));
}

/** The name under which plain-object code exports a message: nested names joined by "_". */
export function exportName(desc: DescMessage): string {
  return desc.typeName.slice(desc.file.proto.package.length + 1).replaceAll(".", "_");
}
