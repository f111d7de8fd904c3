import type { PeerCertificate, TLSSocket } from "node:tls";
import type { ShownCertificate } from "./schema.ts";

/**
 * The certificate of a secured connection, for telling when it ends. Null without one that can be read. A resumed session
 * gives the one of its full handshake, at most 10 minutes ago. Not by `getPeerX509Certificate`, after which Node (18 to 24)
 * gives the certificate to nobody any more, such as to Verify (findings/node-certificate-can-be-read-once.sh).
 */
export function shownCertificate(socket: TLSSocket): ShownCertificate | null {
  // Without a certificate it is an empty object, or null once the socket has ended, whatever the types say.
  const certificate: Partial<PeerCertificate> | null = socket.getPeerCertificate();
  const { valid_from: from, valid_to: to, fingerprint256 } = certificate ?? {};
  if (from === undefined || to === undefined || fingerprint256 === undefined) return null;
  const [notBefore, notAfter] = [new Date(from), new Date(to)];
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) return null;
  return { fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(), notBefore, notAfter };
}
