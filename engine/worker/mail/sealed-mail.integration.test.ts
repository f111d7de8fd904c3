import { randomBytes } from "node:crypto";
import pino from "pino";
import { expect, test } from "vitest";
import { createNotifier } from "#engine/worker/notifications/notifier.ts";
import { inTransaction } from "#lib/db.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { countIntoWindows } from "#lib/notifications/count-failures.ts";
import { findChannelMail } from "#lib/notifications/history.ts";
import { findMail } from "#lib/notifications/queries.ts";
import { openContent, postMail, sealContent } from "#lib/outbox/post-mail.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createMailer } from "./mailer.ts";
import { createRenderNotification } from "./render-mail.ts";

const link = "https://console.example.com/reset-password/a-token-that-nobody-may-see";
const mail = {
  recipient: "hana@example.com",
  locale: "en",
  subject: "Choose a new password",
  html: `<a href="${link}">Choose</a>`,
  text: `Choose: ${link}`,
  isSecret: true,
};

test("a mail with a link is sealed in the outbox, opened for its recipient alone, and forgotten once sent", async () => {
  const database = await createTestDatabase();
  const { db } = database;
  const options = { encryptionKey: testEncryptionKey, messageIdDomain: "mail.example" };
  await postMail(db, mail, { ...options, keep: false });
  const [row] = await db.mail.findMany();
  expect(JSON.stringify(row)).not.toContain("reset-password");
  const id = row?.id ?? "";
  expect(await findMail(db, testEncryptionKey, id)).toMatchObject({
    content: null,
    isSecret: true,
  });

  const sent: string[] = [];
  const notifier = createNotifier({
    database,
    env: {
      smtpUrl: "smtp://127.0.0.1:1",
      mailFrom: "Tocsin <tocsin@mail.example>",
      baseUrl: "https://console.example.com",
      displayTimeZone: "Asia/Tokyo",
      failingPolicy: { limitMs: 72 * 3_600_000, suspends: false },
      notificationPolicy: testPolicy,
      encryptionKey: testEncryptionKey,
    },
    log: pino({ level: "silent" }),
    pollMs: 20,
    send: async ({ html, text }) => {
      sent.push(html, text);
      return { kind: "sent" };
    },
  });
  notifier.start();
  const state = async () => (await db.mail.findUnique({ where: { id } }))?.state;
  await expect.poll(state, { timeout: 120_000 }).toBe("sent");
  await notifier.stop();
  expect(sent).toEqual([mail.html, mail.text]);
  expect(await db.mail.findUnique({ where: { id } })).toMatchObject({
    html: "",
    text: "",
    sealedContent: null,
  });

  // Without a mail server somebody has to pass it on.
  await postMail(db, mail, { ...options, keep: true });
  const kept = await db.mail.findFirstOrThrow({ where: { state: "kept" } });
  expect(await findMail(db, testEncryptionKey, kept.id)).toMatchObject({
    content: { text: mail.text },
    isSecret: true,
  });
  await database.close();
});

test("a mail that no key opens is put off: nothing was sent, and the others go out", async () => {
  const database = await createTestDatabase();
  const { db, pool } = database;
  const options = { encryptionKey: testEncryptionKey, messageIdDomain: "mail.example" };
  const ids = [
    await postMail(db, mail, { ...options, encryptionKey: randomBytes(32), keep: false }),
    await postMail(db, mail, { ...options, keep: false }),
  ];
  const read = (id = "") => db.mail.findUniqueOrThrow({ where: { id } });
  const sent: string[] = [];
  const mailer = createMailer({
    ...{ pool, log: pino({ level: "silent" }) },
    open: (one) => ({ ...one, ...openContent(testEncryptionKey, one) }),
    send: async ({ id }) => {
      sent.push(id);
      return { kind: "sent" };
    },
  });
  const round = async () => {
    await mailer.poll();
    await mailer.slots.idle();
  };
  await round();
  const locked = await read(ids[0]);
  expect(locked).toMatchObject({ state: "queued", trouble: "delay", uncertainAt: null });
  expect(locked.lastError).toMatch(/^Not sent: /);
  expect(locked.dueAt.getTime() - Date.now()).toBeLessThan(2 * 60_000);
  expect(sent).toEqual([ids[1]]);
  // Once the key is there, it goes out as if nothing had been.
  const html = sealContent(testEncryptionKey, ids[0] ?? "", mail);
  const dueAt = new Date(Date.now() - 1_000);
  await db.mail.update({ where: { id: locked.id }, data: { ...html, dueAt } });
  await round();
  expect(await read(ids[0])).toMatchObject({ state: "sent", uncertainAt: null });
  await database.close();
});

test("a mail that cannot be looked at once more is put off: nothing was sent", async () => {
  const database = await createTestDatabase();
  const { db, pool } = database;
  const id = await postMail(db, mail, {
    ...{ encryptionKey: testEncryptionKey, keep: false, messageIdDomain: "mail.example" },
  });
  const mailer = createMailer({
    ...{ pool, log: pino({ level: "silent" }) },
    takeBack: () => pool.query("select 1 from no_such_table").then(() => false),
    send: async () => ({ kind: "sent" }),
  });
  await mailer.poll();
  await mailer.slots.idle();
  expect(await db.mail.findUnique({ where: { id } })).toMatchObject({
    ...{ state: "queued", trouble: "delay", uncertainAt: null },
    lastError: expect.stringContaining("no_such_table"),
  });
  await database.close();
});

test("a mail is shown without the token that would end the mails of its reader", async () => {
  const database = await createTestDatabase();
  const { id: channelId } = await createChannel(database.db);
  const admin = await createUser(database.db);
  await createMember(database.db, channelId, { userId: admin.id });
  const failure = {
    ...{ channelId, statusCode: 500, detail: "500", errorCount: 1 },
    ...{ type: "error_detected" as const, reason: "error_status_code" as const },
    occurredAt: new Date(Date.now() - 400_000),
  };
  await inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
  const render = createRenderNotification("https://console.example.com", {
    ...{ limitMs: 3_600_000, suspends: false },
  });
  await closeDueWindows(database.pool, closingOptions({}, { render }));
  const [mail] = await database.db.mail.findMany({ where: { recipient: admin.email } });
  const token = mail?.unsubscribeUrl?.split("/").at(-1) ?? "no token";
  expect(mail?.html).toContain(token);
  expect(mail?.text).toContain(token);
  const shown = await findChannelMail(database.db, channelId, mail?.id ?? "");
  expect(shown?.content?.text).toContain("https://console.example.com/unsubscribe/…");
  expect(JSON.stringify(shown)).not.toContain(token);
  await database.close();
});
