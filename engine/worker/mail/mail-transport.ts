import { isIP } from "node:net";
import { createTransport, type Transporter } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport/index.js";
import type { Mailbox } from "#lib/outbox/mail-address.ts";

export type MailServer = {
  /**
   * `smtp://` (STARTTLS where offered) or `smtps://`, with user and password where needed. What follows its `?` goes before
   * everything here: see docs/notifications.md for what is supported.
   */
  url: string;
  from: Mailbox;
  /** Where people reach the console: what this machine is called in EHLO, where it has a name. */
  baseUrl?: string;
  /** PEM: what certificates are checked against, instead of Node's own authorities. */
  ca?: string | undefined;
  timeouts?: Partial<MailTimeouts>;
};

export type MailTimeouts = {
  /** DNS, TCP and TLS together. */
  connectMs: number;
  greetingMs: number;
  /** Silence. A server may take its time between the end of the message and its answer (RFC 5321 4.5.3.2). */
  silenceMs: number;
  /** The whole try; also for a server that keeps talking but never comes to an end. */
  totalMs: number;
};

const defaultTimeouts: MailTimeouts = {
  connectMs: 15_000,
  greetingMs: 15_000,
  silenceMs: 90_000,
  totalMs: 180_000,
};

/** How far a try came. */
export type SeenProgress = { mailBegun: boolean; messageEnded: boolean };

/** A transport for one try; `progress` changes while it runs. */
export function openTransport(server: MailServer): {
  transport: Transporter<SMTPTransport.SentMessageInfo>;
  progress: SeenProgress;
  totalMs: number;
} {
  const timeouts = { ...defaultTimeouts, ...server.timeouts };
  const { logger, seen } = watchProgress();
  const name = ehloName(server.baseUrl, server.from);
  const transport = createTransport({
    url: server.url,
    logger,
    transactionLog: true,
    ...(name === undefined ? {} : { name }),
    ...(server.ca === undefined ? {} : { tls: { ca: server.ca } }),
    connectionTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  } satisfies SMTPTransport.Options);
  return { transport, progress: seen, totalMs: timeouts.totalMs };
}

/**
 * What this machine calls itself: RFC 5321 4.1.1.1 wants a domain name, and some servers refuse `[127.0.0.1]`, which is
 * what the library says on a machine whose name has no dot. The console's host name, else the sender's domain.
 */
export function ehloName(baseUrl: string | undefined, from: Mailbox): string | undefined {
  const host = baseUrl === undefined ? "" : new URL(baseUrl).hostname;
  return [host, from.address.split("@")[1] ?? ""].find(isDomainName);
}

const isDomainName = (host: string): boolean =>
  host.includes(".") && !host.startsWith("[") && isIP(host) === 0;

/**
 * Tells whether the envelope was begun, and whether the message was written to its last byte, after which the server may
 * have taken it whatever the connection did next. The library says so in its log only; before that entry the final dot has
 * not left. The log goes nowhere.
 */
function watchProgress(): {
  logger: Exclude<SMTPTransport.Options["logger"], undefined>;
  seen: SeenProgress;
} {
  const seen = { mailBegun: false, messageEnded: false };
  const ignore = () => undefined;
  const watch = (entry: unknown, text: unknown) => {
    if (typeof entry !== "object" || entry === null || !("tnx" in entry)) return;
    if (entry.tnx === "client" && String(text).startsWith("MAIL FROM:")) seen.mailBegun = true;
    if (entry.tnx === "message") seen.messageEnded = true;
  };
  return {
    logger: {
      level: ignore,
      trace: ignore,
      debug: watch,
      info: watch,
      warn: ignore,
      error: ignore,
      fatal: ignore,
    },
    seen,
  };
}
