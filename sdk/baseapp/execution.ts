import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { TxMsgDataSchema } from "nild/gen/cosmos/base/abci/v1beta1/abci_pb.js";
import { type BlockInfo, ExecCtx, type Host } from "../context.js";
import { SdkError, isFatal, sdkErr } from "../errors.js";
import { type Event, legacyEvent } from "../events.js";
import { GasMeter } from "../gas.js";
import type { State } from "../store/types.js";
import { type AnteStep, type ExecMode, type RoutedMessage, type Transaction, runAnte } from "./ante.js";
import type { ExecTxResult } from "./application.js";

const NOTHING = new Uint8Array(0);

export interface ExecutionOptions {
  readonly host: Host;
  readonly ante: readonly AnteStep[];
  /** Block limit; undefined = none. */
  readonly maxGas: bigint | undefined;
}

export interface Executed extends ExecTxResult {
  readonly responses: readonly Any[];
}

/**
 * Runs a transaction on `state`: the ante steps in one branch, then all messages in another. An ante failure leaves
 * nothing; a message failure leaves what the ante wrote (fee, sequence) and its events. Fatal faults pass through.
 * check and recheck stop after the ante.
 */
export function execute(state: State, block: BlockInfo, tx: Transaction, mode: ExecMode, options: ExecutionOptions): Executed {
  const { host, ante, maxGas } = options;
  const gas = new GasMeter(mode === "simulate" ? maxGas : tx.gasLimit);
  const events: Event[] = [];
  const responses: Any[] = [];
  const result = (error?: SdkError): Executed => ({
    code: error?.code ?? 0,
    codespace: error?.codespace ?? "",
    log: error?.detail ?? "",
    gasWanted: tx.gasLimit,
    gasUsed: gas.used,
    data: error || responses.length === 0 ? NOTHING : toBinary(TxMsgDataSchema, create(TxMsgDataSchema, { msgResponses: responses })),
    events,
    responses: error ? [] : responses,
  });
  const failure = (error: unknown): SdkError => {
    if (isFatal(error)) throw error;
    return new ExecCtx(block, state, gas, host).asSdkError(error);
  };

  const anteBranch = state.branch();
  try {
    requireGasLimit(tx.gasLimit, mode, maxGas);
    runAnte(ante, new ExecCtx(block, anteBranch, gas, host, events), tx, mode);
    anteBranch.merge();
  } catch (error) {
    events.length = 0;
    return result(failure(error));
  }
  if (mode === "check" || mode === "recheck") return result();

  const branch = state.branch();
  const messageEvents: Event[] = [];
  for (const [index, message] of tx.messages.entries()) {
    try {
      const own = [actionEvent(message)];
      const value = message.route.execute(new ExecCtx(block, branch, gas, host, own), message.value);
      responses.push(create(AnySchema, { typeUrl: message.route.responseTypeUrl, value }));
      messageEvents.push(...own.map((event) => withAttribute(event, "msg_index", String(index))));
    } catch (error) {
      const cause = failure(error);
      const detail = `failed to execute message; message index: ${index}: ${cause.detail}`;
      return result(new SdkError(cause.codespace, cause.code, cause.condition, detail));
    }
  }
  branch.merge();
  events.push(...messageEvents);
  return result();
}

/** The result of bytes that never became a transaction. */
export function refusal(error: SdkError, tx?: Transaction): ExecTxResult {
  const { code, codespace, detail } = error;
  return { code, codespace, log: detail, gasWanted: tx?.gasLimit ?? 0n, gasUsed: 0n, data: NOTHING, events: [] };
}

export function withAttribute(event: Event, key: string, value: string): Event {
  return { type: event.type, attributes: [...event.attributes, { key, value }] };
}

/** A transaction says what it may use, and never more than a block holds. */
function requireGasLimit(gasLimit: bigint, mode: ExecMode, maxGas: bigint | undefined): void {
  if (mode === "simulate" || mode === "recheck") return;
  if (gasLimit === 0n) throw sdkErr.InvalidGasLimit("must provide positive gas");
  if (maxGas !== undefined && gasLimit > maxGas) {
    throw sdkErr.InvalidGasLimit(`tx gas limit ${gasLimit} exceeds block max gas ${maxGas}`);
  }
}

function actionEvent({ route, signers }: RoutedMessage): Event {
  return legacyEvent("message", { action: route.typeUrl, sender: signers[0]!, module: route.module });
}
