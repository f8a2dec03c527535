/** The few standard globals that the deterministic zone may use; its compiler run has no ambient types. */
declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: true; ignoreBOM: true });
  decode(input: Uint8Array): string;
}
declare class TextEncoder {
  encode(input: string): Uint8Array;
}
/** What sdk/crypto/hash.ts, and no other file of the zone, takes from Node. */
declare module "node:crypto" {
  export function hash(algorithm: string, data: string | Uint8Array, outputEncoding: string): string;
}
