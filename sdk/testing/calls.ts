import { type DescMessage, type DescMethod, type MessageInitShape, type MessageShape, create } from "@bufbuild/protobuf";
import type { ExecCtx, ReadCtx } from "../context.js";
import type { AppModule } from "../module/index.js";

type Rpc<D extends DescMessage, R extends DescMessage> = DescMethod & { input: D; output: R };

/**
 * One message as the router hands it to a module: stateless checks, then the handler in a branch of its own. No ante, no
 * signatures, no application. Throws the module's SdkError; then nothing was written.
 */
export function callMsg<D extends DescMessage, R extends DescMessage>(module: AppModule, ctx: ExecCtx, method: Rpc<D, R>, init: MessageInitShape<D>): MessageShape<R> {
  const msg = create(method.input, init) as never;
  module.parts.validate[method.localName]!(msg);
  const outcome = ctx.isolated((branch) => module.parts.msgs[method.localName]!(branch, msg));
  if (!outcome.ok) throw outcome.error;
  return create(method.output, outcome.value as MessageInitShape<R>);
}

/** One query, as `callMsg`. */
export function callQuery<D extends DescMessage, R extends DescMessage>(module: AppModule, ctx: ReadCtx, method: Rpc<D, R>, init: MessageInitShape<D>): MessageShape<R> {
  return create(method.output, module.parts.queries[method.localName]!(ctx, create(method.input, init) as never) as MessageInitShape<R>);
}
