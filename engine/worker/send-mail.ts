import { createTransport, type SendMailOptions } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport/index.js";
import { oneClickUrl } from "#lib/notifications/mail-token.ts";
import type { ClaimedMail } from "#lib/outbox/claim-mails.ts";
import { toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { type Mailbox, parseMailAddress } from "#lib/outbox/mail-address.ts";
import type { SendingOutcome } from "#lib/outbox/record-sending.ts";

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
    const watch = watchEndOfMessage();
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
      return judgeSmtpError(asSmtpError(error), watch.ended(), signal.aborted);
    } finally {
      transport.close();
    }
  };
}

const notAnAddress: SendingOutcome = {
  kind: "refused",
  error: "This is not a valid mail address.",
  isAddress: false,
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
    connectionTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * Tells whether the message was written to its last byte, after which the server may have taken it whatever the
 * connection did next. The library says so in its log only; before that entry the final dot has not left.
 */
function watchEndOfMessage(): {
  logger: Exclude<SMTPTransport.Options["logger"], undefined>;
  ended: () => boolean;
} {
  let ended = false;
  const ignore = () => undefined;
  const watch = (entry: unknown) => {
    if (typeof entry === "object" && entry !== null && "tnx" in entry && entry.tnx === "message") {
      ended = true;
    }
  };
  return {
    logger: {
      level: ignore,
      trace: ignore,
      debug: ignore,
      info: watch,
      warn: ignore,
      error: ignore,
      fatal: ignore,
    },
    ended: () => ended,
  };
}

type SmtpError = {
  message: string;
  code?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  command?: string | undefined;
};

/** Pure: what a failed try means for the mail. */
function judgeSmtpError(
  error: SmtpError,
  messageEnded: boolean,
  stopping: boolean,
): SendingOutcome {
  const said = toHeaderSafe(error.response ?? error.message, 300);
  const answered = error.responseCode !== undefined;
  // 5xx to this mail or its addresses is final. To the greeting or the sign-in it is about this server and its settings,
  // and 503 about the order of commands: another try may go through.
  const aboutMail = error.code === "EENVELOPE" || error.code === "EMESSAGE";
  if (aboutMail && (!answered || isPermanent(error.responseCode))) {
    return { kind: "refused", error: said, isAddress: answered && isAboutAddress(error) };
  }
  if (messageEnded && !answered) {
    return { kind: "uncertain", error: `No answer after the whole mail was sent: ${said}` };
  }
  return stopping && !answered ? { kind: "interrupted" } : { kind: "deferred", error: said };
}

/**
 * Whether the server said that nobody reads this address: RFC 3463 5.1.x, or a plain 550, 551 or 553 to RCPT. A refusal by
 * policy (5.7.x), such as of a relay that is not set up, says nothing about the address.
 */
function isAboutAddress({ command, response = "", responseCode }: SmtpError): boolean {
  if (command !== "RCPT TO") return false;
  const [, enhanced] = /\b(5\.\d+)\.\d+\b/.exec(response) ?? [];
  if (enhanced !== undefined) return enhanced === "5.1";
  return responseCode === 550 || responseCode === 551 || responseCode === 553;
}

const isPermanent = (code: number | undefined): boolean =>
  code !== undefined && code >= 500 && code < 600 && code !== 503;

/** nodemailer's errors carry these fields; anything else thrown keeps its message. */
function asSmtpError(error: unknown): SmtpError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, response, responseCode, command }: Error & Partial<SmtpError> = error;
  return { message, code, response, responseCode, command };
}
