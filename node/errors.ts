/**
 * A fault of the node or of what its operator gave it. `code` is stable ("config.unknown_key"); the message says what
 * was wrong and where; `hint` says what to do.
 */
export class NodeError extends Error {
  override readonly name = "NodeError";
  constructor(
    readonly code: string,
    message: string,
    readonly hint?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The errno name of a system error ("EEXIST"), if it is one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
