import type { SendMailOptions } from "nodemailer";
import { oneClickUrl } from "#lib/notifications/mail-token.ts";
import type { ClaimedMail } from "#lib/outbox/claim-mails.ts";
import { toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { type Mailbox, parseMailAddress } from "#lib/outbox/mail-address.ts";
import type { SendingOutcome } from "#lib/outbox/record-sending.ts";
import { asSmtpError, judgeSmtpError } from "./judge-smtp-error.ts";
import { type MailServer, openTransport } from "./mail-transport.ts";

/** A claim must outlast the longest try, and leave the server time to settle before a mail of unknown fate is repeated. */
export const leaseMs = 15 * 60_000;

/** Sends one mail; never throws for the remote side. `signal` breaks it off. */
export type SendMail = (mail: ClaimedMail, signal: AbortSignal) => Promise<SendingOutcome>;

/**
 * Sends each mail over a connection of its own: what a pool does with a message whose connection ended (it sends it
 * again by itself) would double mails unseen.
 */
export function createSendMail(server: MailServer): SendMail {
  return async (mail, signal) => {
    const address = parseMailAddress(mail.recipient);
    if (address === null) return notAnAddress;
    const { transport, progress, totalMs } = openTransport(server);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(totalMs)]);
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
      return judgeSmtpError(asSmtpError(error), { ...progress, stopping: signal.aborted });
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
