import { open } from "node:fs/promises";

/** Bytes that look random and are the same each time. */
export function pattern(length: number, seed: number): Buffer {
  let state = seed + 1;
  return Buffer.from(Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16));
}

export async function flipByte(file: string, at: number): Promise<void> {
  const handle = await open(file, "r+");
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0]! ^= 1;
  await handle.write(byte, 0, 1, at);
  await handle.close();
}
