/** The storage provider daemon: takes, keeps, serves and proves slots. */
export * from "./types.js";
