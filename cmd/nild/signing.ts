import type { Command } from "commander";
import { ChainClient, type Wallet } from "nild/client";
import { GRPC_ADDR, nodeTransport } from "./connection.js";
import { openWallet } from "./keyring.js";
import { usageError } from "./output.js";

/** Flags of every command that signs. */
export interface SigningFlags {
  from: string;
  grpcAddr: string;
  keyringBackend: string;
  gasPrices: string;
}

export function withSigningFlags(self: Command): Command {
  return withNodeFlag(self)
    .requiredOption("--from <name>", "the key that signs: its name in the keyring")
    .option("--keyring-backend <backend>", "file (asks for the passphrase) or test (none)", "file")
    .option("--gas-prices <price>", "unil per gas", "0.001unil");
}

export function withNodeFlag(self: Command): Command {
  return self.option("--grpc-addr <url>", "the node's gRPC, gRPC-web and Connect endpoint", GRPC_ADDR);
}

export function chainClient(grpcAddr: string, gasPrices?: string): ChainClient {
  const gasPrice = gasPrices?.replace(/unil$/, "");
  if (gasPrice !== undefined && !/^[0-9]{1,18}(\.[0-9]{1,18})?$/.test(gasPrice)) throw usageError(`--gas-prices "${gasPrices}" is not a price`, "write it like 0.001unil");
  return new ChainClient({ transport: nodeTransport(grpcAddr), ...(gasPrice === undefined ? {} : { gasPrice }) });
}

/** The chain and the account behind `--from`. */
export async function signingContext(flags: SigningFlags, home: string): Promise<{ chain: ChainClient; wallet: Wallet }> {
  return { chain: chainClient(flags.grpcAddr, flags.gasPrices), wallet: await openWallet(home, flags.keyringBackend, flags.from) };
}
