/** Upper-case hex, as CometBFT shows hashes and addresses. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}
