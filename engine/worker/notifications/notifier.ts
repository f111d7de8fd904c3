import { createBounceReader } from "#engine/worker/mail/bounce-reader.ts";
import { adviceFor } from "#engine/worker/mail/mail-advice.ts";
import type { MailServer } from "#engine/worker/mail/mail-transport.ts";
import { createMailer, type Mailer } from "#engine/worker/mail/mailer.ts";
import { createRenderDigest } from "#engine/worker/mail/render-digest.ts";
import { createRenderNotification } from "#engine/worker/mail/render-mail.ts";
import { createRenderOrder } from "#engine/worker/mail/render-order.ts";
import { createSendMail, type SendMail } from "#engine/worker/mail/send-mail.ts";
import { createServerCheck } from "#engine/worker/mail/server-check.ts";
import { createBackoff } from "#lib/backoff.ts";
import { logFailure } from "#lib/database-log.ts";
import type { Database } from "#lib/db.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import type { Log } from "#lib/log.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { orderWeeklyDigests } from "#lib/notifications/order-weekly.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { takeBackUnwanted } from "#lib/notifications/take-back.ts";
import { writeOrders } from "#lib/notifications/write-orders.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";
import { openContent } from "#lib/outbox/post-mail.ts";
import { trustedAuthorities } from "#lib/outbox/trusted-authorities.ts";
import type { DatabaseClock } from "#lib/time/database-clock.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { sendDueAlerts } from "./alerter.ts";

export type NotifierOptions = {
  database: Pick<Database, "pool">;
  env: {
    /** Undefined: mails are kept for operators instead of being sent. */
    smtpUrl: string | undefined;
    mailFrom: string;
    smtpCaFile?: string | undefined;
    extraCaFile?: string | undefined;
    /** Undefined: nobody reads what comes back. */
    bounceImapUrl?: string | undefined;
    baseUrl: string;
    displayTimeZone: string;
    failingPolicy: FailingPolicy;
    notificationPolicy: NotificationPolicy;
    /** Signs the links of mails and seals some of them. */
    encryptionKey: Buffer;
  };
  log: Log;
  /** Sends alerts; undefined: they wait. */
  sender?: Pick<Sender, "send">;
  /** Where this process's clock is far off no windows are closed; absent: it is taken to be right. */
  clock?: Pick<DatabaseClock, "isFarOff" | "now">;
  pollMs?: number;
  /** How long `stop` waits for a mail that is on its way. */
  drainMs?: number;
  /** For tests. */
  send?: SendMail;
};

export type Notifier = {
  start: () => void;
  /** Finishes what is in hand; resolves when nothing runs any more. */
  stop: () => Promise<void>;
};

const weeklyLookMs = 5 * 60_000;
/** Between tries of what fails. */
const pauseMaxMs = 10_000;
/** How often a worker looks whether the mailbox is due, which it is once a minute. */
const bouncesMs = 10_000;

