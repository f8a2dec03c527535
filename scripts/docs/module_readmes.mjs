// Every module's README names what the code has: collections, messages, queries, events, errors, parameters, invariants.
import { existsSync, readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { allModules } from "../../dist/app/index.js";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync("gen/image.binpb")));

export function readmeFaults() {
  return allModules().flatMap((module) => {
    const path = `x/${module.name}/README.md`;
    if (!existsSync(path)) return [];
    const readme = readFileSync(path, "utf8");
    const row = (...cells) => new RegExp(`^\\| *${cells.map((cell) => `\`?${String(cell).replace("/", "\\/")}\`?`).join(" *\\| *")}\\b`, "m");
    const says = (word) => new RegExp(`\\b${word}\\b`).test(readme);
    const pkg = module.genesisSchema.file.proto.package;
    const messages = [...registry].filter((type) => type.kind === "message" && type.file.proto.package === pkg);
    const missing = [
      ...module.collections.filter(({ kind }) => kind !== "index").filter(({ prefix, name }) => !row(prefix, name).test(readme)).map(({ prefix, name }) => `state row | ${prefix} | ${name} |`),
      ...module.collections.filter(({ kind }) => kind === "index").filter(({ prefix }) => !row(prefix).test(readme)).map(({ prefix, name }) => `state row of index | ${prefix} | (${name})`),
      ...Object.entries(module.errors).filter(([name, code]) => !row(code, name).test(readme)).map(([name, code]) => `error row | ${code} | ${name} |`),
      ...[module.services.msg, module.services.query].flatMap(({ methods }) => methods.map(({ name }) => name)).filter((name) => !says(name) && !says(`Msg${name}`)).map((name) => `rpc ${name}`),
      ...messages.map(({ name }) => name).filter((name) => name.startsWith("Event") && !says(name)).map((name) => `event ${name}`),
      ...messages.filter(({ name }) => name === "Params").flatMap(({ fields }) => fields.map(({ name }) => name)).filter((name) => !says(name)).map((name) => `parameter ${name}`),
      ...Object.keys(module.parts.invariants).filter((name) => !says(name)).map((name) => `invariant ${name}`),
    ];
    return missing.map((what) => `${path}: names no ${what}`);
  });
}
