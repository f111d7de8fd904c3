/** What can be refused on purpose. Everything else thrown is a defect. */
export type AppErrorCode =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "too_large"
  | "unsupported"
  | "rate_limited"
  | "unavailable";

/** The HTTP status that each refusal is answered with, by the console as by the API. */
export const statusOf: Record<AppErrorCode, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  rate_limited: 429,
  unavailable: 503,
};

export type AppErrorDetail = { message: string; property: string };

/**
 * An expected refusal. `message` is for developers and API callers (English, no secrets); pages translate by `key`,
 * an entry of the message catalogue under `errors`, with `values` for its placeholders.
 */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly details: readonly AppErrorDetail[];
  readonly key: string | undefined;
  readonly values: Record<string, string | number>;

  constructor(
    code: AppErrorCode,
    message: string,
    options: {
      details?: readonly AppErrorDetail[];
      key?: string;
      values?: Record<string, string | number>;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.details = options.details ?? [];
    this.key = options.key;
    this.values = options.values ?? {};
  }
}
