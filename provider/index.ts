/** The storage provider daemon: takes, keeps, serves and proves slots. */
export * from "./types.js";
export { ProviderDaemon } from "./daemon.js";
export { HTTP_STATUS, type HttpErrorCode } from "./errors.js";
