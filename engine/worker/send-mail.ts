import { createTransport, type SendMailOptions } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport/index.js";
import { oneClickUrl } from "#lib/notifications/mail-token.ts";
import type { ClaimedMail } from "#lib/outbox/claim-mails.ts";
import { toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { type Mailbox, parseMailAddress } from "#lib/outbox/mail-address.ts";
import type { SendingOutcome } from "#lib/outbox/record-sending.ts";
import { judgeSmtpError, type SmtpError } from "./judge-smtp-error.ts";

export type MailServer = {
  /** `smtp://` (STARTTLS where offered) or `smtps://`, with user and password where needed. */
  url: string;
  from: Mailbox;
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

/** A claim must outlast the longest try, and leave the server time to settle before a mail of unknown fate is repeated. */
export const leaseMs = 15 * 60_000;

/** Sends one mail; never throws for the remote side. `signal` breaks it off. */
export type SendMail = (mail: ClaimedMail, signal: AbortSignal) => Promise<SendingOutcome>;

/**
 * Sends each mail over a connection of its own: what a pool does with a message whose connection ended (it sends it
 * again by itself) would double mails unseen.
 */
export function createSendMail(server: MailServer): SendMail {
  const timeouts = { ...defaultTimeouts, ...server.timeouts };
  return async (mail, signal) => {
    const address = parseMailAddress(mail.recipient);
    if (address === null) return notAnAddress;
    const watch = watchProgress();
    const transport = createTransport(smtpOptions(server.url, timeouts, watch.logger));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeouts.totalMs)]);
    const message: SendMailOptions & { signal: AbortSignal } = {
      ...headersOf(mail, server.from),
      to: { name: "", address },
      envelope: { from: server.from.address, to: [address] },
      html: mail.html,
      text: mail.text,
      disableFileAccess: true,
      disableUrlAccess: true,
      signal: limit,
    };
    try {
      await transport.sendMail(message);
      return { kind: "sent" };
    } catch (error) {
      return judgeSmtpError(asSmtpError(error), { ...watch.seen, stopping: signal.aborted });
    } finally {
      transport.close();
    }
  };
}

const notAnAddress: SendingOutcome = {
  kind: "refused",
  error: "This is not a valid mail address.",
  about: "message",
};

function headersOf(mail: ClaimedMail, from: Mailbox): SendMailOptions {
  const domain = from.address.split("@")[1] ?? "localhost";
  // Nobody has this Message-ID; mail programs make one conversation of the mails that name it.
  const thread = mail.threadId === null ? undefined : `<outage.${mail.threadId}@${domain}>`;
  return {
    from: { name: toHeaderSafe(from.name, 80), address: from.address },
    subject: toHeaderSafe(mail.subject, 255),
    messageId: mail.messageId,
    ...(thread === undefined ? {} : { inReplyTo: thread, references: [thread] }),
    headers: {
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
      ...unsubscribeHeaders(mail.unsubscribeUrl),
    },
  };
}

/** One click in the mail program ends the mails, without signing in (RFC 8058). */
function unsubscribeHeaders(pageUrl: string | null): Record<string, string> {
  if (pageUrl === null) return {};
  return {
    "List-Unsubscribe": `<${oneClickUrl(pageUrl)}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
}

function smtpOptions(
  url: string,
  timeouts: MailTimeouts,
  logger: SMTPTransport.Options["logger"],
): SMTPTransport.Options {
  return {
    url,
    logger,
    transactionLog: true,
    connectionTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * Tells how far a try came: whether the envelope was begun, and whether the message was written to its last byte, after
 * which the server may have taken it whatever the connection did next. The library says so in its log only; before that
 * entry the final dot has not left. The log holds passwords and goes nowhere.
 */
function watchProgress(): {
  logger: Exclude<SMTPTransport.Options["logger"], undefined>;
  seen: { mailBegun: boolean; messageEnded: boolean };
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

/** nodemailer's errors carry these fields; anything else thrown keeps its message. */
function asSmtpError(error: unknown): SmtpError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, response, responseCode, command }: Error & Partial<SmtpError> = error;
  return { message, code, response, responseCode, command };
}
