import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import type { Database } from "#lib/db.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";
import { postMail } from "#lib/outbox/post-mail.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import { type Hooks, smtpError, startSmtp } from "#testing/smtp-test-server.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { adviceFor } from "./mail-advice.ts";
import { ehloName, type MailServer } from "./mail-transport.ts";
import { createMailer } from "./mailer.ts";
import { createSendMail } from "./send-mail.ts";
import { createServerCheck } from "./server-check.ts";

const from = parseMailbox("Tocsin <tocsin@mail.example>");
const certificates = createCertificates();
const selfSigned = certificates.selfSigned(["127.0.0.1"]);
const withStartTls: Hooks = { ...selfSigned, disabledCommands: ["AUTH"] };
let database: Database;
const closers: (() => Promise<unknown>)[] = [];
const errors: { notice?: string; msg: string }[] = [];
const log = pino({ level: "error" }, { write: (line) => errors.push(JSON.parse(line)) });

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  errors.length = 0;
  await database.pool.query("truncate mails, mail_notices cascade");
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(hooks: Hooks) {
  const server = await startSmtp(hooks);
  closers.push(server.close);
  return server;
}

/** One round of a mailer: what is due when it begins. */
async function round(server: Pick<MailServer, "url" | "ca" | "baseUrl">): Promise<void> {
  const mailer = createMailer({
    pool: database.pool,
    log,
    advise: adviceFor({ smtpUrl: server.url, mailFrom: "tocsin@mail.example" }),
    send: createSendMail({ ...server, from }),
  });
  while ((await mailer.poll()) > 0) await mailer.slots.idle();
  await mailer.slots.idle();
}

const queue = (recipient: string): Promise<string> =>
  postMail(
    database.db,
    { recipient, locale: "en", subject: "x", html: "x", text: "x", isSecret: false },
    { encryptionKey: testEncryptionKey, keep: false, messageIdDomain: "mail.example" },
  );
const makeDue = () =>
  database.pool.query(
    "update mails set due_at = now() - interval '1 second' where state = 'queued'",
  );
const read = (id: string) => database.db.mail.findUniqueOrThrow({ where: { id } });
const notices = async () => (await database.db.mailNotice.findMany()).map(({ kind }) => kind);

/** As if nobody had mended it for two days. */
const passTwoDays = () =>
  database.pool.query(
    `update mails set created_at = created_at - interval '48 hours', queued_at = queued_at - interval '48 hours'`,
  );

describe("mails wait, however long, and operators are told once and at once, while the mail server", () => {
  const troubles: [string, string, () => Promise<{ url: string }>][] = [
    ["shows a certificate nobody signed", "certificate", () => start(withStartTls)],
    [
      "refuses the sign-in",
      "sign_in",
      async () => {
        const { url } = await start({
          disabledCommands: ["STARTTLS"],
          onAuth: (_auth, _session, done) => done(smtpError(535, "5.7.8 authentication failed")),
        });
        return { url: url.replace("smtp://", "smtp://tocsin:wrong@") };
      },
    ],
    [
      "wants a sign-in",
      "sign_in",
      () =>
        start({
          onMailFrom: (_address, _session, done) =>
            done(smtpError(530, "5.7.0 Must issue a STARTTLS command first")),
        }),
    ],
    ["refuses connections", "connection", async () => ({ url: "smtp://127.0.0.1:1" })],
    [
      "speaks no TLS where it should",
      "tls",
      async () => {
        const { url } = await start({});
        return { url: url.replace("smtp://", "smtps://") };
      },
    ],
    [
      "greets with an error",
      "connection",
      () => start({ onConnect: (_session, done) => done(smtpError(554, "no service here")) }),
    ],
  ];
  test.for(troubles)("%s", async ([, kind, open]) => {
    const server = await open();
    const ids = [await queue("a@example.com"), await queue("b@example.com")];
    await round(server);
    await passTwoDays();
    for (let tries = 0; tries < 3; tries++) {
      await makeDue();
      await round(server);
    }
    for (const id of ids) expect((await read(id)).state).toBe("queued");
    expect(await notices()).toEqual([kind]);
    expect(errors.map(({ notice }) => notice)).toEqual([kind]);
    expect(errors[0]?.msg).toMatch(/SMTP_/);
    const mended = await start({
      // Greylisting: two days without a server must not count for it.
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith("b") ? smtpError(451, "4.7.1 greylisted") : null),
    });
    await makeDue();
    // One is tried at a time until one gets through; both are due alike, so either may be the first.
    await round(mended);
    await round(mended);
    expect(await read(ids[0] ?? "")).toMatchObject({ state: "sent" });
    expect(await read(ids[1] ?? "")).toMatchObject({ state: "queued", trouble: "delay" });
    expect(await notices()).toEqual([]);
  });
});

