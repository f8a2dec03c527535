import { Code, ConnectError } from "@connectrpc/connect";

/** Stable codes of what a client can meet besides a refused transaction. Append only; match on them, never on the text. */
export type ClientErrorCode =
  | "unreachable"
  | "timed_out"
  | "not_found"
  | "rpc_failed"
  | "bad_response"
  | "bad_endpoint"
  | "bad_key"
  | "bad_gas_price"
  | "bad_ticket"
  | "bad_file"
  | "account_not_found"
  | "placement_failed"
  | "deal_not_open"
  | "deal_has_content"
  | "too_few_acks"
  | "no_content"
  | "no_metadata"
  | "not_enough_slots"
  | "file_not_found"
  | "bad_range";

/** Exit class of a command that ends on this error (docs/guides/cli.md): 1 failed, 2 usage, 3 unreachable or timed out, 4 refused. */
export type ExitClass = 1 | 2 | 3 | 4;

const EXIT: Partial<Record<ClientErrorCode, ExitClass>> = {
  unreachable: 3,
  timed_out: 3,
  bad_endpoint: 2,
  bad_key: 2,
  bad_gas_price: 2,
  bad_file: 2,
  bad_range: 2,
};

export class ClientError extends Error {
  readonly codespace = "client";
  readonly code: ClientErrorCode;
  /** What to do about it. */
  readonly hint: string;

  constructor(code: ClientErrorCode, message: string, hint: string) {
    super(message);
    this.name = "ClientError";
    this.code = code;
    this.hint = hint;
  }

  get exit(): ExitClass {
    return EXIT[this.code] ?? 1;
  }
}

/** A transaction that the chain refused (no height) or executed with an error (with its height). */
export class ChainError extends Error {
  readonly codespace: string;
  readonly code: number;
  readonly hint: string;
  /** Upper-case hex, empty when refused before it had one. */
  readonly txHash: string;
  readonly height: bigint | undefined;
  readonly exit: ExitClass = 4;

  constructor(fields: { codespace: string; code: number; log: string; txHash: string; height?: bigint | undefined }) {
    super(fields.log === "" ? `${fields.codespace}/${fields.code}` : `${fields.codespace}/${fields.code}: ${fields.log}`);
    this.name = "ChainError";
    this.codespace = fields.codespace;
    this.code = fields.code;
    this.hint = SDK_HINTS[fields.codespace === "sdk" ? fields.code : 0] ?? "the codespace and code name the rule that the transaction broke";
    this.txHash = fields.txHash;
    this.height = fields.height;
  }
}

const SDK_HINTS: Readonly<Record<number, string>> = {
  4: "check the chain id and which key signs",
  5: "send funds to the account first",
  11: "raise the gas limit",
  13: "raise the fee: gas limit times the node's minimum gas price",
  20: "the node's mempool is full: wait for a block and send again",
  32: "another transaction of this account came first: send again",
};

/** Connect's error as ours; anything else as it is. */
export function fromConnect(error: unknown): unknown {
  if (!(error instanceof ConnectError)) return error;
  // The module that refused the query and its code travel as metadata; 2 is NotFound in every storage module.
  const codespace = error.metadata.get("x-nild-codespace") ?? "sdk";
  if (codespace !== "sdk" && error.metadata.get("x-nild-code") === "2") return notFound(error.rawMessage);
  switch (error.code) {
    case Code.NotFound:
      return notFound(error.rawMessage);
    case Code.Unavailable:
      return new ClientError("unreachable", `the node does not answer: ${error.rawMessage}`, "start the node, or check its address and port");
    case Code.DeadlineExceeded:
    case Code.Canceled:
      return new ClientError("timed_out", `the node took too long: ${error.rawMessage}`, "try again, or look at the node's log");
    default:
      return new ClientError("rpc_failed", `${Code[error.code] ?? "Unknown"}: ${error.rawMessage}`, "the message names what the node did not accept");
  }
}

function notFound(message: string): ClientError {
  return new ClientError("not_found", message, "check the id, and that the transaction which makes it is in a block");
}
