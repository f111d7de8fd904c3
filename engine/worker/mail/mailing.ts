import type { Pool } from "pg";
import type { Log } from "#lib/log.ts";
import type { ClaimedMail } from "#lib/outbox/claim-mails.ts";
import type { Mailbox } from "#lib/outbox/mail-address.ts";
import { openContent } from "#lib/outbox/post-mail.ts";
import { trustedAuthorities } from "#lib/outbox/trusted-authorities.ts";
import { stepSlots } from "#lib/slots.ts";
import { type Steps, takeSteps } from "#lib/steps.ts";
import { createBounceReader } from "./bounce-reader.ts";
import { adviceFor } from "./mail-advice.ts";
import type { MailServer } from "./mail-transport.ts";
import { createMailer } from "./mailer.ts";
import { createSendMail, type SendMail } from "./send-mail.ts";
import { createServerCheck } from "./server-check.ts";

export type MailingOptions = {
  pool: Pool;
  env: {
    /** Undefined: mails are kept for operators instead of being sent. */
    smtpUrl: string | undefined;
    mailFrom: string;
    smtpCaFile?: string | undefined;
    extraCaFile?: string | undefined;
    /** Undefined: nobody reads what comes back. */
    bounceImapUrl?: string | undefined;
    baseUrl: string;
    /** Signs the links of mails, seals some of them and opens those again. */
    encryptionKey: Buffer;
  };
  /** Whom mails come from: `mailFrom`, read. */
  from: Mailbox;
  /** Asked before each mail; true: it was taken back and is not sent. */
  takeBack: (mail: ClaimedMail) => Promise<boolean>;
  log: Log;
  pollMs: number;
  /** How long `stop` waits for a mail that is on its way. */
  drainMs: number;
  /** For tests: instead of the mail server, which is then not looked at either. */
  send?: SendMail | undefined;
};

/** What works with the mail server, or with the mailbox that bounces come to. */
export type Mailing = { start: () => void; stop: () => Promise<void> };

/** Between tries of what fails. */
const failedMaxMs = 10_000;
/** How often a worker looks whether the mailbox is due, which it is once a minute. */
const bouncesMs = 10_000;

/** Sends the mails of the outbox, looks once whether the server takes them, and reads what comes back: as far as each is set. */
export function createMailing(options: MailingOptions): Mailing {
  const { pool, env, from, log, send } = options;
  const ca = trustedAuthorities({ smtpCaFile: env.smtpCaFile, extraCaFile: env.extraCaFile });
  const { smtpUrl: url, baseUrl } = env;
  const parts: Mailing[] = [];
  if (url !== undefined) {
    const server: MailServer = { url, from, baseUrl, ca };
    parts.push(sending(options, send ?? createSendMail(server)));
    if (send === undefined) parts.push(checking(options, server));
  }
  if (env.bounceImapUrl !== undefined) {
    const mailbox = { url: env.bounceImapUrl, ca };
    const read = createBounceReader({ pool, mailbox, advise: adviceFor(env), log });
    parts.push(reading(read, log));
  }
  return {
    start: () => {
      for (const part of parts) part.start();
    },
    stop: async () => {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

function sending(options: MailingOptions, send: SendMail): Mailing {
  const { pool, env, log, takeBack, pollMs, drainMs } = options;
  const mailer = createMailer({
    ...{ pool, log, takeBack, send },
    advise: adviceFor(env),
    open: (mail) => ({ ...mail, ...openContent(env.encryptionKey, mail) }),
  });
  let steps: Steps | undefined;
  return {
    start: () => {
      const failed = "sending mails failed";
      const step = () => stepSlots(mailer, pollMs);
      steps = takeSteps(step, { idleMs: pollMs, failedMaxMs, failed, log });
    },
    stop: async () => {
      await Promise.all([mailer.stop(drainMs), steps?.stop()]);
      // A claim that was under way when the mailer stopped has been sent on since.
      await mailer.stop(drainMs);
    },
  };
}

function checking({ pool, env, log }: MailingOptions, server: MailServer): Mailing {
  const check = createServerCheck({ pool, server, advise: adviceFor(env), log });
  return { start: check.start, stop: async () => check.stop() };
}

function reading(read: () => Promise<number>, log: MailingOptions["log"]): Mailing {
  const readDue = async (): Promise<number> => {
    await read();
    return bouncesMs;
  };
  let steps: Steps | undefined;
  return {
    start: () => {
      steps = takeSteps(readDue, { idleMs: bouncesMs, failed: "reading bounces failed", log });
    },
    stop: async () => steps?.stop(),
  };
}
