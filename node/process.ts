import { messageOf } from "./errors.js";
import type { Log } from "./log/log.js";

/** A stop that takes longer is cut short: what is on the disk recovers at the next start. */
const STOP_LIMIT_MS = 10_000;

/**
 * Runs `service` until a signal, its own failure, or an unhandled rejection; resolves with the exit code. A second
 * signal does not wait.
 */
export function runUntilStopped(service: { stop(): Promise<void>; readonly failed: Promise<never> }, log: Log): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const end = (code: number, why: object, message: string): void => {
      if (stopping) {
        resolve(code === 0 ? 130 : code);
        return;
      }
      stopping = true;
      log[code === 0 ? "info" : "fatal"](why, message);
      const limit = setTimeout(() => {
        log.error("stopping took too long; exiting anyway");
        resolve(1);
      }, STOP_LIMIT_MS);
      service.stop().then(
        () => {
          clearTimeout(limit);
          resolve(code);
        },
        (error: unknown) => {
          log.error({ err: error }, "stopping failed");
          clearTimeout(limit);
          resolve(1);
        },
      );
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => end(0, { signal }, "stopping"));
    for (const event of ["unhandledRejection", "uncaughtException"] as const) {
      process.on(event, (error: unknown) => end(1, { err: error }, `${event}: ${messageOf(error)}`));
    }
    service.failed.catch((error: unknown) => end(1, { err: error }, `the node cannot go on: ${messageOf(error)}`));
  });
}
