import { connect as connectSocket } from "node:net";
import { connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { Deadline } from "./deadline.ts";
import { type CertificateReport, phaseTimeoutMs } from "./schema.ts";
import type { Target } from "./target.ts";
import { handshakeOptions, type TlsConnector } from "./tls.ts";

const dayMs = 86_400_000;
const chainMax = 10;

/** The certificate of a secured connection; null when the server gave none. */
export function describeCertificate(socket: TLSSocket, now: Date): CertificateReport | null {
  const certificate = socket.getPeerCertificate(true);
  if (certificate === null || certificate.subject === undefined) return null;
  const validTo = new Date(certificate.valid_to);
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: (certificate.subjectaltname ?? "").split(/,\s*/).flatMap((name) => {
      const [, value] = /^(?:DNS|IP Address):(.+)$/.exec(name) ?? [];
      return value === undefined ? [] : [value];
    }),
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: validTo.toISOString(),
    daysLeft: Math.floor((validTo.getTime() - now.getTime()) / dayMs),
    chain: chainOf(certificate),
  };
}

/**
 * Reads the certificate that verification refused, for the **Verify** report. Verification is off here, and only here:
 * the connection goes to `address`, which the guard allowed, carries nothing and is ended at once. Null when it fails.
 */
export function inspectCertificate(
  target: Target,
  address: string,
  tls: TlsConnector,
  now: Date,
): Promise<CertificateReport | null> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host: address, port: target.port });
    socket.on("error", () => finish(null));
    const secured = connect({
      ...handshakeOptions(socket, target, tls.context),
      rejectUnauthorized: false,
    });
    const finish = (report: CertificateReport | null) => {
      deadline.clear();
      secured.destroy();
      socket.destroy();
      resolve(report);
    };
    const deadline = new Deadline(phaseTimeoutMs, () => finish(null));
    secured.on("error", () => finish(null));
    secured.once("close", () => finish(null));
    secured.once("secureConnect", () => finish(describeCertificate(secured, now)));
  });
}

function chainOf(leaf: DetailedPeerCertificate): string[] {
  const chain: string[] = [];
  let certificate: DetailedPeerCertificate | undefined = leaf;
  while (certificate !== undefined && chain.length < chainMax) {
    chain.push(nameOf(certificate.subject));
    // A root is its own issuer.
    const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
    certificate = issuer === certificate ? undefined : issuer;
  }
  return chain;
}

function nameOf(name: Partial<Record<string, string | string[]>> | undefined): string {
  const parts = Object.entries(name ?? {}).map(
    ([key, value]) => `${key}=${Array.isArray(value) ? value.join("+") : (value ?? "")}`,
  );
  return parts.join(", ");
}
