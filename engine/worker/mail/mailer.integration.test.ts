import type { AddressObject } from "mailparser";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { claimMails } from "#lib/outbox/claim-mails.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";
import type { Prisma } from "#prisma/generated/client.ts";
import {
  type Hooks,
  startRaw as rawServer,
  smtpError,
  startSmtp as smtpServer,
} from "#testing/smtp-test-server.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import type { MailTimeouts } from "./mail-transport.ts";
import { createMailer } from "./mailer.ts";
import { createSendMail } from "./send-mail.ts";

const log = pino({ level: "silent" });
const from = parseMailbox("Tocsin <tocsin@mail.example>");
let database: Database;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate mails, notifications, notices, alerts, suppressed_addresses, address_refusals, mail_notices",
  );
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startSmtp(hooks?: Hooks) {
  const server = await smtpServer(hooks);
  closers.push(server.close);
  return server;
}

async function startRaw(onSocket: Parameters<typeof rawServer>[0]): Promise<string> {
  const server = await rawServer(onSocket);
  closers.push(server.close);
  return server.url;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function mailer(url: string, timeouts: Partial<MailTimeouts> = {}) {
  const made = createMailer({
    pool: database.pool,
    log,
    send: createSendMail({ url, from, timeouts }),
  });
  return {
    ...made,
    /** Sends everything that is due, to the end. */
    run: async () => {
      while ((await made.poll()) > 0) await made.slots.idle();
      await made.slots.idle();
    },
  };
}

let serial = 0;
function queueMail(overrides: Partial<Prisma.MailUncheckedCreateInput> = {}) {
  serial += 1;
  return database.db.mail.create({
    data: {
      recipient: `person-${serial}@example.com`,
      locale: "en",
      subject: `Messaging API: Webhook redelivery stopped - Bot ${serial}`,
      html: "<p>Hello</p>",
      text: "Hello",
      state: "queued",
      messageId: `<mail-${serial}@mail.example>`,
      ...overrides,
    },
  });
}

const read = (id: string) => database.db.mail.findUniqueOrThrow({ where: { id } });
const makeDue = () =>
  database.pool.query(
    "update mails set due_at = now() - interval '1 second' where state in ('queued', 'sending')",
  );
const minutesUntilDue = async (id: string) =>
  Math.round(((await read(id)).dueAt.getTime() - Date.now()) / 60_000);

describe("a queued mail", () => {
  test("arrives as written, with a stable Message-ID, its thread and the marks of an automatic mail", async ({
    expect,
  }) => {
    const smtp = await startSmtp();
    const threadId = "0190a000-0000-7000-8000-000000000001";
    const notification = await database.db.notification.create({
      data: {
        channelId: "1000000001",
        type: "error_detected",
        key: "500",
        detectedAt: new Date(),
        closedAt: new Date(),
        reason: "error_status_code",
        detail: "500",
        errorCount: 1,
        threadId,
      },
    });
    const mail = await queueMail({
      notificationId: notification.id,
      subject: "Messaging API: Webhook redelivery stopped - 予約リマインダー",
      html: "<p>停止 &amp; <b>stop</b></p>",
      text: "停止 & stop",
      unsubscribeUrl: "https://console.example.com/unsubscribe/abc.def",
    });
    await mailer(smtp.url).run();
    const [got] = smtp.received;
    expect(smtp.received).toHaveLength(1);
    expect(got?.subject).toBe(mail.subject);
    expect(got?.from?.value).toEqual([{ name: "Tocsin", address: "tocsin@mail.example" }]);
    expect((got?.to as AddressObject | undefined)?.value).toEqual([
      { name: "", address: mail.recipient },
    ]);
    expect(got?.html).toBe(mail.html);
    expect(got?.text?.trim()).toBe(mail.text);
    expect(got?.messageId).toBe(mail.messageId);
    expect(got?.references).toBe(`<outage.${threadId}@mail.example>`);
    expect(got?.inReplyTo).toBe(`<outage.${threadId}@mail.example>`);
    expect(got?.headers.get("auto-submitted")).toBe("auto-generated");
    const lineOf = (name: string) =>
      got?.headerLines.find(({ key }) => key === name)?.line.replaceAll(/\s+/g, " ");
    expect(lineOf("list-unsubscribe")).toBe(
      "List-Unsubscribe: <https://console.example.com/unsubscribe/abc.def/one-click>",
    );
    expect(lineOf("list-unsubscribe-post")).toBe(
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    );
    expect(await read(mail.id)).toMatchObject({ state: "sent", attempts: 1, lastError: null });
    expect((await read(mail.id)).sentAt).not.toBeNull();
  });

  test("is sent once by two mailers that poll at the same time", async ({ expect }) => {
    const smtp = await startSmtp();
    for (let count = 0; count < 12; count++) await queueMail();
    await Promise.all([mailer(smtp.url).run(), mailer(smtp.url).run(), mailer(smtp.url).run()]);
    expect(new Set(smtp.received.map((mail) => mail.messageId)).size).toBe(12);
    expect(smtp.received).toHaveLength(12);
  });
});

test("claims made at the same moment never hold the same mail", async ({ expect }) => {
  for (let count = 0; count < 40; count++) await queueMail();
  // Connections first: claims that wait for one would come one after the other.
  await Promise.all(Array.from({ length: 8 }, () => database.pool.query("select pg_sleep(0.05)")));
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => claimMails(database.pool, 5, 60_000)),
  );
  const ids = claims.flat().map((mail) => mail.id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe("a mail server that", () => {
  test("refuses connections gets the mail after 1 and 5 minutes, once it is back", async ({
    expect,
  }) => {
    const url = "smtp://127.0.0.1:1";
    const mail = await queueMail();
    await mailer(url).run();
    expect(await read(mail.id)).toMatchObject({ state: "queued", attempts: 1, uncertainAt: null });
    expect((await read(mail.id)).lastError).toContain("ECONNREFUSED");
    expect(await minutesUntilDue(mail.id)).toBe(1);
    await makeDue();
    await mailer(url).run();
    expect(await minutesUntilDue(mail.id)).toBe(5);
    const smtp = await startSmtp();
    await makeDue();
    await mailer(smtp.url).run();
    expect(smtp.received.map((got) => got.messageId)).toEqual([mail.messageId]);
  });

  test("says not now for 24 hours does not get the mail any more", async ({ expect }) => {
    const smtp = await startSmtp({
      onRcptTo: (_address, _session, done) => done(smtpError(451, "4.7.1 not now")),
    });
    const mail = await queueMail({
      queuedAt: new Date(Date.now() - 24 * 3_600_000 + 30_000),
      attempts: 26,
    });
    await mailer(smtp.url).run();
    expect(await read(mail.id)).toMatchObject({ state: "failed", trouble: "delay" });
  });

  test("says nothing is left after the greeting time", async ({ expect }) => {
    const url = await startRaw(() => undefined);
    const mail = await queueMail();
    await mailer(url, { greetingMs: 100 }).run();
    expect(await read(mail.id)).toMatchObject({ state: "queued", uncertainAt: null });
    expect(await minutesUntilDue(mail.id)).toBe(1);
  });

  test("keeps talking without coming to an end is left after the total time", async ({
    expect,
  }) => {
    const url = await startRaw((socket) => {
      socket.write("220-wait\r\n");
      const timer = setInterval(() => socket.write("220-wait\r\n"), 50);
      socket.on("close", () => clearInterval(timer));
    });
    const mail = await queueMail();
    await mailer(url, { greetingMs: 60_000, totalMs: 400 }).run();
    expect(await read(mail.id)).toMatchObject({ state: "queued", uncertainAt: null });
  });

  test.for([421, 554])(
    "greets with %i gets the mail later: it is not about the mail",
    async (code, { expect }) => {
      const smtp = await startSmtp({
        onConnect: (_session, done) => done(smtpError(code, "not now")),
      });
      const mail = await queueMail();
      await mailer(smtp.url).run();
      expect(await read(mail.id)).toMatchObject({ state: "queued", uncertainAt: null });
    },
  );

  test("greylists gets the mail at the second try", async ({ expect }) => {
    let tries = 0;
    const smtp = await startSmtp({
      onRcptTo: (_address, _session, done) => {
        tries += 1;
        done(tries === 1 ? smtpError(451, "4.7.1 greylisted, try again") : null);
      },
    });
    const mail = await queueMail();
    await mailer(smtp.url).run();
    expect(await read(mail.id)).toMatchObject({ state: "queued", uncertainAt: null });
    expect((await read(mail.id)).lastError).toContain("451");
    await makeDue();
    await mailer(smtp.url).run();
    expect(await read(mail.id)).toMatchObject({ state: "sent", attempts: 2, lastError: null });
    expect(smtp.received).toHaveLength(1);
  });

  test("refuses one address for good gets the mails to the others", async ({ expect }) => {
    const smtp = await startSmtp({
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith("gone") ? smtpError(550, "5.1.1 no such user") : null),
    });
    const gone = await queueMail({ recipient: "gone@example.com" });
    const others = [await queueMail(), await queueMail()];
    await mailer(smtp.url).run();
    expect(await read(gone.id)).toMatchObject({ state: "failed", attempts: 1 });
    expect((await read(gone.id)).lastError).toContain("550 5.1.1 no such user");
    expect(await database.db.suppressedAddress.findMany()).toMatchObject([
      { addressKey: "gone@example.com", answer: expect.stringContaining("550 5.1.1") },
    ]);
    for (const { id } of others) expect(await read(id)).toMatchObject({ state: "sent" });
  });

  test("refuses an address for good stops what waits for it; a refusal by policy does not", async ({
    expect,
  }) => {
    const smtp = await startSmtp({
      onRcptTo: ({ address }, _session, done) =>
        done(smtpError(550, /^gone/i.test(address) ? "5.1.1 no such user" : "5.7.1 relay denied")),
    });
    const first = await queueMail({ recipient: "Gone-2@example.com" });
    const waiting = await queueMail({
      recipient: "gone-2@example.com",
      dueAt: new Date(Date.now() + 60_000),
    });
    const denied = await queueMail({ recipient: "policy@example.com" });
    await mailer(smtp.url).run();
    expect(await read(first.id)).toMatchObject({ state: "failed" });
    expect(await read(waiting.id)).toMatchObject({ state: "suppressed", attempts: 0 });
    expect(await read(denied.id)).toMatchObject({ state: "failed" });
    const stopped = await database.db.suppressedAddress.findMany({ select: { addressKey: true } });
    expect(stopped.map(({ addressKey }) => addressKey)).toEqual(["gone-2@example.com"]);
  });

  test("refuses the message after DATA: 5xx is final, 4xx is tried again; neither is uncertain", async ({
    expect,
  }) => {
    const smtp = await startSmtp({
      onMessage: (mail) => smtpError(mail.subject?.endsWith("spam") ? 554 : 452, "no"),
    });
    const spam = await queueMail({ subject: "spam" });
    const full = await queueMail({ subject: "full" });
    await mailer(smtp.url).run();
    expect(await read(spam.id)).toMatchObject({ state: "failed", uncertainAt: null });
    expect(await read(full.id)).toMatchObject({ state: "queued", uncertainAt: null });
  });

  test("cuts before the message is complete gets it later, and it is not uncertain", async ({
    expect,
  }) => {
    const url = await startRaw((socket) => {
      socket.write("220 hello\r\n");
      socket.on("data", (data) => {
        if (/^DATA/m.test(data.toString())) socket.destroy();
        else socket.write("250 ok\r\n");
      });
    });
    const mail = await queueMail();
    await mailer(url).run();
    expect(await read(mail.id)).toMatchObject({ state: "queued", uncertainAt: null });
    expect(await minutesUntilDue(mail.id)).toBe(1);
  });

  test("cuts after DATA gets the same mail once more after 10 minutes, under the same Message-ID", async ({
    expect,
  }) => {
    const smtp = await startSmtp({
      onMessage: (_mail, cut) => {
        if (smtp.received.length === 1) cut();
        return null;
      },
    });
    const mail = await queueMail();
    await mailer(smtp.url).run();
    expect(await read(mail.id)).toMatchObject({ state: "queued", uncertainAt: expect.any(Date) });
    expect(await minutesUntilDue(mail.id)).toBe(10);
    await makeDue();
    await mailer(smtp.url).run();
    expect(smtp.received.map((got) => got.messageId)).toEqual([mail.messageId, mail.messageId]);
    expect(await read(mail.id)).toMatchObject({ state: "sent", uncertainAt: expect.any(Date) });
  });

  test("never answers after DATA gets the mail twice and no more", async ({ expect }) => {
    const smtp = await startSmtp({ onMessage: () => new Promise(() => undefined) });
    const mail = await queueMail();
    for (let round = 0; round < 3; round++) {
      await mailer(smtp.url, { silenceMs: 3_000 }).run();
      await makeDue();
    }
    expect(smtp.received).toHaveLength(2);
    expect(await read(mail.id)).toMatchObject({ state: "failed", attempts: 2 });
    expect((await read(mail.id)).lastError).toContain(
      "No answer after the whole mail had been sent",
    );
  });
});

describe("a mailer that dies while sending", () => {
  test("leaves the mail to another when its lease ends: sent once more, marked; the third time failed", async ({
    expect,
  }) => {
    const smtp = await startSmtp();
    const mail = await queueMail();
    expect(await claimMails(database.pool, 5, 60_000)).toHaveLength(1);
    await mailer(smtp.url).run();
    expect(smtp.received).toHaveLength(0);
    await makeDue();
    const [second] = await claimMails(database.pool, 5, 60_000);
    expect(second).toMatchObject({ id: mail.id, attempts: 2, uncertain: true });
    await makeDue();
    await mailer(smtp.url).run();
    expect(smtp.received).toHaveLength(0);
    expect(await read(mail.id)).toMatchObject({ state: "failed", uncertainAt: expect.any(Date) });
  });

  test("cannot record a mail that another has claimed since", async ({ expect }) => {
    const answer = deferred();
    const arrived = deferred();
    const smtp = await startSmtp({
      onMessage: async () => {
        arrived.resolve();
        await answer.promise;
        return null;
      },
    });
    const mail = await queueMail();
    const slow = mailer(smtp.url);
    await slow.poll();
    await arrived.promise;
    await makeDue();
    await claimMails(database.pool, 5, 60_000);
    answer.resolve();
    await slow.slots.idle();
    expect(await read(mail.id)).toMatchObject({ state: "sending", attempts: 2 });
  });
});

describe("stopping", () => {
  test("waits for the mail on its way", async ({ expect }) => {
    const answer = deferred();
    const arrived = deferred();
    const smtp = await startSmtp({
      onMessage: async () => {
        arrived.resolve();
        await answer.promise;
        return null;
      },
    });
    const mail = await queueMail();
    const busy = mailer(smtp.url);
    await busy.poll();
    await arrived.promise;
    const stopped = busy.stop(10_000);
    answer.resolve();
    await stopped;
    expect(await read(mail.id)).toMatchObject({ state: "sent" });
    await queueMail();
    expect(await busy.poll()).toBe(0);
  });

  test("breaks off a mail that hangs, which is due again at once", async ({ expect }) => {
    const greeted = deferred();
    const url = await startRaw(() => greeted.resolve());
    const mail = await queueMail();
    const busy = mailer(url, { greetingMs: 60_000 });
    await busy.poll();
    await greeted.promise;
    await busy.stop(10);
    expect(await read(mail.id)).toMatchObject({
      state: "queued",
      lastError: null,
      uncertainAt: null,
    });
    expect(await minutesUntilDue(mail.id)).toBeCloseTo(0);
  });
});

describe("header injection", () => {
  test("through a subject stays inside the subject, even when the table holds it", async ({
    expect,
  }) => {
    const smtp = await startSmtp();
    await queueMail({ subject: "Hello\r\nBcc: victim@example.com\r\n\r\nbody\u2028x" });
    await mailer(smtp.url).run();
    const [got] = smtp.received;
    expect(got?.subject).toBe("Hello Bcc: victim@example.com body x");
    expect(got?.bcc).toBeUndefined();
    expect(got?.text?.trim()).toBe("Hello");
  });

  test.for([
    "a@example.com\r\nRCPT TO:<victim@example.com>",
    "a@example.com, victim@example.com",
    '"victim@example.com x"@example.com',
    "<victim@example.com>a@example.com",
  ])("through the address %j never reaches the server", async (recipient, { expect }) => {
    const smtp = await startSmtp();
    const mail = await queueMail({ recipient });
    await mailer(smtp.url).run();
    expect(smtp.received).toEqual([]);
    expect(await read(mail.id)).toMatchObject({ state: "failed" });
  });
});
