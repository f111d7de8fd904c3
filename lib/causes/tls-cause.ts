import type { Seen } from "#lib/transport/schema.ts";
import { alertOf, wantsClientCertificate } from "#lib/transport/tls-alert.ts";
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

/** Why the handshake failed, from the alert, OpenSSL's code, and which certificates were on the table. */
export function tlsCause(seen: Seen): LikelyCause {
  const { code = "" } = seen;
  const alert = seen.alert ?? alertOf(code);
  const verdict = Object.hasOwn(byVerdict, code) ? byVerdict[code] : undefined;
  if (verdict !== undefined) return verdict;
  if (alert !== null && wantsClientCertificate(alert, hasShownItsOwn(seen))) {
    return "client_certificate_demanded";
  }
  if (noCommonCipher.test(alert ?? code)) {
    return hasShownItsOwn(seen) ? "tls_failed" : "no_common_cipher";
  }
  if (alert === "unrecognized_name") return "host_name_unknown_to_server";
  if (alert === "internal_error") return "host_name_perhaps_unknown";
  if (alert === "protocol_version" || /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/.test(code)) {
    return "tls_too_old";
  }
  if (alert === "no_application_protocol") return "no_common_protocol";
  return unsuitable.test(code) ? "certificate_unsuitable" : "tls_failed";
}

const noCommonCipher = /^(handshake_failure|insufficient_security)$|NO_(SHARED_)?CIPHER/;

/**
 * Under TLS 1.2 a server that misses our certificate says handshake_failure, as one without a common cipher does; but the
 * first had shown its own certificate by then, the second had not.
 */
const hasShownItsOwn = ({ phase, serverCertificateShown, clientCertificateAsked }: Seen): boolean =>
  phase === "answer" || serverCertificateShown === true || clientCertificateAsked === true;
