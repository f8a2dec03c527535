import { parentPort } from "node:worker_threads";
import { SECP256K1_INPUT_BYTES, loadSecp256k1 } from "./secp256k1_verify.js";

/** A job: inputs of one size, one after another. The answer: one byte each, 1 for valid. */
export interface Job {
  readonly id: number;
  readonly inputs: Uint8Array;
}
export interface Answer {
  readonly id: number;
  readonly verdicts: Uint8Array;
}

const { verify } = loadSecp256k1();

parentPort?.on("message", ({ id, inputs }: Job) => {
  const verdicts = new Uint8Array(inputs.length / SECP256K1_INPUT_BYTES);
  for (let index = 0; index < verdicts.length; index++) {
    const start = index * SECP256K1_INPUT_BYTES;
    verdicts[index] = verify(inputs.subarray(start, start + SECP256K1_INPUT_BYTES)) ? 1 : 0;
  }
  parentPort?.postMessage({ id, verdicts } satisfies Answer);
});
