import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { ReadCtx } from "../context.js";
import { SdkError, isFatal, sdkErr } from "../errors.js";
import type { AnyTypes } from "../json/index.js";
import { type MultiStore, StoreError } from "../store/index.js";
import type { QueryRequest, QueryResult } from "./application.js";
import type { Executed } from "./execution.js";
import type { Limits } from "./limits.js";
import type { QueryRouter } from "./router.js";
import { SIMULATE_PATH, simulateResponse, simulatedTx, simulationJson } from "./simulate.js";

const NOTHING = new Uint8Array(0);
const STORE_PATH = /^\/store\/([a-z0-9_]{1,32})\/key$/;

export interface QueryEnvironment {
  readonly name: string;
  readonly version: string;
  readonly limits: Limits;
  readonly routes: QueryRouter;
  readonly store: MultiStore;
  readonly anyTypes: AnyTypes;
  readonly tip: { readonly height: bigint; readonly initialHeight: bigint } | undefined;
  readCtx(height: bigint | undefined, gasLimit: bigint): ReadCtx;
  simulate(tx: Uint8Array): Executed;
  unexpected(error: unknown): undefined;
}

/** Answers any query; whatever goes wrong becomes a code. */
export function answerQuery(request: QueryRequest, env: QueryEnvironment): QueryResult {
  try {
    return { ...EMPTY, ...route(request, env) };
  } catch (error) {
    if (isFatal(error)) throw error;
    return { ...EMPTY, height: request.height, ...failure(error, env) };
  }
}

const EMPTY: QueryResult = { code: 0, codespace: "", log: "", key: NOTHING, value: NOTHING, height: 0n, proofOps: [] };

function route(request: QueryRequest, env: QueryEnvironment): Partial<QueryResult> {
  const { path, data, prove } = request;
  if (data.length > env.limits.maxQueryBytes) throw sdkErr.InvalidRequest(`query data has ${data.length} bytes, at most ${env.limits.maxQueryBytes}`);
  const height = env.tip?.height ?? 0n;
  if (path === "/app/version") return { value: utf8ToBytes(env.version), height };
  if (path === "/app/simulate") return { value: simulationJson(env.simulate(data), env.anyTypes), height };
  if (path === SIMULATE_PATH) return { value: simulateResponse(env.simulate(simulatedTx(data))), height };
  if (path === "/cosmos.tx.v1beta1.Service/BroadcastTx") throw sdkErr.InvalidRequest("a query cannot broadcast a transaction; use broadcast_tx_sync");
  const store = STORE_PATH.exec(path)?.[1];
  if (store !== undefined) return storeKey(store, request, env);

  const handler = env.routes.find(path);
  if (!handler) throw sdkErr.UnknownRequest("unknown query path");
  if (prove) throw sdkErr.InvalidRequest("only /store/<name>/key queries carry a proof");
  const ctx = env.readCtx(heightOf(request), env.limits.queryGas);
  return { value: handler(ctx, data), height: ctx.height };
}

function storeKey(name: string, request: QueryRequest, env: QueryEnvironment): Partial<QueryResult> {
  if (request.data.length === 0) throw sdkErr.InvalidRequest("give the key as data");
  const height = heightOf(request) ?? env.tip?.height ?? 0n;
  const ctx = env.readCtx(height, env.limits.queryGas);
  const key = request.data;
  try {
    if (!request.prove) return { key, value: ctx.reader(name).get(key) ?? NOTHING, height };
    if (height <= 1n) throw sdkErr.InvalidRequest("cannot query with proof when height <= 1; please provide a valid height");
    const proof = env.store.prove(height - env.tip!.initialHeight + 1n, name, key);
    return { key, value: proof.value ?? NOTHING, height, proofOps: proof.ops };
  } catch (error) {
    if (error instanceof StoreError && error.code === "unknown_store") throw sdkErr.UnknownRequest(`no such store: ${name}`);
    if (error instanceof StoreError && error.code === "unprovable") throw sdkErr.InvalidRequest(error.message);
    throw error;
  }
}

function heightOf({ height }: QueryRequest): bigint | undefined {
  if (height < 0n) throw sdkErr.InvalidHeight(`height ${height} is negative`);
  return height === 0n ? undefined : height;
}

/** Codes as gRPC gateways of this ecosystem map them; clients look for the words of the status. */
function failure(error: unknown, env: QueryEnvironment): Pick<QueryResult, "code" | "codespace" | "log"> {
  if (!(error instanceof SdkError)) {
    env.unexpected(error);
    return { code: 1, codespace: "undefined", log: "internal error" };
  }
  const { codespace, code, condition, detail } = error;
  if (/NotFound$/.test(condition)) return { codespace: "sdk", code: 22, log: `rpc error: code = NotFound desc = ${detail}` };
  if (codespace === "sdk" && (code === 7 || code === 10 || code === 18)) {
    return { codespace, code: 18, log: `rpc error: code = InvalidArgument desc = ${detail}` };
  }
  return { codespace, code, log: detail };
}
