/** Stores a file on a running chain and reads it back. Against `nild dev`: WORDS="alice's words" and the chain's gRPC port. */
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ChainClient, type ClientContext, Wallet, get, ls, put } from "nild/client";
import { nativeKzg } from "nild/nilfs/native";

// #region connect
async function connect(words: string, node = "http://127.0.0.1:9090"): Promise<ClientContext> {
  const chain = new ChainClient({ transport: createGrpcTransport({ baseUrl: node }), gasPrice: "0.001" });
  // Native KZG in Node; in a browser `portableKzg` of nild/nilfs/portable gives the same results, slower.
  return { chain, wallet: await Wallet.fromMnemonic(words), kzg: nativeKzg };
}
// #endregion

// #region store
async function store(context: ClientContext, path: string, bytes: Uint8Array): Promise<bigint> {
  const { dealId, ackedSlots, failed, charged } = await put(context, {
    files: [{ path, bytes }],
    deal: { profile: { k: 8, m: 4 }, durationBlocks: 1_000n, deposit: 100_000_000n },
    onProgress: ({ phase, done, total }) => console.error(phase, done, "of", total),
  });
  console.log(`deal ${dealId}: ${ackedSlots.length} slots hold the content, ${failed.length} do not; ${charged} unil of rent paid ahead`);
  return dealId;
}
// #endregion

// #region read
async function read(context: ClientContext, dealId: bigint, path: string): Promise<Uint8Array> {
  for (const file of await ls(context, dealId)) console.log(file.path, file.length);
  const { bytes, liars } = await get(context, { dealId, path });
  for (const { provider, slot, reason } of liars) console.log(`slot ${slot}: ${provider} answered falsely (${reason})`);
  return bytes;
}
// #endregion

// #region quote
/** unil that storing `bytes` for `blocks` would cost in a new deal: the debit itself, if committed at this height. */
async function quote({ chain }: ClientContext, bytes: number, blocks: bigint): Promise<bigint> {
  const { amount } = await chain.query.escrow.quoteStorage({ sizeBytes: BigInt(bytes), durationBlocks: blocks });
  return BigInt(amount);
}
// #endregion

const context = await connect(process.env["WORDS"] ?? "", process.env["NILD_GRPC_ADDR"]);
const content = new TextEncoder().encode("What was stored comes back, byte for byte.\n".repeat(1_000));
console.log("quoted", await quote(context, content.length, 1_000n));
const dealId = await store(context, "letter.txt", content);
const back = await read(context, dealId, "letter.txt");
console.log(Buffer.compare(content, back) === 0 ? "equal" : "DIFFERENT");
