import { type BlockInfo, ExecCtx, type Host } from "../context.js";
import { SdkError } from "../errors.js";
import type { Event } from "../events.js";
import { GasMeter } from "../gas.js";
import type { AppModule, Blocker } from "../module/index.js";
import type { State } from "../store/types.js";
import { sdkErr } from "../errors.js";
import type { AnteStep, Transaction } from "./ante.js";
import type { ExecTxResult } from "./application.js";
import { execute, refusal, withAttribute } from "./execution.js";

export interface BlockOptions {
  readonly host: Host;
  readonly ante: readonly AnteStep[];
  readonly maxGas: bigint | undefined;
  readonly beginBlockers: readonly AppModule[];
  readonly endBlockers: readonly AppModule[];
  /** Throws SdkError for bytes that are no transaction. */
  read(tx: Uint8Array): Transaction;
}

export interface ExecutedBlock {
  readonly txResults: ExecTxResult[];
  readonly events: Event[];
}

/** Begin blockers, transactions in order, end blockers, all on `state`. */
export function executeBlock(state: State, block: BlockInfo, txs: readonly Uint8Array[], options: BlockOptions): ExecutedBlock {
  const events = runBlockers(state, block, options.beginBlockers, "BeginBlock", (module) => module.parts.beginBlock, options.host);
  let gasUsed = 0n;
  const txResults = txs.map((bytes) => {
    const result = deliver(state, block, bytes, gasUsed, options);
    gasUsed += result.gasUsed;
    return result;
  });
  events.push(...runBlockers(state, block, options.endBlockers, "EndBlock", (module) => module.parts.endBlock, options.host));
  return { txResults, events };
}

function deliver(state: State, block: BlockInfo, bytes: Uint8Array, gasUsedBefore: bigint, options: BlockOptions): ExecTxResult {
  let tx: Transaction;
  try {
    tx = options.read(bytes);
  } catch (error) {
    if (error instanceof SdkError) return refusal(error);
    throw error;
  }
  const { host, ante, maxGas } = options;
  if (maxGas !== undefined && gasUsedBefore >= maxGas) return refusal(sdkErr.OutOfGas("no block gas left to run tx"), tx);
  const { code, codespace, log, gasWanted, gasUsed, data, events } = execute(state, block, tx, "deliver", { host, ante, maxGas });
  return { code, codespace, log, gasWanted, gasUsed, data, events };
}

/**
 * Each module's blocker runs in its own branch. A throw is a bug: it is reported, that blocker's writes and events are
 * dropped, and the block goes on; only fatal faults stop the node.
 */
function runBlockers(
  state: State,
  block: BlockInfo,
  modules: readonly AppModule[],
  mode: "BeginBlock" | "EndBlock",
  blockerOf: (module: AppModule) => Blocker | undefined,
  host: Host,
): Event[] {
  const events: Event[] = [];
  for (const module of modules) {
    const blocker = blockerOf(module);
    if (!blocker) continue;
    const own: Event[] = [];
    const ctx = new ExecCtx(block, state, new GasMeter(undefined), host, own);
    const outcome = ctx.isolated(blocker);
    if (!outcome.ok && outcome.error.codespace !== "undefined") host.unexpected(outcome.error);
    events.push(...own.map((event) => withAttribute(event, "mode", mode)));
  }
  return events;
}
