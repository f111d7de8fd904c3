/** The four reasons (docs/platform.md#errors), in the order in which charts stack and legends list them. */
export const errorReasons = [
  "could_not_connect",
  "request_timeout",
  "error_status_code",
  "unclassified",
] as const;

export type ErrorReason = (typeof errorReasons)[number];

export function isErrorReason(value: unknown): value is ErrorReason {
  return errorReasons.some((reason) => reason === value);
}

/** Every documented detail (docs/platform.md#errors), by reason; `error_status_code` has the status code as its detail. */
export const errorDetails = {
  could_not_connect: [
    "Connection failed",
    "Connection failed (received GOAWAY)",
    "Connection failed (session closed)",
    "Connection timeout",
    "DNS Query timeout",
    "Invalid URL syntax",
    "Session protocol negotiation failure",
    "No SSL/TLS record",
    "TLS handshake failure",
    "Unknown host",
  ],
  request_timeout: ["Request timeout"],
  unclassified: [
    "Session closed unexpectedly",
    "Stream closed unexpectedly",
    "Unclassified webhook dispatch error",
  ],
} as const satisfies Partial<Record<ErrorReason, readonly string[]>>;

/** A failure as people see it. */
export type ErrorClass =
  | {
      reason: "could_not_connect";
      detail: (typeof errorDetails.could_not_connect)[number];
      statusCode: null;
    }
  | { reason: "request_timeout"; detail: "Request timeout"; statusCode: null }
  | { reason: "error_status_code"; detail: `${number}`; statusCode: number }
  | {
      reason: "unclassified";
      detail: (typeof errorDetails.unclassified)[number];
      statusCode: null;
    };
