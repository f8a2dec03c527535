import { utf8ToBytes } from "@noble/hashes/utils.js";
import { type ValueCodec, StateSchema, k, v } from "../collections/index.js";
import type { ExecCtx, ReadCtx } from "../context.js";
import { sdkErr } from "../errors.js";
import type { AppModule } from "../module/index.js";

/** The store of what the application itself must remember, authenticated like any module's. */
export const BASE_STORE = "base";

const text: ValueCodec<string> = {
  encode: (value) => utf8ToBytes(value),
  decode: (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
};

/** Chain id, first height, limits, time of the last block, and the state version of every module. */
export class ChainState {
  readonly schema = new StateSchema(BASE_STORE);
  readonly #chainId = this.schema.item(0, "chain_id", text);
  readonly #initialHeight = this.schema.item(1, "initial_height", v.u64);
  readonly #blockTimeNs = this.schema.item(2, "block_time_ns", v.u64);
  readonly #maxBytes = this.schema.item(3, "max_bytes", v.u64);
  readonly #maxGas = this.schema.item(4, "max_gas", v.u64);
  readonly #moduleVersions = this.schema.map(5, "module_versions", k.str, v.u64);

  init(ctx: ExecCtx, chain: { chainId: string; initialHeight: bigint; maxBytes: bigint; maxGas: bigint }, modules: readonly AppModule[]): undefined {
    this.#chainId.set(ctx, chain.chainId);
    this.#initialHeight.set(ctx, chain.initialHeight);
    // −1 means no limit and is kept as absence.
    if (chain.maxBytes >= 0n) this.#maxBytes.set(ctx, chain.maxBytes);
    if (chain.maxGas >= 0n) this.#maxGas.set(ctx, chain.maxGas);
    for (const module of modules) this.#moduleVersions.set(ctx, module.name, BigInt(module.consensusVersion));
    this.setBlockTime(ctx);
  }

  setBlockTime(ctx: ExecCtx): undefined {
    this.#blockTimeNs.set(ctx, ctx.block.timeNs);
  }

  chainId(ctx: ReadCtx): string {
    return this.#chainId.get(ctx);
  }

  initialHeight(ctx: ReadCtx): bigint {
    return this.#initialHeight.get(ctx);
  }

  blockTimeNs(ctx: ReadCtx): bigint {
    return this.#blockTimeNs.get(ctx);
  }

  /** Undefined: no limit. */
  maxBytes(ctx: ReadCtx): bigint | undefined {
    return this.#maxBytes.find(ctx);
  }

  /** Undefined: no limit. */
  maxGas(ctx: ReadCtx): bigint | undefined {
    return this.#maxGas.find(ctx);
  }

  /** Refuses to run code on state of another version: that takes an upgrade. */
  requireVersions(ctx: ReadCtx, modules: readonly AppModule[]): undefined {
    const stored = new Map(this.#moduleVersions.all(ctx));
    for (const { name, consensusVersion } of modules) {
      const version = stored.get(name);
      if (version !== BigInt(consensusVersion)) {
        throw sdkErr.InvalidRequest(`module ${name}: the state is of version ${version ?? "none"}, this binary runs version ${consensusVersion}; run the binary that wrote it, or upgrade`);
      }
    }
  }
}
