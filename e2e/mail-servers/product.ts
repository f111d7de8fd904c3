import { pino } from "pino";
import { createBounceReader } from "#engine/worker/mail/bounce-reader.ts";
import type { MailServer } from "#engine/worker/mail/mail-transport.ts";
import { createMailer } from "#engine/worker/mail/mailer.ts";
import { createSendMail } from "#engine/worker/mail/send-mail.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";
import { postMail } from "#lib/outbox/post-mail.ts";
import { migrate } from "#prisma/migrate.ts";
import { startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { testEncryptionKey } from "#testing/factories.ts";

export type Sending = Partial<Pick<MailServer, "ca" | "baseUrl">> & {
  url: string;
  from?: string;
};

/** The product's own outbox, mailer and reader of bounces over a database of their own. */
export type Product = {
  database: Database;
  /** Forgets everything. */
  reset: () => Promise<void>;
  /** Writes a mail to each, sends what is due, and says what became of those written, in order. */
  send: (sending: Sending, ...recipients: string[]) => Promise<string[]>;
  /** Reads the mailbox of bounces until `count` mails are known to have come back. */
  readBounces: (url: string, count: number) => Promise<void>;
  /** Reads it until so many messages have been looked at. */
  readMessages: (url: string, count: number) => Promise<void>;
  /** Looks into it once, whatever comes of it. */
  readBouncesOnce: (url: string) => Promise<void>;
  stopped: () => Promise<string[]>;
  notices: () => Promise<string[]>;
  /** What the log says with these words, since the last reset. */
  logged: (message: string) => Record<string, unknown>[];
  lastErrors: () => Promise<string[]>;
  stop: () => Promise<void>;
};

const lines: Record<string, unknown>[] = [];
const log = pino({ level: "info" }, { write: (line) => lines.push(JSON.parse(line)) });
const deadlineMs = 120_000;

export async function startProduct(): Promise<Product> {
  const cluster = await startThrowawayDatabase();
  await migrate(cluster.url);
  const database = openDatabase(cluster.url);
  const { db, pool } = database;
  const write = (recipient: string) =>
    postMail(
      db,
      { recipient, locale: "en", subject: "Errors", html: "<p>x</p>", text: "x", isSecret: false },
      { encryptionKey: testEncryptionKey, keep: false, messageIdDomain: "mail.example" },
    );
  const readerOf = (url: string) =>
    createBounceReader({ pool, mailbox: { url, ca: undefined }, advise: (kind) => kind, log });
  const readUntil = async (url: string, isOver: () => Promise<boolean>): Promise<void> => {
    for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; ) {
      await readerOf(url)();
      if (await isOver()) return;
      await pool.query("update bounce_mailbox set due_at = now() - interval '1 second'");
      await new Promise((settle) => setTimeout(settle, 200));
    }
    const notice = await db.mailNotice.findFirst({ where: { kind: "bounces" } });
    throw new Error(`No mail came back. ${notice?.answer ?? ""}`);
  };
  return {
    database,
    reset: async () => {
      lines.length = 0;
      await pool.query(
        "truncate mails, suppressed_addresses, address_refusals, mail_notices, bounce_mailbox cascade",
      );
    },
    send: async ({ from = "tocsin@mail.example", ...server }, ...recipients) => {
      const ids: string[] = [];
      for (const recipient of recipients) ids.push(await write(recipient));
      const send = createSendMail({ ...server, from: parseMailbox(`Tocsin <${from}>`) });
      const mailer = createMailer({ pool, log, send });
      while ((await mailer.poll()) > 0) await mailer.slots.idle();
      await mailer.slots.idle();
      const rows = await db.mail.findMany({ where: { id: { in: ids } } });
      return ids.map((id) => rows.find((row) => row.id === id)?.state ?? "gone");
    },
    readBouncesOnce: async (url) => {
      await readerOf(url)();
    },
    readBounces: (url, count) =>
      readUntil(url, async () => (await db.mail.count({ where: { state: "bounced" } })) >= count),
    readMessages: (url, count) =>
      readUntil(url, async () => Number((await db.bounceMailbox.findFirst())?.lastUid) >= count),
    stopped: async () =>
      (await db.suppressedAddress.findMany({ orderBy: { addressKey: "asc" } })).map(
        ({ addressKey }) => addressKey,
      ),
    notices: async () => (await db.mailNotice.findMany()).map(({ kind }) => kind),
    logged: (message) => lines.filter(({ msg }) => msg === message),
    lastErrors: async () =>
      (await db.mail.findMany({ orderBy: { id: "asc" } })).map(({ lastError }) => lastError ?? ""),
    stop: async () => {
      await database.close();
      await cluster.stop();
    },
  };
}
