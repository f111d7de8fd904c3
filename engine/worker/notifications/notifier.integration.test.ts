import { type ParsedMail, simpleParser } from "mailparser";
import { pino } from "pino";
import { SMTPServer } from "smtp-server";
import { test, vi } from "vitest";
import { inTransaction } from "#lib/db.ts";
import { noteFailures } from "#lib/endpoint-health/note-failures.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { countIntoWindows } from "#lib/notifications/count-failures.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createNotifier } from "./notifier.ts";

const env = {
  mailFrom: "Tocsin <tocsin@mail.example>",
  baseUrl: "https://console.example.com",
  displayTimeZone: "Asia/Tokyo",
  failingPolicy: { limitMs: 72 * 3_600_000, suspends: false },
  notificationPolicy: testPolicy,
  encryptionKey: testEncryptionKey,
};

async function listen(
  received: ParsedMail[],
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        received.push(mail);
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

test("a counted failure becomes one mail to each person, once, by three notifiers over real SMTP", async ({
  expect,
}) => {
  const database = await createTestDatabase();
  const received: ParsedMail[] = [];
  const smtp = await listen(received);
  const channel = await createChannel(database.db, {
    name: "予約リマインダー",
    email: "team@example.com",
  });
  const hana = await createUser(database.db, { email: "hana@example.com", locale: "ja" });
  await createMember(database.db, channel.id, { userId: hana.id });
  const log = pino({ level: "silent" });
  const notifiers = Array.from({ length: 3 }, () =>
    createNotifier({ database, env: { ...env, smtpUrl: smtp.url }, log, pollMs: 20 }),
  );
  for (const notifier of notifiers) notifier.start();
  const failure = {
    channelId: channel.id,
    type: "error_detected",
    statusCode: null,
    reason: "could_not_connect",
    detail: "Unknown host",
    occurredAt: new Date(Date.now() - 400_000),
    errorCount: 7,
  } as const;
  await inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
  await vi.waitUntil(() => received.length >= 2, { timeout: 120_000, interval: 20 });
  await Promise.all(notifiers.map((notifier) => notifier.stop()));
  const byAddress = new Map(
    received.map((mail) => [[mail.to].flat()[0]?.value[0]?.address, mail] as const),
  );
  expect(received).toHaveLength(2);
  expect([...byAddress.keys()].sort()).toEqual(["hana@example.com", "team@example.com"]);
  for (const mail of received) {
    expect(mail.subject).toBe(
      "Messaging API: Your bot server returned no response or an error - 予約リマインダー",
    );
    expect(mail.text).toContain("Detail for error: Unknown host\nError count: 7\nTime detected: ");
  }
  expect(byAddress.get("hana@example.com")?.html).toContain('lang="ja"');
  expect(byAddress.get("team@example.com")?.html).toContain('lang="en"');
  expect(await database.db.mail.count({ where: { state: "sent" } })).toBe(2);
  await smtp.close();
  await database.close();
});

test("the first mail of an outage is with the mail server while its window would still be counted into", async ({
  expect,
}) => {
  const database = await createTestDatabase();
  const received: ParsedMail[] = [];
  const smtp = await listen(received);
  const { id: channelId } = await createChannel(database.db, { email: "team@example.com" });
  const failed = [9_000, 6_000, 3_000].map((ago) => ({
    ...({ channelId, reason: "could_not_connect", detail: "Connection failed" } as const),
    startedAt: new Date(Date.now() - ago),
  }));
  await inTransaction(database.pool, async (client) => {
    const failures = failed.map(({ startedAt, ...failure }) => ({
      ...failure,
      ...({ type: "error_detected", statusCode: null, errorCount: 1 } as const),
      occurredAt: startedAt,
    }));
    await countIntoWindows(client, failures, testPolicy.windowMs);
    await noteFailures(client, failed);
  });
  const notifier = createNotifier({
    database,
    env: {
      ...{ ...env, smtpUrl: smtp.url },
      notificationPolicy: { ...testPolicy, earlyMs: 5_000 },
    },
    ...{ log: pino({ level: "silent" }), pollMs: 20 },
  });
  notifier.start();
  await vi.waitUntil(() => received.length > 0, { timeout: 120_000, interval: 20 });
  await notifier.stop();
  expect(received[0]?.text).toContain("Nothing is being delivered any more");
  const [notification, ...more] = await database.db.notification.findMany();
  expect(more).toEqual([]);
  expect(notification).toMatchObject({ errorCount: 3, toldAs: "ceased", untold: null });
  const { detectedAt = new Date(0), closedAt = new Date() } = notification ?? {};
  expect(closedAt.getTime() - detectedAt.getTime()).toBeLessThan(testPolicy.windowMs);
  await smtp.close();
  await database.close();
});

test("a mail that waited for the mail server does not go to who was disabled meanwhile", async ({
  expect,
}) => {
  const database = await createTestDatabase();
  const received: ParsedMail[] = [];
  const smtp = await listen(received);
  const channel = await createChannel(database.db, { email: "team@example.com" });
  const gone = await createUser(database.db, { email: "gone@example.com" });
  await createMember(database.db, channel.id, { userId: gone.id });
  const failure = {
    channelId: channel.id,
    type: "error_detected",
    statusCode: 500,
    reason: "error_status_code",
    detail: "500",
    occurredAt: new Date(Date.now() - 400_000),
    errorCount: 1,
  } as const;
  await inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
  await closeDueWindows(database.pool, closingOptions());
  await database.db.user.update({ where: { id: gone.id }, data: { disabledAt: new Date() } });
  const log = pino({ level: "silent" });
  const notifier = createNotifier({
    database,
    env: { ...env, smtpUrl: smtp.url },
    log,
    pollMs: 20,
  });
  notifier.start();
  const isDone = async () =>
    (await database.db.mail.count({ where: { state: { in: ["queued", "sending"] } } })) === 0;
  await vi.waitUntil(isDone, { timeout: 120_000, interval: 20 });
  await notifier.stop();
  expect(received.map((mail) => [mail.to].flat()[0]?.value[0]?.address)).toEqual([
    "team@example.com",
  ]);
  await smtp.close();
  await database.close();
});

test("a mail server that hangs with one mail holds up none that is written later", async ({
  expect,
}) => {
  const database = await createTestDatabase();
  const queue = (recipient: string) =>
    database.db.mail.create({
      data: {
        ...{ recipient, locale: "en", subject: "Hello", html: "", text: "", state: "queued" },
        messageId: `<${recipient}>`,
      },
    });
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const tried: string[] = [];
  const notifier = createNotifier({
    ...{ database, env: { ...env, smtpUrl: "smtp://127.0.0.1:1" }, pollMs: 20 },
    log: pino({ level: "silent" }),
    send: async ({ recipient }) => {
      tried.push(recipient);
      if (recipient === "hanging@example.com") await answered;
      return { kind: "sent" };
    },
  });
  notifier.start();
  await queue("hanging@example.com");
  await vi.waitUntil(() => tried.length === 1, { timeout: 60_000 });
  await queue("later@example.com");
  const isSent = async () =>
    (await database.db.mail.count({
      where: { state: "sent", recipient: "later@example.com" },
    })) === 1;
  await vi.waitUntil(isSent, { timeout: 60_000 });
  answer();
  await notifier.stop();
  expect(await database.db.mail.count({ where: { state: "sent" } })).toBe(2);
  await database.close();
});

test("a MAIL_FROM that is no address stops the start", ({ expect }) => {
  const database = { pool: undefined as never };
  const log = pino({ level: "silent" });
  expect(() =>
    createNotifier({ database, env: { ...env, smtpUrl: undefined, mailFrom: "nobody" }, log }),
  ).toThrow("MAIL_FROM must be an address");
});

test("a process whose clock is far off closes no windows until it is right", async ({ expect }) => {
  const database = await createTestDatabase();
  const { id: channelId } = await createChannel(database.db, { email: "team@example.com" });
  const failure = {
    ...({ channelId, type: "error_detected", statusCode: 500, errorCount: 1 } as const),
    ...({ reason: "error_status_code", detail: "500" } as const),
    occurredAt: new Date(Date.now() - 400_000),
  };
  await inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
  let isFarOff = true;
  let asked = 0;
  const notifier = createNotifier({
    database,
    env: { ...env, smtpUrl: undefined },
    log: pino({ level: "silent" }),
    pollMs: 20,
    clock: {
      now: () => new Date(),
      isFarOff: () => {
        asked += 1;
        return isFarOff;
      },
    },
  });
  notifier.start();
  // By the third question the rounds of the first two are over.
  await vi.waitUntil(() => asked >= 3, { timeout: 120_000, interval: 20 });
  expect(await database.db.notificationWindow.count()).toBe(1);
  isFarOff = false;
  await vi.waitUntil(async () => (await database.db.notificationWindow.count()) === 0, {
    ...{ timeout: 120_000, interval: 20 },
  });
  await notifier.stop();
  await database.close();
});
