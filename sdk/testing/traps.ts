/**
 * While `work` runs, whatever would make a state transition depend on its host throws instead: clock, randomness,
 * timers, network, environment, locale. Not an SdkError, so under test it ends the run.
 */
export function trapped<T>(work: () => T): T {
  const restore = TRAPS.map(({ owner, name }) => setTrap(owner, name));
  try {
    return work();
  } finally {
    for (const undo of restore) undo();
  }
}

export class TrapError extends Error {
  readonly fatal = true;
}

type Owner = Record<string, unknown>;
const globals = globalThis as unknown as Owner;
const of = (value: unknown): Owner => value as Owner;

const TRAPS: readonly { owner: Owner; name: string }[] = [
  { owner: of(Date), name: "now" },
  { owner: of(Math), name: "random" },
  { owner: of(performance), name: "now" },
  { owner: of(String.prototype), name: "localeCompare" },
  { owner: of(Number.prototype), name: "toLocaleString" },
  { owner: of(BigInt.prototype), name: "toLocaleString" },
  { owner: of(Promise.prototype), name: "then" },
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch", "Date"].map((name) => ({ owner: globals, name })),
  { owner: of(process), name: "env" },
];

function setTrap(owner: Owner, name: string): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    configurable: true,
    get() {
      throw new TrapError(`a state transition may not use ${name}`);
    },
  });
  return () => {
    if (before) Object.defineProperty(owner, name, before);
    else delete owner[name];
  };
}
