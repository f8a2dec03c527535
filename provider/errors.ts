/** Stable codes of the HTTP interface, with their status. Append only; docs and tests name them. */
export const HTTP_STATUS = {
  bad_path: 400,
  bad_http: 400,
  bad_ticket: 400,
  bad_mask: 400,
  bad_length: 400,
  bad_body: 400,
  bad_facts: 400,
  bad_root: 400,
  bad_session: 400,
  ticket_missing: 401,
  ticket_invalid: 401,
  ticket_expired: 401,
  session_missing: 401,
  session_unknown: 401,
  ticket_scope: 403,
  not_owner: 403,
  not_candidate: 403,
  not_assigned: 403,
  wrong_artifact: 403,
  session_other_provider: 403,
  session_range: 403,
  forbidden_link: 403,
  not_found: 404,
  deal_not_found: 404,
  object_missing: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  stale_generation: 409,
  incomplete: 409,
  session_closed: 409,
  session_expired: 409,
  session_used_up: 409,
  repair_used_up: 409,
  body_too_large: 413,
  encoded_body: 415,
  bad_range: 416,
  metadata_mismatch: 422,
  shard_mismatch: 422,
  rate_limited: 429,
  headers_too_large: 431,
  internal: 500,
  corrupt_object: 500,
  chain_unreachable: 502,
  busy: 503,
  insufficient_storage: 507,
} as const;

export type HttpErrorCode = keyof typeof HTTP_STATUS;

/** A refusal: its answer's body is {"error": code, "hint"}. */
export class HttpError extends Error {
  readonly status: number;

  constructor(
    readonly code: HttpErrorCode,
    /** What was wrong and what to do. */
    readonly hint: string,
  ) {
    super(`${code}: ${hint}`);
    this.name = "HttpError";
    this.status = HTTP_STATUS[code];
  }
}
