import type { Socket } from "node:net";
import {
  connect,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { Deadline } from "./deadline.ts";
import type { Observation } from "./schema.ts";
import type { Target } from "./target.ts";
import { type TlsEvidence, tlsEvidence } from "./tls-evidence.ts";

export type TlsResult =
  | { ok: true; socket: TLSSocket; protocol: "http/1.1" | "h2" }
  | { ok: false; observation: Observation; evidence: TlsEvidence };

// docs/platform.md#transport. The last five are deprecated there and only meant for HTTP/1.x; modern servers never choose them.
const cipherSuites = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-RSA-AES128-SHA",
  "ECDHE-RSA-AES256-SHA",
  "AES128-GCM-SHA256",
  "AES128-SHA",
  "AES256-SHA",
];

const sessionsMax = 2_000;
// A resumed session is not checked against its certificate again; this bounds how long an expired one goes unseen.
const sessionAgeMaxMs = 600_000;

// What OpenSSL calls bytes that are no TLS record: not a guess from a message but its parser's verdict on the header.
const notTls = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_HTTP_REQUEST",
  "ERR_SSL_HTTPS_PROXY_REQUEST",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

/** TLS for one sender: its trusted certificates, and sessions to resume. */
export type TlsConnector = {
  /**
   * Shakes hands over a connected socket within `timeoutMs`; TLS 1.2 or 1.3, the certificate always verified.
   * `resume` false makes a full handshake, so that the certificate is seen; `http1` does not offer HTTP/2. Never rejects.
   */
  secure(
    socket: Socket,
    target: Target,
    options: { timeoutMs: number; resume: boolean; http1: boolean },
  ): Promise<TlsResult>;
  /** The same without verification, for reading a refused certificate; nothing is ever sent over such a connection. */
  context: SecureContext;
};

/** `ca`: PEM certificates trusted besides Node's own; without it `NODE_EXTRA_CA_CERTS` are trusted too. */
export function createTlsConnector(ca?: string): TlsConnector {
  const context = createSecureContext({
    minVersion: "TLSv1.2",
    ciphers: cipherSuites.join(":"),
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  });
  const sessions = new SessionCache();
  return {
    context,
    secure: (socket, target, { timeoutMs, resume, http1 }) =>
      new Promise((resolve) => {
        const session = resume ? sessions.get(target.origin) : undefined;
        const secured = connect({
          ...handshakeOptions(socket, target, context),
          ...(http1 ? { ALPNProtocols: ["http/1.1"] } : {}),
          ...(session ? { session } : {}),
        });
        let isSettled = false;
        const finish = (result: TlsResult) => {
          if (isSettled) return;
          isSettled = true;
          deadline.clear();
          if (!result.ok) {
            sessions.forget(target.origin);
            secured.destroy();
          }
          resolve(result);
        };
        const fail = (observation: Observation) => {
          if (isSettled) return;
          finish({ ok: false, observation, evidence: tlsEvidence(observation, secured) });
        };
        const deadline = new Deadline(timeoutMs, () => fail({ kind: "timed_out", phase: "tls" }));
        secured.on("session", (fresh) => {
          if (secured.authorized) sessions.keep(target.origin, fresh);
        });
        // Stays for the connection's life: a late error must never be without a listener.
        secured.on("error", (error) => fail(tlsFailure(error)));
        secured.once("close", () => fail({ kind: "closed", phase: "tls" }));
        secured.once("secureConnect", () => finish(agreed(secured)));
      }),
  };
}

/** What every handshake has in common; `rejectUnauthorized` is left at its default, true. */
export function handshakeOptions(socket: Socket, target: Target, context: SecureContext) {
  return {
    socket,
    secureContext: context,
    // The name the certificate must carry. An address has no server name indication, but is checked all the same.
    host: target.host,
    servername: target.isLiteral ? "" : target.host,
    ALPNProtocols: ["h2", "http/1.1"],
  };
}

function agreed(socket: TLSSocket): TlsResult {
  const protocol = socket.alpnProtocol === false ? "http/1.1" : socket.alpnProtocol;
  // A server without ALPN speaks HTTP/1.1.
  if (protocol === "h2" || protocol === "http/1.1") return { ok: true, socket, protocol };
  const observation: Observation = { kind: "no_common_protocol" };
  return { ok: false, observation, evidence: tlsEvidence(observation, socket) };
}

/** What an error during the handshake, or in place of the first bytes after it, says. */
export function tlsFailure(error: NodeJS.ErrnoException): Observation {
  const code = error.code ?? "ERR_TLS";
  if (notTls.has(code)) return { kind: "no_tls_record" };
  if (code.includes("NO_APPLICATION_PROTOCOL")) return { kind: "no_common_protocol" };
  if (code === "ECONNRESET" || code === "EPIPE") return { kind: "closed", phase: "tls" };
  return { kind: "failed", phase: "tls", code };
}

class SessionCache {
  readonly #sessions = new Map<string, { session: Buffer; until: number }>();

  get(origin: string): Buffer | undefined {
    const known = this.#sessions.get(origin);
    if (!known || performance.now() > known.until) return undefined;
    return known.session;
  }

  keep(origin: string, session: Buffer): void {
    // The age counts from the full handshake: a resumption's new ticket does not prolong it.
    const until = this.#sessions.get(origin)?.until ?? 0;
    const now = performance.now();
    this.#sessions.delete(origin);
    this.#sessions.set(origin, { session, until: until > now ? until : now + sessionAgeMaxMs });
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size > sessionsMax && !oldest.done) this.#sessions.delete(oldest.value);
  }

  forget(origin: string): void {
    this.#sessions.delete(origin);
  }
}
