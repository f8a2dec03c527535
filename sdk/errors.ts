/**
 * Errors of the state machine. Only codespace and code enter results; `detail` is for the person who reads the log.
 * Three kinds of throw: an SdkError fails the message with its code; any other exception fails it as
 * internal (undefined/1) and is counted; stack overflow or a failed allocation stops the node.
 */
export class SdkError extends Error {
  override readonly name = "SdkError";
  constructor(
    readonly codespace: string,
    readonly code: number,
    /** The registered name of the condition, e.g. "InsufficientFunds". */
    readonly condition: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

export type ErrorSet<E extends Record<string, number>> = { readonly [K in keyof E]: (detail: string) => SdkError };

/**
 * Declares a codespace: `errorSet("vault", { NotFound: 2 })` gives `err.NotFound(detail)`.
 * Codes are append-only and start at 2 (1 is internal) in our own codespaces.
 */
export function errorSet<const E extends Record<string, number>>(codespace: string, codes: E): ErrorSet<E> {
  const seen = new Set<number>();
  const set: Record<string, (detail: string) => SdkError> = {};
  for (const [condition, code] of Object.entries(codes)) {
    if (!Number.isSafeInteger(code) || code < 1 || seen.has(code)) {
      throw new Error(`codespace ${codespace}: code ${code} of ${condition} is not a fresh positive integer`);
    }
    seen.add(code);
    set[condition] = (detail) => new SdkError(codespace, code, condition, detail);
  }
  return set as ErrorSet<E>;
}

/** The SDK's own codespace; numbers as clients of this ecosystem know them. */
export const SDK_CODES = {
  TxDecode: 2,
  InvalidSequence: 3,
  Unauthorized: 4,
  InsufficientFunds: 5,
  UnknownRequest: 6,
  InvalidAddress: 7,
  InvalidPubKey: 8,
  UnknownAddress: 9,
  InvalidCoins: 10,
  OutOfGas: 11,
  MemoTooLarge: 12,
  InsufficientFee: 13,
  TooManySignatures: 14,
  NoSignatures: 15,
  JsonMarshal: 16,
  JsonUnmarshal: 17,
  InvalidRequest: 18,
  TxInMempoolCache: 19,
  MempoolIsFull: 20,
  TxTooLarge: 21,
  KeyNotFound: 22,
  WrongPassword: 23,
  InvalidHeight: 26,
  InvalidChainId: 28,
  TxTimeoutHeight: 30,
  UnknownExtensionOptions: 31,
  WrongSequence: 32,
  NotSupported: 37,
  NotFound: 38,
  InvalidGasLimit: 41,
  TxTimeout: 42,
} as const;

export const sdkErr = errorSet("sdk", SDK_CODES);

/** An exception that must stop the node rather than fail one message (out of memory, stack overflow, store faults). */
export function isFatal(error: unknown): boolean {
  if (error instanceof SdkError || typeof error !== "object" || error === null) return false;
  // By name: an engine's error may belong to another realm, where instanceof says no.
  const { name, message, fatal } = error as { name?: unknown; message?: unknown; fatal?: unknown };
  if (name === "RangeError") return /call stack|allocation failed|Invalid array length/i.test(String(message));
  return fatal === true;
}
