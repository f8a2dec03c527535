import { readFileSync } from "node:fs";
import { type DescField, type DescMessage, type DescMethod, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/**
 * The schema's comments: generated code has none, so help texts and the reference read them from the image that the
 * build makes (gen/image.binpb).
 */
export class Comments {
  readonly #byFile = new Map<string, Map<string, string>>();

  static load(image = new URL("../../gen/image.binpb", import.meta.url)): Comments {
    const comments = new Comments();
    for (const file of fromBinary(FileDescriptorSetSchema, readFileSync(image)).file) comments.#add(file);
    return comments;
  }

  #add(file: FileDescriptorProto): void {
    const texts = new Map<string, string>();
    for (const { path, leadingComments } of file.sourceCodeInfo?.location ?? []) {
      const text = leadingComments?.trim().replace(/\s*\n\s*/g, " ");
      if (text) texts.set(path.join("."), text);
    }
    this.#byFile.set(file.name ?? "", texts);
  }

  method(method: DescMethod): string {
    const service = method.parent;
    return this.#find(service.file.proto.name, [6, service.file.services.indexOf(service), 2, service.methods.indexOf(method)]);
  }

  message(message: DescMessage): string {
    return this.#find(message.file.proto.name, [4, message.file.messages.indexOf(message)]);
  }

  field(field: DescField): string {
    const message = field.parent;
    return this.#find(message.file.proto.name, [4, message.file.messages.indexOf(message), 2, message.fields.indexOf(field)]);
  }

  #find(file: string | undefined, path: number[]): string {
    return this.#byFile.get(file ?? "")?.get(path.join(".")) ?? "";
  }
}
