import type { ExecCtx } from "../context.js";

/** A listener throws to fail the message that raised the event; it returns undefined, never void. */
export type Listener<T> = (ctx: ExecCtx, event: T) => undefined;

/** What flows upward between modules: made in app.ts, handed to the lower module, sealed once with its listeners. */
export interface HookPoint<T> {
  /** Runs the listeners in their sealed order. Throws if called before sealing. */
  fire(ctx: ExecCtx, event: T): undefined;
  seal(...listeners: Listener<T>[]): undefined;
}

export function hookPoint<T>(name: string): HookPoint<T> {
  let sealed: readonly Listener<T>[] | undefined;
  return {
    fire(ctx, event) {
      if (!sealed) throw new Error(`hook ${name} fired before it was sealed`);
      for (const listener of sealed) listener(ctx, event);
    },
    seal(...listeners) {
      if (sealed) throw new Error(`hook ${name} is sealed already`);
      sealed = listeners;
    },
  };
}
