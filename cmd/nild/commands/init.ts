import type { Command } from "commander";
import { action, command } from "../command.js";
import { parseInteger } from "../fields.js";
import { createHome } from "../node_home.js";
import { usageError } from "../output.js";

interface InitFlags {
  chainId: string;
  overwrite?: boolean;
  epochBlocks?: string;
}

export const CHAIN_ID = /^[a-z][a-z0-9-]*-[1-9][0-9]*$/;

/** `nild init`: a home with keys, configuration, a genesis of one validator, and empty databases. */
export function initCommand(): Command {
  const self = command("init", "make a node's home: keys, configuration, genesis with this node as validator")
    .argument("[moniker]", "the node's name", "nild")
    .option("--chain-id <id>", "the chain's id", "nild-dev-1")
    .option("--epoch-blocks <n>", "blocks per challenge epoch (default 100)")
    .option("--overwrite", "replace a home that is there, keys and state included");
  return action<InitFlags>(self, async ({ options, out, home }, moniker) => {
    if (!CHAIN_ID.test(options.chainId) || options.chainId.length > 50) {
      throw usageError(`--chain-id "${options.chainId}" is not a chain id`, "lower-case letters, digits and -, at most 50, ending in a number from 1: like nild-dev-1");
    }
    if (!/^[\x21-\x7e]{1,70}$/.test(moniker!)) throw usageError("the moniker has 1 to 70 printable characters without spaces");
    const made = await createHome(
      home,
      {
        moniker: moniker!,
        chainId: options.chainId,
        timeNs: BigInt(Date.now()) * 1_000_000n,
        ...(options.epochBlocks === undefined ? {} : { plan: { epochBlocks: parseInteger("--epoch-blocks", options.epochBlocks, 1_000_000n) } }),
      },
      { overwrite: options.overwrite ?? false },
    );
    out.result({ ok: true, home, chain_id: options.chainId, moniker, node_id: made.nodeId, validator_address: made.validator });
  });
}
