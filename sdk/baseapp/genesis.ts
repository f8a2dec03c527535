import { type DescMessage, type Message, type MessageInitShape, create } from "@bufbuild/protobuf";
import { ROLE, type TypeRegistry } from "../codec/index.js";
import type { ExecCtx, ReadCtx } from "../context.js";
import { SdkError, sdkErr } from "../errors.js";
import { type AnyTypes, JsonError, type JsonNode, messageFromJson, messageToJson, parseJson, writeJson } from "../json/index.js";
import type { AppModule } from "../module/index.js";

/** Every module's genesis message, by module name. */
export type AppGenesis = ReadonlyMap<string, Message>;

/**
 * Reads app_state strictly and validates each section. A module without a section gets its default. Throws SdkError
 * with the JSON path: sdk/17 for form, the module's own code for content.
 */
export function parseGenesis(appState: Uint8Array, modules: readonly AppModule[], types: AnyTypes): AppGenesis {
  try {
    const document = parseJson(appState);
    if (document.kind !== "object") throw new JsonError("", "expected an object");
    const known = new Map(modules.map((module) => [module.name, module]));
    for (const section of document.fields.keys()) {
      if (!known.has(section)) throw new JsonError(section, "unknown section");
    }
    return new Map(modules.map((module) => [module.name, sectionOf(module, document.fields.get(module.name), types)]));
  } catch (error) {
    if (error instanceof JsonError) throw sdkErr.JsonUnmarshal(`genesis app_state: ${error.message}`);
    throw error;
  }
}

function sectionOf(module: AppModule, node: JsonNode | undefined, types: AnyTypes): Message {
  const { genesis } = module.parts;
  const section = node ? messageFromJson(module.genesisSchema, node, module.name, types) : defaultOf(module);
  try {
    genesis.validate(section as never);
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    const { codespace, code, condition, detail } = error;
    throw new SdkError(codespace, code, condition, detail.startsWith(module.name) ? detail : `${module.name}: ${detail}`);
  }
  return section;
}

function defaultOf(module: AppModule): Message {
  return create(module.genesisSchema, module.parts.genesis.default() as MessageInitShape<DescMessage>);
}

export function initModules(ctx: ExecCtx, genesis: AppGenesis, ordered: readonly AppModule[]): undefined {
  for (const module of ordered) module.parts.genesis.init(ctx, genesis.get(module.name)! as never);
}

/** app_state as JSON: sections sorted by name, fields in schema order, so equal states give equal bytes. */
export function exportModules(ctx: ReadCtx, ordered: readonly AppModule[], types: AnyTypes): string {
  const exported = ordered.map((module): [string, Message] => {
    return [module.name, create(module.genesisSchema, module.parts.genesis.export(ctx) as MessageInitShape<DescMessage>)];
  });
  return genesisToJson(new Map(exported), ordered, types);
}

/** Every module's default genesis, the starting point of `init`. */
export function defaultGenesis(modules: readonly AppModule[]): AppGenesis {
  return new Map(modules.map((module) => [module.name, defaultOf(module)]));
}

/** app_state JSON of given sections. */
export function genesisToJson(genesis: AppGenesis, modules: readonly AppModule[], types: AnyTypes): string {
  return writeSections(modules.map((module) => [module.name, messageToJson(module.genesisSchema, genesis.get(module.name)!, types)]));
}

/** Types that an Any in genesis or in a JSON answer may hold. */
export function anyTypes(registry: TypeRegistry): AnyTypes {
  return (typeUrl) => registry.find(ROLE.Account, typeUrl) ?? registry.find(ROLE.PubKey, typeUrl) ?? registry.find(ROLE.Msg, typeUrl);
}

function writeSections(sections: [string, JsonNode][]): string {
  sections.sort(([a], [b]) => (a < b ? -1 : 1));
  return writeJson({ kind: "object", fields: new Map(sections) });
}
