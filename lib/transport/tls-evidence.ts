import type { TLSSocket } from "node:tls";
import type { Connection } from "./exchange.ts";
import type { Observation, Seen } from "./schema.ts";
import { alertOf, wantsClientCertificate } from "./tls-alert.ts";

/** What of a failure only the TLS layer knows. */
export type TlsEvidence = Pick<
  Seen,
  "alert" | "tlsVersion" | "clientCertificateAsked" | "serverCertificateShown"
>;

/** Of a handshake over `socket` that just failed. */
export function tlsEvidence(seen: Observation, socket: TLSSocket): TlsEvidence {
  const code = codeOf(seen);
  // Asked only while OpenSSL's side of the socket surely lives: Node 20 does not survive every question after that.
  const isAlive = seen.kind === "timed_out" || alertOf(code) !== null;
  const isShown = isAlive && Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
  return evidence(code, isShown);
}

/** Of a connection whose handshake had succeeded, before HTTP/2 had begun. */
export function securedEvidence(
  seen: Observation,
  { tlsVersion, certificate }: Pick<Connection, "tlsVersion" | "certificate">,
): TlsEvidence {
  const known = tlsVersion === null ? {} : { tlsVersion };
  return { ...known, ...evidence(codeOf(seen), certificate !== null) };
}

const codeOf = (seen: Observation): string => (seen.kind === "failed" ? seen.code : "");

const evidence = (code: string, isShown: boolean): TlsEvidence => ({
  ...alertEvidence(code, isShown),
  ...(isShown ? { serverCertificateShown: true } : {}),
});

/** Of an error code that came in place of an answer: then the handshake had been done. */
export function alertEvidence(code: string, serverCertificateShown: boolean): TlsEvidence {
  const alert = alertOf(code);
  if (alert === null) return {};
  return wantsClientCertificate(alert, serverCertificateShown)
    ? { alert, clientCertificateAsked: true }
    : { alert };
}
