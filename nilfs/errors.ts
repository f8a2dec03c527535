/** Stable codes of everything this format can refuse. Append only; tests and callers match on them, never on the text. */
export type NilfsErrorCode =
  | "bad_profile"
  | "bad_integer"
  | "bad_length"
  | "bad_path"
  | "bad_artifact_name"
  | "bad_mdu0"
  | "bad_manifest"
  | "bad_witness"
  | "bad_setup"
  | "bad_point"
  | "bad_scalar"
  | "bad_json"
  | "non_canonical_cell"
  | "infinity_root"
  | "index_out_of_range"
  | "slab_too_large"
  | "too_many_files"
  | "duplicate_path"
  | "file_not_found"
  | "not_enough_shards"
  | "metadata_mismatch"
  | "io";

/** The one error type of nilfs: `code` is stable, `message` says what was wrong, where, and what to do. */
export class NilfsError extends Error {
  readonly code: NilfsErrorCode;

  constructor(code: NilfsErrorCode, message: string) {
    super(message);
    this.name = "NilfsError";
    this.code = code;
  }
}

/** Runs `work`; what it refuses becomes the caller's own error, made of the refusal's words. Other errors pass through. */
export function refusedAs<T>(toError: (detail: string) => Error, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NilfsError) throw toError(error.message);
    throw error;
  }
}
