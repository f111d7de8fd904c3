import { expect, test } from "vitest";
import { alertOf, wantsClientCertificate } from "./tls-alert.ts";

test.each([
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate_required"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake_failure"],
  // As OpenSSL 3.2 and later, and so Node 24, spell it.
  ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "handshake_failure"],
  ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "unrecognized_name"],
  ["ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", "internal_error"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "unknown_ca"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", null],
  ["ERR_SSL_NO_PROTOCOLS_AVAILABLE", null],
  ["CERT_HAS_EXPIRED", null],
  ["ECONNRESET", null],
])("%s is the alert %s", (code, alert) => {
  expect(alertOf(code)).toBe(alert);
});

test("a failed handshake is about our certificate only after the server has shown its own", () => {
  expect(wantsClientCertificate("handshake_failure", true)).toBe(true);
  expect(wantsClientCertificate("handshake_failure", false)).toBe(false);
  expect(wantsClientCertificate("certificate_required", false)).toBe(true);
  expect(wantsClientCertificate("unrecognized_name", true)).toBe(false);
});
