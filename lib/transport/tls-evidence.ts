import type { TLSSocket } from "node:tls";
import type { Observation, Seen } from "./schema.ts";
import { alertOf, wantsClientCertificate } from "./tls-alert.ts";

/** What of a failure only the TLS layer knows. */
export type TlsEvidence = Pick<
  Seen,
  "alert" | "tlsVersion" | "clientCertificateAsked" | "serverCertificateShown"
>;

/** Of a handshake over `socket` that just failed. `version`: of one that had succeeded before HTTP/2 began. */
export function tlsEvidence(
  seen: Observation,
  socket: TLSSocket,
  version: string | null = null,
): TlsEvidence {
  const code = seen.kind === "failed" ? seen.code : "";
  // Asked only while OpenSSL's side of the socket surely lives: Node 20 does not survive every question after that.
  const isAlive = seen.kind === "timed_out" || alertOf(code) !== null;
  const isShown = isAlive && Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
  return {
    ...(version === null ? {} : { tlsVersion: version }),
    ...alertEvidence(code, isShown),
    ...(isShown ? { serverCertificateShown: true } : {}),
  };
}

/** Of an error code that came in place of an answer: then the handshake had been done. */
export function alertEvidence(code: string, serverCertificateShown: boolean): TlsEvidence {
  const alert = alertOf(code);
  if (alert === null) return {};
  return wantsClientCertificate(alert, serverCertificateShown)
    ? { alert, clientCertificateAsked: true }
    : { alert };
}
