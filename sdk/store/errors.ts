/** Stable codes of what can go wrong beneath the modules. */
export type StoreErrorCode =
  | "empty_key"
  | "empty_value"
  | "unknown_store"
  | "unknown_version"
  | "unprovable"
  | "bad_name"
  | "reserved_key"
  | "busy"
  | "broken"
  | "corrupt";

/** Codes after which this process must not go on from what it holds. */
const FATAL: ReadonlySet<StoreErrorCode> = new Set<StoreErrorCode>(["broken", "corrupt"]);

export class StoreError extends Error {
  override readonly name: string = "StoreError";
  /** The node stops on a fatal error instead of failing one message (see isFatal). */
  readonly fatal: boolean;
  constructor(
    readonly code: StoreErrorCode,
    detail: string,
    options?: { cause: unknown },
  ) {
    super(detail, options);
    this.fatal = FATAL.has(code);
  }
}

/** What the database returned is not what was written. Nothing read through it can be trusted. */
export class CorruptionError extends StoreError {
  override readonly name = "CorruptionError";
  constructor(detail: string) {
    super("corrupt", `${detail}; restore this node's database from a backup or a peer`);
  }
}
