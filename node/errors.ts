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

/** The code of a system or library error ("EEXIST", "LEVEL_LOCKED"), if it has one. By shape: errors may come from another realm. */
export function errnoOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}
