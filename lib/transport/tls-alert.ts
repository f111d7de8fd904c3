// RFC 8446 section 6 and, for older versions, RFC 5246 section 7.2 and RFC 6066 section 9, by OpenSSL's spelling.
const alerts: ReadonlySet<string> = new Set([
  "access_denied",
  "bad_certificate",
  "bad_certificate_hash_value",
  "bad_certificate_status_response",
  "bad_record_mac",
  "certificate_expired",
  "certificate_required",
  "certificate_revoked",
  "certificate_unknown",
  "certificate_unobtainable",
  "decode_error",
  "decompression_failure",
  "decrypt_error",
  "decryption_failed",
  "export_restriction",
  "handshake_failure",
  "illegal_parameter",
  "inappropriate_fallback",
  "insufficient_security",
  "internal_error",
  "missing_extension",
  "no_application_protocol",
  "no_certificate",
  "no_renegotiation",
  "protocol_version",
  "record_overflow",
  "unexpected_message",
  "unknown_ca",
  "unknown_psk_identity",
  "unrecognized_name",
  "unsupported_certificate",
  "unsupported_extension",
  "user_cancelled",
]);

/**
 * The name of the alert that the peer sent, from Node's code of the error; null when the code tells of none. OpenSSL 3.0
 * (Node 20) writes `ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE`, 3.2 and later `ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE`.
 */
export function alertOf(code: string): string | null {
  const [, prefix, name] =
    /^ERR_SSL_(SSLV3|TLSV1|TLSV13|SSL\/TLS)_(?:ALERT_)?([A-Z_]+)$/.exec(code) ?? [];
  if (prefix === undefined || name === undefined) return null;
  const lower = name.toLowerCase();
  return alerts.has(lower) ? lower : null;
}

// With these a server turns down the client's certificate, or that it has none.
const aboutOurCertificate: ReadonlySet<string> = new Set([
  "certificate_required",
  "no_certificate",
  "bad_certificate",
  "unsupported_certificate",
  "certificate_unknown",
  "certificate_expired",
  "unknown_ca",
  "access_denied",
  "handshake_failure",
]);

/**
 * Did the server ask for a client certificate and end the connection for want of it? Certain when it had shown its own by
 * then: a server that finds nothing in common (ciphers, versions) says so before.
 */
export function wantsClientCertificate(alert: string, serverCertificateShown: boolean): boolean {
  return (
    alert === "certificate_required" || (serverCertificateShown && aboutOurCertificate.has(alert))
  );
}
