import type { TLSSocket } from "node:tls";
import type { ShownCertificate } from "./schema.ts";

/**
 * The certificate of a secured connection, for telling when it ends. Null without one that can be read. A resumed session
 * gives the one of its full handshake, at most 10 minutes ago.
 */
export function shownCertificate(socket: TLSSocket): ShownCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const notBefore = new Date(certificate.validFrom);
  const notAfter = new Date(certificate.validTo);
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) return null;
  const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  return { fingerprint, notBefore, notAfter };
}