test("one mail that gets through makes all due that waited for the server", async () => {
  const waiting = [await queue("a@example.com"), await queue("b@example.com")];
  await round({ url: "smtp://127.0.0.1:1" });
  await makeDue();
  await round({ url: "smtp://127.0.0.1:1" });
  const server = await start({});
  await queue("c@example.com");
  await round(server);
  await round(server);
  for (const id of waiting) expect(await read(id)).toMatchObject({ state: "sent" });
});

test("while the server is away one mail is tried at a time", async () => {
  for (let count = 0; count < 5; count++) await queue(`a-${count}@example.com`);
  const mailer = createMailer({
    pool: database.pool,
    log,
    send: createSendMail({ url: "smtp://127.0.0.1:1", from }),
    slots: 1,
  });
  await mailer.poll();
  await mailer.slots.idle();
  expect(await mailer.poll()).toBe(0);
  await mailer.slots.idle();
  expect(await database.db.mail.count({ where: { attempts: 0 } })).toBe(3);
});

describe("a certificate nobody signed is taken", () => {
  test("when SMTP_CA_FILE holds it", async () => {
    const server = await start(withStartTls);
    const id = await queue("a@example.com");
    await round({ url: server.url, ca: selfSigned.cert });
    expect(await read(id)).toMatchObject({ state: "sent" });
  });

  test.for(["tls.rejectUnauthorized=false", "ignoreTLS=true"])(
    "when SMTP_URL ends with ?%s",
    async (option) => {
      const server = await start(withStartTls);
      const id = await queue("a@example.com");
      await round({ url: `${server.url}?${option}` });
      expect(await read(id)).toMatchObject({ state: "sent" });
    },
  );
});

test("a certificate made out to another name is taken when SMTP_URL says which", async () => {
  const identity = certificates.issue({ names: ["mx.example.com"] });
  const server = await start({ ...identity, disabledCommands: ["AUTH"] });
  const id = await queue("a@example.com");
  await round({ url: server.url, ca: certificates.ca });
  expect(await notices()).toEqual(["certificate"]);
  await makeDue();
  await round({ url: `${server.url}?tls.servername=mx.example.com`, ca: certificates.ca });
  expect(await read(id)).toMatchObject({ state: "sent" });
});

describe("in EHLO this machine is called", () => {
  test.for([
    ["https://console.example.com", "tocsin@mail.example", "console.example.com"],
    ["http://localhost:3000", "tocsin@mail.example", "mail.example"],
    ["http://192.0.2.7", "tocsin@mail.example", "mail.example"],
    ["http://[2001:db8::1]:3000", "tocsin@mail.example", "mail.example"],
    ["http://localhost:3000", "tocsin@localhost", undefined],
  ] as const)("%s with %s: %s", ([baseUrl, mailFrom, name]) => {
    expect(ehloName(baseUrl, parseMailbox(mailFrom))).toBe(name);
  });

  test("so that the server hears it, or what SMTP_URL says", async () => {
    const heard: (string | false | undefined)[] = [];
    const server = await start({
      onMailFrom: (_address, session, done) => {
        heard.push(session.hostNameAppearsAs);
        done();
      },
    });
    await queue("a@example.com");
    await round({ url: server.url, baseUrl: "https://console.example.com" });
    await queue("b@example.com");
    await round({
      url: `${server.url}?name=other.example.com`,
      baseUrl: "https://console.example.com",
    });
    expect(heard).toEqual(["console.example.com", "other.example.com"]);
  });
});

describe("at the start", () => {
  const check = async (url: string): Promise<void> => {
    const advise = adviceFor({ smtpUrl: url, mailFrom: "tocsin@mail.example" });
    await createServerCheck({ pool: database.pool, server: { url, from }, advise, log }).look();
  };

  test("a server that mails cannot leave by is told, with the setting that mends it", async () => {
    const server = await start(withStartTls);
    await check(server.url);
    expect(await notices()).toEqual(["certificate"]);
    expect(errors[0]?.msg).toContain("SMTP_CA_FILE");
    expect(errors[0]?.msg).toContain(new URL(server.url).host);
    expect(server.received).toEqual([]);
  });

  test("a server that works takes away what was told before", async () => {
    await check("smtp://127.0.0.1:1");
    expect(await notices()).toEqual(["connection"]);
    await check((await start({})).url);
    expect(await notices()).toEqual([]);
  });
});
