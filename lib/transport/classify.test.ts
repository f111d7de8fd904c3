import { describe, expect, test } from "vitest";
import { classify } from "./classify.ts";
import type { Observation } from "./schema.ts";

const verdict = (seen: Observation) => {
  const result = classify(seen);
  return result.state === "delivered"
    ? "delivered"
    : `${result.error.reason} / ${result.error.detail}`;
};

describe("what is seen becomes what is said", () => {
  const table: [Observation, string][] = [
    [{ kind: "answered", statusCode: 200 }, "delivered"],
    [{ kind: "answered", statusCode: 299 }, "delivered"],
    [{ kind: "answered", statusCode: 101 }, "error_status_code / 101"],
    [{ kind: "answered", statusCode: 300 }, "error_status_code / 300"],
    [{ kind: "answered", statusCode: 500 }, "error_status_code / 500"],
    [{ kind: "invalid_url" }, "could_not_connect / Invalid URL syntax"],
    [{ kind: "blocked_address" }, "could_not_connect / Connection failed"],
    [{ kind: "timed_out", phase: "dns" }, "could_not_connect / DNS Query timeout"],
    [{ kind: "timed_out", phase: "tcp" }, "could_not_connect / Connection timeout"],
    [{ kind: "timed_out", phase: "tls" }, "could_not_connect / Connection timeout"],
    [{ kind: "timed_out", phase: "headers" }, "request_timeout / Request timeout"],
    [{ kind: "failed", phase: "dns", code: "ENOTFOUND" }, "could_not_connect / Unknown host"],
    [{ kind: "failed", phase: "dns", code: "ENODATA" }, "could_not_connect / Unknown host"],
    [{ kind: "failed", phase: "dns", code: "ESERVFAIL" }, "could_not_connect / DNS Query timeout"],
    [
      { kind: "failed", phase: "tcp", code: "ECONNREFUSED" },
      "could_not_connect / Connection failed",
    ],
    [
      { kind: "failed", phase: "tcp", code: "ENETUNREACH" },
      "could_not_connect / Connection failed",
    ],
    [
      { kind: "failed", phase: "tls", code: "CERT_HAS_EXPIRED" },
      "could_not_connect / TLS handshake failure",
    ],
    [
      { kind: "failed", phase: "headers", code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" },
      "could_not_connect / TLS handshake failure",
    ],
    [
      { kind: "failed", phase: "headers", code: "ERR_SSL_BAD_RECORD" },
      "unclassified / Unclassified webhook dispatch error",
    ],
    [{ kind: "no_tls_record" }, "could_not_connect / No SSL/TLS record"],
    [{ kind: "no_common_protocol" }, "could_not_connect / Session protocol negotiation failure"],
    [
      { kind: "goaway", phase: "headers", code: "NO_ERROR" },
      "could_not_connect / Connection failed (received GOAWAY)",
    ],
    [{ kind: "closed", phase: "tcp" }, "could_not_connect / Connection failed (session closed)"],
    [{ kind: "closed", phase: "tls" }, "could_not_connect / Connection failed (session closed)"],
    [{ kind: "closed", phase: "headers" }, "unclassified / Session closed unexpectedly"],
    [
      { kind: "stream_reset", phase: "headers", code: "CANCEL" },
      "unclassified / Stream closed unexpectedly",
    ],
    [
      { kind: "malformed_answer", code: "STATUS_LINE" },
      "unclassified / Unclassified webhook dispatch error",
    ],
  ];

  test.each(table)("%j → %s", (seen, expected) => {
    expect(verdict(seen)).toBe(expected);
  });
});
