import type { Message } from "@bufbuild/protobuf";
import type { DecodedTx } from "../codec/index.js";
import type { Check, ExecCtx, ReadCtx } from "../context.js";
import type { MessageRoute } from "./router.js";

/**
 * check = on entry to the mempool; recheck = again after a block, cheap; deliver = in a block; simulate = to estimate
 * gas, without signatures.
 */
export type ExecMode = "check" | "recheck" | "deliver" | "simulate";

export interface RoutedMessage {
  readonly route: MessageRoute;
  readonly value: Message;
  /** In signing order, repetitions kept; never empty. */
  readonly signers: readonly string[];
}

/** A transaction whose stateless checks have passed. */
export interface Transaction {
  readonly decoded: DecodedTx;
  readonly messages: readonly RoutedMessage[];
  /** Who must sign: the messages' signers in order, each once, then the fee payer if it is none of them. */
  readonly signers: readonly string[];
  readonly feePayer: string;
  readonly gasLimit: bigint;
}

/**
 * One step between a decoded transaction and its messages. Steps run in order in one branch;
 * a throw refuses the transaction and nothing is charged.
 */
export interface AnteStep {
  readonly name: string;
  /** Default: every mode. */
  readonly modes?: readonly ExecMode[];
  run(ctx: ExecCtx, tx: Transaction, mode: ExecMode): undefined;
  /** The costly checks that `run` will ask for, so that the node can verify them beforehand. */
  checks?(ctx: ReadCtx, tx: Transaction): Check[];
}

export function runAnte(steps: readonly AnteStep[], ctx: ExecCtx, tx: Transaction, mode: ExecMode): undefined {
  for (const step of steps) {
    if (step.modes === undefined || step.modes.includes(mode)) step.run(ctx, tx, mode);
  }
}
