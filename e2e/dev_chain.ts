import { join } from "node:path";
import type { Child } from "nild/cmd";
import { type Stage, freeOffset } from "./scenario.js";

/** The line that `nild dev --json` prints when it is ready. */
export interface DevReady {
  readonly chain_id: string;
  readonly engine: string;
  readonly endpoints: { readonly rpc: string; readonly grpc: string; readonly connect: string };
  readonly accounts: readonly { readonly name: string; readonly address: string; readonly mnemonic: string }[];
  readonly providers: readonly { readonly address: string; readonly endpoint: string }[];
}

export interface DevChain {
  readonly child: Child;
  readonly ready: DevReady;
  readonly home: string;
  /** Flags of every command that signs. */
  readonly signed: (key: string) => string[];
}

/** `blockTimeMs` sets the challenge epoch too, of ten blocks: with providers that hold content, give them time on a busy machine. */
export async function startDev(stage: Stage, providers: number, blockTimeMs: number): Promise<DevChain> {
  const home = join(stage.folder, "dev");
  const ports = [26657, 9090, ...Array.from({ length: providers }, (_, i) => 8190 + i)];
  const offset = await freeOffset(ports);
  const { child, ready } = await stage.start<DevReady>("dev", ["dev", "--home", home, "--providers", String(providers), "--block-time", String(blockTimeMs), "--port-offset", String(offset)]);
  const signed = (key: string): string[] => ["--home", home, "--keyring-backend", "test", "--grpc-addr", ready.endpoints.grpc, "--from", key];
  return { child, ready, home, signed };
}
