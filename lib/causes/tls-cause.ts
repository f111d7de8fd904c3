import type { Seen } from "#lib/deliveries/schema.ts";
import type { LikelyCause } from "./schema.ts";

// OpenSSL's verdicts on a certificate (its X509_V_ERR_ names), as Node passes them on.
const byVerdict: Readonly<Record<string, LikelyCause>> = {
  CERT_HAS_EXPIRED: "certificate_expired",
  CERT_NOT_YET_VALID: "certificate_not_yet_valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate_for_other_name",
  HOSTNAME_MISMATCH: "certificate_for_other_name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate_self_signed",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate_self_signed",
  CERT_UNTRUSTED: "certificate_self_signed",
  UNABLE_TO_GET_ISSUER_CERT: "certificate_chain_incomplete",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate_chain_incomplete",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate_chain_incomplete",
};

/** What is wrong with the certificate beyond those: its purpose, its signature, its key, that it was revoked. */
const unsuitable =
  /^(CERT_|INVALID_|CA_MD_TOO_WEAK|CA_KEY_TOO_SMALL|EE_KEY_TOO_SMALL|PATH_LENGTH_EXCEEDED|UNABLE_TO_|ERROR_IN_CERT|KEYUSAGE_|UNHANDLED_CRITICAL)/;

/** Alerts by which a server judges our certificate, or that there is none (RFC 8446 section 6.2). */
const aboutOurCertificate = new Set([
  "certificate_required",
  "bad_certificate",
  "unknown_ca",
  "access_denied",
  "certificate_unknown",
  "no_certificate",
  "unsupported_certificate",
]);

/** Why the handshake failed, from the alert, OpenSSL's code, and which certificates were on the table. */
export function tlsCause(seen: Seen): LikelyCause {
  const { code = "" } = seen;
  const alert = seen.alert ?? alertIn(code);
  const verdict = Object.hasOwn(byVerdict, code) ? byVerdict[code] : undefined;
  if (verdict !== undefined) return verdict;
  if (alert !== null && aboutOurCertificate.has(alert)) return "client_certificate_demanded";
  if (alert === "handshake_failure" || /NO_(SHARED_)?CIPHER/.test(code)) return refusedCause(seen);
  if (alert === "unrecognized_name") return "host_name_unknown_to_server";
  if (alert === "internal_error") return "host_name_perhaps_unknown";
  if (alert === "protocol_version" || /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/.test(code)) {
    return "tls_too_old";
  }
  if (alert === "no_application_protocol") return "no_common_protocol";
  return unsuitable.test(code) ? "certificate_unsuitable" : "tls_failed";
}

/**
 * Under TLS 1.2 a server that misses our certificate says handshake_failure, as one without a common cipher does; but the
 * first had asked for it and shown its own by then, the second had not.
 */
function refusedCause({ clientCertificateAsked, serverCertificateShown }: Seen): LikelyCause {
  if (clientCertificateAsked) return "client_certificate_demanded";
  return serverCertificateShown ? "tls_failed" : "no_common_cipher";
}

/** The alert's name in a code of Node such as `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE`. */
function alertIn(code: string): string | null {
  const [, name] = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(\w+)$/.exec(code) ?? [];
  return name?.toLowerCase() ?? null;
}