/**
 * Closes notification windows, writes what was ordered and sends mails, once a second. Any number may run against one database.
 * @throws Error when MAIL_FROM is not an address.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { database, env, log, sender, clock, pollMs = 1_000, drainMs = 10_000 } = options;
  const from = parseMailbox(env.mailFrom);
  const closing = {
    policy: env.notificationPolicy,
    render: createRenderNotification(env.baseUrl, env.failingPolicy),
    renderDigest: createRenderDigest(env.baseUrl),
    renderOrder: createRenderOrder(env.baseUrl),
    baseUrl: env.baseUrl,
    encryptionKey: env.encryptionKey,
    keep: env.smtpUrl === undefined,
    messageIdDomain: from.address.split("@")[1] ?? "localhost",
    displayTimeZone: env.displayTimeZone,
  };
  const authorities = trustedAuthorities({
    smtpCaFile: env.smtpCaFile,
    extraCaFile: env.extraCaFile,
  });
  const server: MailServer | undefined =
    env.smtpUrl === undefined
      ? undefined
      : {
          ...{ url: env.smtpUrl, from, baseUrl: env.baseUrl },
          ca: authorities,
        };
  const mailer: Mailer | undefined =
    server === undefined
      ? undefined
      : createMailer({
          pool: database.pool,
          log,
          takeBack: (mail) => takeBackUnwanted(database.pool, mail, env.notificationPolicy),
          advise: adviceFor(env),
          open: (mail) => ({ ...mail, ...openContent(env.encryptionKey, mail) }),
          send: options.send ?? createSendMail(server),
        });
  const closeWindows = everySoOften(pollMs, log, "closing notification windows", async () => {
    if (clock?.isFarOff()) return;
    const { windows, mails } = await closeDueWindows(database.pool, closing);
    if (windows + mails > 0) log.info({ windows, mails }, "notification windows closed");
  });
  const writeOrdered = everySoOften(pollMs, log, "writing ordered mails", async () => {
    const mails = await writeOrders(database.pool, closing);
    if (mails > 0) log.info({ mails }, "ordered mails written");
  });
  const orderWeekly = everySoOften(weeklyLookMs, log, "ordering weekly digests", async () => {
    const mails = await orderWeeklyDigests(database.pool, closing);
    if (mails > 0) log.info({ mails }, "weekly digests ordered");
  });
  const sendAlerts = everySoOften(pollMs, log, "sending alerts", async () => {
    if (sender === undefined) return;
    const deps = {
      pool: database.pool,
      sender,
      encryptionKey: env.encryptionKey,
      log,
      ...(clock && { now: clock.now }),
    };
    while ((await sendDueAlerts(deps)) > 0);
  });
  const check =
    server === undefined || options.send !== undefined
      ? undefined
      : createServerCheck({ pool: database.pool, server, advise: adviceFor(env), log });
  const sendMails = everySoOften(pollMs, log, "sending mails", async () => {
    while (mailer !== undefined && (await mailer.poll()) > 0) await mailer.freed();
  });
  const readMailbox =
    env.bounceImapUrl === undefined
      ? undefined
      : createBounceReader({
          pool: database.pool,
          mailbox: { url: env.bounceImapUrl, ca: authorities },
          advise: adviceFor(env),
          log,
        });
  const readBounced = everySoOften(bouncesMs, log, "reading bounces", async () => {
    await readMailbox?.();
  });
  return {
    start: () => {
      for (const part of [closeWindows, writeOrdered, orderWeekly, sendAlerts]) part.start();
      if (mailer !== undefined) sendMails.start();
      check?.start();
      if (readMailbox !== undefined) readBounced.start();
    },
    stop: async () => {
      check?.stop();
      const writers = [closeWindows, writeOrdered, orderWeekly, sendAlerts].map((part) =>
        part.stop(),
      );
      await Promise.all([...writers, mailer?.stop(drainMs), sendMails.stop(), readBounced.stop()]);
      // A claim that was under way when the mailer stopped has been sent on since.
      await mailer?.stop(drainMs);
    },
  };
}

/** Runs `work` again and again with a pause between; a failure is logged, makes the pauses grow and does not end it. */
function everySoOften(
  pauseMs: number,
  log: Log,
  what: string,
  work: () => Promise<void>,
): { start: () => void; stop: () => Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const backoff = createBackoff({ minMs: pauseMs, maxMs: Math.max(pauseMs, pauseMaxMs) });
  const run = async (): Promise<void> => {
    let nextMs = pauseMs;
    try {
      await work();
      backoff.reset();
    } catch (error) {
      logFailure(log, error, `${what} failed`);
      nextMs = backoff.next();
    }
    if (!stopped) schedule(nextMs);
  };
  const schedule = (nextMs: number): void => {
    timer = setTimeout(() => {
      running = run();
    }, nextMs);
  };
  return {
    start: () => {
      running = run();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
