import { createMailing, type MailingOptions } from "#engine/worker/mail/mailing.ts";
import { createRenderDigest } from "#engine/worker/mail/render-digest.ts";
import { createRenderNotification } from "#engine/worker/mail/render-mail.ts";
import { createRenderOrder } from "#engine/worker/mail/render-order.ts";
import type { SendMail } from "#engine/worker/mail/send-mail.ts";
import type { Database } from "#lib/db.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import type { Log } from "#lib/log.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { noteEndingCertificates } from "#lib/notifications/note-certificates.ts";
import { orderWeeklyDigests } from "#lib/notifications/order-weekly.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { takeBackUnwanted } from "#lib/notifications/take-back.ts";
import { writeOrders } from "#lib/notifications/write-orders.ts";
import { type MailAddress, parseMailbox } from "#lib/outbox/mail-address.ts";
import { stepSlots } from "#lib/slots.ts";
import { type Steps, takeSteps } from "#lib/steps.ts";
import type { DatabaseClock } from "#lib/time/database-clock.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { createAlerter } from "./alerter.ts";

export type NotifierOptions = {
  database: Pick<Database, "pool">;
  env: MailingOptions["env"] & {
    displayTimeZone: string;
    failingPolicy: FailingPolicy;
    notificationPolicy: NotificationPolicy;
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
const certificatesLookMs = 60_000;
/** Between tries of what fails. */
const failedMaxMs = 10_000;

/** What is done again and again: by the name it has in the log, with the pause after each time. */
type Part = { what: string; everyMs: number; work: () => Promise<void> };

/**
 * Closes notification windows, writes what was ordered and sends mails, once a second. Any number may run against one database.
 * @throws Error when MAIL_FROM is not an address.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { database, env, log, pollMs = 1_000, drainMs = 10_000, send } = options;
  const { pool } = database;
  const from = parseMailbox(env.mailFrom);
  const parts = writing(options, from.address, pollMs);
  const alerts = alerting(options, pollMs);
  const mailing = createMailing({
    ...{ pool, env, from, log, pollMs, drainMs, send },
    takeBack: (mail) => takeBackUnwanted(pool, mail, env.notificationPolicy),
  });
  let running: readonly Steps[] = [];
  return {
    start: () => {
      running = parts.map((part) => repeat(part, log));
      alerts?.start();
      mailing.start();
    },
    stop: async () => {
      await Promise.all([
        ...running.map((steps) => steps.stop()),
        ...[alerts?.stop(), mailing.stop()],
      ]);
    },
  };
}

const repeat = ({ what, everyMs, work }: Part, log: Log): Steps =>
  takeSteps(() => work().then(() => everyMs), {
    ...{ idleMs: everyMs, failedMaxMs, log },
    failed: `${what} failed`,
  });

/** What puts mails into the outbox. */
function writing(
  { database: { pool }, env, log, clock }: NotifierOptions,
  from: MailAddress,
  pollMs: number,
): Part[] {
  const closing = {
    policy: env.notificationPolicy,
    render: createRenderNotification(env.baseUrl, env.failingPolicy),
    renderDigest: createRenderDigest(env.baseUrl),
    renderOrder: createRenderOrder(env.baseUrl),
    baseUrl: env.baseUrl,
    encryptionKey: env.encryptionKey,
    keep: env.smtpUrl === undefined,
    messageIdDomain: from.split("@")[1] ?? "localhost",
    displayTimeZone: env.displayTimeZone,
  };
  const close = async (): Promise<void> => {
    if (clock?.isFarOff()) return;
    const { windows, mails } = await closeDueWindows(pool, closing);
    if (windows + mails > 0) log.info({ windows, mails }, "notification windows closed");
  };
  const writeOrdered = async (): Promise<void> => {
    const mails = await writeOrders(pool, closing);
    if (mails > 0) log.info({ mails }, "ordered mails written");
  };
  const orderWeekly = async (): Promise<void> => {
    const mails = await orderWeeklyDigests(pool, closing);
    if (mails > 0) log.info({ mails }, "weekly digests ordered");
  };
  return [
    { what: "closing notification windows", everyMs: pollMs, work: close },
    { what: "writing ordered mails", everyMs: pollMs, work: writeOrdered },
    { what: "ordering weekly digests", everyMs: weeklyLookMs, work: orderWeekly },
    {
      what: "looking for ending certificates",
      everyMs: certificatesLookMs,
      work: () => noteEndingCertificates(pool),
    },
  ];
}

/** Sends alerts; null: they wait for a process that has a sender. */
function alerting({ database, env, log, sender, clock }: NotifierOptions, pollMs: number) {
  if (sender === undefined) return null;
  const { encryptionKey } = env;
  const alerter = createAlerter({
    ...{ pool: database.pool, sender, encryptionKey, log },
    ...(clock && { now: clock.now }),
  });
  let steps: Steps | undefined;
  return {
    start: () => {
      const failed = "sending alerts failed";
      steps = takeSteps(() => stepSlots(alerter, pollMs), {
        ...{ idleMs: pollMs, failedMaxMs, failed, log },
      });
    },
    stop: async () => {
      await steps?.stop();
      await alerter.slots.idle();
    },
  };
}
