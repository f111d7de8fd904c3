/** OpenSSL's verdicts on a certificate, as Node passes them on: is it the certificate that was refused, so that showing it helps? */
export function isCertificateProblem(code: string): boolean {
  return /^(CERT_|UNABLE_TO_|INVALID_|ERROR_IN_CERT|DEPTH_ZERO_|SELF_SIGNED_|CA_|EE_|ERR_TLS_CERT_)/.test(
    code,
  );
}
