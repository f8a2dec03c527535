import { type DescMessage, type Message, type MessageInitShape, type MessageShape, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Check, ExecCtx, ReadCtx } from "../context.js";
import { sdkErr } from "../errors.js";
import { type AppModule, methodsOf } from "../module/index.js";
import { type SignersOf, signersOf } from "./signers.js";

/** How the application treats one message type. */
export interface MessageRoute {
  /** "/cosmos.bank.v1beta1.MsgSend". */
  readonly typeUrl: string;
  readonly module: string;
  readonly desc: DescMessage;
  readonly responseTypeUrl: string;
  readonly signers: SignersOf;
  /** Stateless; throws SdkError. */
  validate(message: Message): undefined;
  checks(message: Message): Check[];
  /** Returns the response, encoded. */
  execute(ctx: ExecCtx, message: Message): Uint8Array;
}

/** Type URL → module handler. */
export class MessageRouter {
  readonly #routes = new Map<string, MessageRoute>();
  readonly #responses = new Map<string, DescMessage>();
  constructor(modules: readonly AppModule[]) {
    for (const module of modules) {
      for (const [name, { input, output }] of methodsOf(module.services.msg)) {
        this.#add(messageRoute(module, name, input, output));
        this.#responses.set(`/${output.typeName}`, output);
      }
    }
  }

  get routes(): readonly MessageRoute[] {
    return [...this.#routes.values()];
  }

  /** Schema of the response of that type URL. */
  responseType(typeUrl: string): DescMessage | undefined {
    return this.#responses.get(typeUrl);
  }

  find(typeUrl: string): MessageRoute {
    const route = this.#routes.get(typeUrl);
    if (!route) throw sdkErr.UnknownRequest(`no handler for message ${typeUrl}`);
    return route;
  }

  #add(route: MessageRoute): void {
    if (this.#routes.has(route.typeUrl)) throw new Error(`message ${route.typeUrl} has two handlers`);
    this.#routes.set(route.typeUrl, route);
  }
}

type AnyMessage = never;

function messageRoute(module: AppModule, name: string, input: DescMessage, output: DescMessage): MessageRoute {
  const handler = module.parts.msgs[name];
  const validate = module.parts.validate[name];
  if (!handler || !validate) throw new Error(`${module.name}: message ${name} needs a handler and a validator`);
  const checks = module.parts.checks[name];
  return {
    typeUrl: `/${input.typeName}`,
    module: module.name,
    desc: input,
    responseTypeUrl: `/${output.typeName}`,
    signers: signersOf(input),
    validate: (message) => validate(message as AnyMessage),
    checks: (message) => checks?.(message as AnyMessage) ?? [],
    execute(ctx, message) {
      const response = handler(ctx, message as AnyMessage);
      return toBinary(output, create(output, response as MessageInitShape<DescMessage>));
    },
  };
}

/** Answers one query: protobuf in, protobuf out. */
export type QueryRoute = (ctx: ReadCtx, data: Uint8Array) => Uint8Array;

/** "/package.Query/Method" → module handler. */
export class QueryRouter {
  readonly #routes = new Map<string, QueryRoute>();
  constructor(modules: readonly AppModule[]) {
    for (const module of modules) {
      for (const [name, method] of methodsOf(module.services.query)) {
        const handler = module.parts.queries[name];
        if (!handler) throw new Error(`${module.name}: query ${name} has no handler`);
        this.#routes.set(`/${method.parent.typeName}/${method.name}`, (ctx, data) => {
          const response = handler(ctx, decodeRequest(method.input, data) as AnyMessage);
          return toBinary(method.output, create(method.output, response as MessageInitShape<DescMessage>));
        });
      }
    }
  }

  get paths(): readonly string[] {
    return [...this.#routes.keys()];
  }

  find(path: string): QueryRoute | undefined {
    return this.#routes.get(path);
  }
}

/** Requests are not consensus: unknown fields of a newer client are ignored; malformed bytes are the caller's error. */
export function decodeRequest<D extends DescMessage>(desc: D, data: Uint8Array): MessageShape<D> {
  try {
    return fromBinary(desc, data);
  } catch {
    throw sdkErr.InvalidRequest(`the request is not a valid ${desc.typeName}`);
  }
}
