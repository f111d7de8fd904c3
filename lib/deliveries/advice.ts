import { isUnknownHost } from "./classify.ts";
import { isSuccess } from "./exchange.ts";
import type { Observation, VerifyAdvice } from "./schema.ts";
import { alertOf, wantsClientCertificate } from "./tls-alert.ts";

// OpenSSL's verdicts on a certificate, as Node passes them on.
const certificateAdvice: Readonly<Record<string, VerifyAdvice>> = {
  CERT_HAS_EXPIRED: "renew_certificate",
  CERT_NOT_YET_VALID: "wait_for_certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "use_trusted_certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "use_trusted_certificate",
  CERT_UNTRUSTED: "use_trusted_certificate",
  CERT_REVOKED: "renew_certificate",
  UNABLE_TO_GET_ISSUER_CERT: "send_intermediate_certificates",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "send_intermediate_certificates",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "send_intermediate_certificates",
  ERR_TLS_CERT_ALTNAME_INVALID: "match_certificate_name",
};

/** Is it the certificate that was refused, so that showing it helps? */
export function isCertificateProblem(code: string): boolean {
  return code in certificateAdvice || /^(CERT_|UNABLE_TO_|INVALID_|ERROR_IN_CERT)/.test(code);
}

/** What to do about a failed attempt; null when it succeeded. A refused address gets the advice of a refused connection. */
export function adviceFor(seen: Observation): VerifyAdvice | null {
  switch (seen.kind) {
    case "answered":
      return isSuccess(seen.statusCode) ? null : statusAdvice(seen.statusCode);
    case "invalid_url":
      return "fix_url";
    case "blocked_address":
      return "check_server_listens";
    case "timed_out":
      return timeoutAdvice[seen.phase];
    case "failed":
      return failureAdvice(seen.phase, seen.code);
    case "no_tls_record":
      return "serve_tls_on_port";
    case "no_common_protocol":
      return "enable_http1_or_http2";
    case "goaway":
      return "check_server_closes_connection";
    case "closed":
      return seen.phase === "tcp" || seen.phase === "tls"
        ? "check_server_closes_connection"
        : "answer_before_closing";
    case "stream_reset":
      return "answer_before_closing";
    case "malformed_answer":
      return "answer_valid_http";
  }
}

const timeoutAdvice = {
  dns: "check_name_servers",
  tcp: "check_firewall",
  tls: "check_tls_settings",
  headers: "answer_within_2_seconds",
} as const satisfies Record<string, VerifyAdvice>;

function failureAdvice(
  phase: Extract<Observation, { kind: "failed" }>["phase"],
  code: string,
): VerifyAdvice {
  switch (phase) {
    case "dns":
      return isUnknownHost(code) ? "check_host_name" : "check_name_servers";
    case "tcp":
      return "check_server_listens";
    case "tls":
      return tlsAdvice(code);
    case "sent":
    case "headers":
      return wantsClientCertificate(alertOf(code) ?? "", true)
        ? "do_not_ask_client_certificate"
        : "answer_before_closing";
  }
}

function tlsAdvice(code: string): VerifyAdvice {
  const known = certificateAdvice[code];
  if (known) return known;
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(code)) return "enable_tls_1_2";
  return isCertificateProblem(code) ? "use_trusted_certificate" : "check_tls_settings";
}

function statusAdvice(statusCode: number): VerifyAdvice {
  if (statusCode >= 300 && statusCode <= 399) return "do_not_redirect";
  if (statusCode === 401 || statusCode === 403) return "check_authentication";
  if (statusCode === 404 || statusCode === 405 || statusCode === 410) return "check_path";
  return statusCode >= 500 && statusCode <= 599 ? "check_server_error" : "answer_200";
}
