import { NilfsError } from "./errors.js";

export const MAX_PATH_BYTES = 40;

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * A file's name in a slab: UTF-8, at most 40 bytes, relative, segments joined by "/", case-sensitive.
 * @throws NilfsError `bad_path`, saying which rule is broken.
 */
export function checkPath(path: string): Uint8Array {
  const refuse = (why: string): never => {
    throw new NilfsError("bad_path", `path ${JSON.stringify(path.slice(0, 80))} ${why}`);
  };
  if (path.length === 0) refuse("is empty");
  const bytes = new TextEncoder().encode(path);
  if (new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) !== path) refuse("is not well-formed Unicode");
  if (bytes.length > MAX_PATH_BYTES) refuse(`has ${bytes.length} bytes; at most ${MAX_PATH_BYTES} fit in a record`);
  if (path.trim() !== path) refuse("begins or ends with white space");
  if (CONTROL.test(path)) refuse("holds a control character");
  if (path.includes("\\")) refuse("holds a backslash; write / between folders");
  if (path.startsWith("/")) refuse("is absolute; leave out the leading /");
  for (const segment of path.split("/")) {
    if (segment === "") refuse("has an empty segment");
    if (segment === "." || segment === "..") refuse(`has the segment ${segment}`);
  }
  return bytes;
}
