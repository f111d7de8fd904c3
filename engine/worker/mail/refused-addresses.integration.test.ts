import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";
import { postMail } from "#lib/outbox/post-mail.ts";
import { countSendableAgain } from "#lib/outbox/send-again.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import { smtpError, startSmtp, type TestServer } from "#testing/smtp-test-server.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createMailer } from "./mailer.ts";
import { createSendMail } from "./send-mail.ts";

let database: Database;
let server: TestServer;
const posting = { encryptionKey: testEncryptionKey, keep: false, messageIdDomain: "mail.example" };
/** What the server says to RCPT, by address; undefined: it takes it. */
let answers: (address: string) => [code: number, text: string] | undefined;
/** The same to a whole message. */
let verdict: [code: number, text: string] | undefined;
const told: unknown[] = [];
const log = pino({ level: "error" }, { write: (line) => told.push(JSON.parse(line).notice) });

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startSmtp({
    onRcptTo: ({ address }, _session, done) => {
      const answer = answers(address);
      done(answer === undefined ? null : smtpError(...answer));
    },
    onMessage: () => (verdict === undefined ? null : smtpError(...verdict)),
  });
});
afterAll(async () => {
  await server.close();
  await database.close();
});
beforeEach(async () => {
  answers = () => undefined;
  verdict = undefined;
  told.length = 0;
  await database.pool.query(
    "truncate mails, suppressed_addresses, address_refusals, mail_notices cascade",
  );
});

/** Writes mails, sends what is due, and says what became of those written, in their order. */
async function send(...recipients: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const recipient of recipients) {
    const words = { recipient, locale: "en", subject: "x", html: "x", text: "x", isSecret: false };
    ids.push(await postMail(database.db, words, posting));
  }
  const sendMail = createSendMail({
    url: server.url,
    from: parseMailbox("Tocsin <tocsin@mail.example>"),
  });
  // One after the other, so that it is known which was refused first.
  const mailer = createMailer({ pool: database.pool, log, send: sendMail, slots: 1 });
  while ((await mailer.poll()) > 0) await mailer.slots.idle();
  const rows = await database.db.mail.findMany({ where: { id: { in: ids } } });
  return ids.map((id) => rows.find((row) => row.id === id)?.state ?? "gone");
}

const stopped = async (): Promise<string[]> =>
  (await database.db.suppressedAddress.findMany({ orderBy: { addressKey: "asc" } })).map(
    ({ addressKey }) => addressKey,
  );
const notices = async (): Promise<string[]> =>
  (await database.db.mailNotice.findMany()).map(({ kind }) => kind);

/** Lets all that happened lie further back. */
async function pass(hours: number): Promise<void> {
  const by = "make_interval(hours => $1)";
  await database.pool.query(`update address_refusals set refused_at = refused_at - ${by}`, [hours]);
  await database.pool.query(
    `update mails set sent_at = sent_at - ${by}, created_at = created_at - ${by}`,
    [hours],
  );
  await database.pool.query(
    `update suppressed_addresses set suppressed_at = suppressed_at - ${by}`,
    [hours],
  );
  await database.pool.query(
    `update mail_notices set last_at = last_at - ${by}, since = since - ${by}`,
    [hours],
  );
}

describe("an address that exists is not stopped by a server that", () => {
  test.for([
    [550, "Sender verify failed"],
    [550, "relay not permitted"],
    [550, "5.1.8 <tocsin@mail.example>: Sender address rejected: Domain not found"],
    [550, "5.1.0 Address rejected"],
    [550, "5.1.7 Sender address rejected"],
    [554, "5.7.1 Relay access denied"],
    [550, "Invalid recipient: <here@example.com>"],
  ] as [number, string][])("answers %i %s", async (answer) => {
    answers = () => answer;
    expect(await send("here@example.com")).toEqual(["failed"]);
    expect(await stopped()).toEqual([]);
    answers = () => undefined;
    expect(await send("here@example.com")).toEqual(["sent"]);
  });

  test("refuses the sender, which operators are told of once", async () => {
    answers = () => [550, "5.1.8 Sender address rejected: Domain not found"];
    await send("a@example.com", "b@example.com", "a@example.com");
    expect(await notices()).toEqual(["sender"]);
    expect(told).toEqual(["sender"]);
  });

  test.for([
    [550, "5.7.1 rejected by policy"],
    [554, "rejected as spam"],
  ] as [number, string][])(
    "refuses the whole mail with %i %s, which operators are told of once and may send again",
    async (policy) => {
      verdict = policy;
      expect(await send("a@example.com", "b@example.com")).toEqual(["failed", "failed"]);
      expect([await notices(), told]).toEqual([["sender"], ["sender"]]);
      expect([await stopped(), await countSendableAgain(database.db)]).toEqual([[], 2]);
    },
  );

  test("refuses a mail for what it holds: nobody is told, and it is not among those sent again", async () => {
    verdict = [552, "5.3.4 message size exceeds the limit"];
    expect(await send("a@example.com")).toEqual(["failed"]);
    expect([await notices(), await countSendableAgain(database.db)]).toEqual([[], 0]);
  });

  test("refuses several addresses within minutes, however sure it is; operators are told once", async () => {
    answers = () => [550, "5.1.1 no such user"];
    const states = await send("a@example.com", "b@example.com", "c@example.com", "d@example.com");
    expect(states).toEqual(["failed", "failed", "failed", "failed"]);
    expect(await stopped()).toEqual([]);
    expect(await notices()).toEqual(["many_refused"]);
    expect(told).toEqual(["many_refused"]);
  });

  test("refused two before the third showed that it refuses anybody: what was held back goes out", async () => {
    answers = () => [550, "5.1.1 no such user"];
    await send("a@example.com");
    expect(await stopped()).toEqual(["a@example.com"]);
    const held = await database.db.mail.create({
      data: {
        ...{ recipient: "a@example.com", locale: "en", subject: "x", html: "x", text: "x" },
        ...{ state: "suppressed", messageId: "<held@mail.example>" },
      },
    });
    await send("b@example.com", "c@example.com");
    expect(await stopped()).toEqual([]);
    expect(await database.db.mail.findUnique({ where: { id: held.id } })).toMatchObject({
      state: "queued",
    });
    answers = () => undefined;
    await database.pool.query(
      "update mails set due_at = now() - interval '1 second' where state = 'queued'",
    );
    await send("d@example.com");
    expect(await database.db.mail.findUnique({ where: { id: held.id } })).toMatchObject({
      state: "sent",
    });
  });
});

describe("an address that nobody reads", () => {
  test("is stopped at once when the server says so, and gets nothing more", async () => {
    answers = (address) => (address.startsWith("gone") ? [550, "5.1.1 no such user"] : undefined);
    expect(await send("gone@example.com", "here@example.com")).toEqual(["failed", "sent"]);
    expect(await stopped()).toEqual(["gone@example.com"]);
    expect(await send("gone@example.com")).toEqual(["suppressed"]);
  });

  test("is stopped when others were refused long before", async () => {
    answers = (address) => (address.startsWith("gone") ? [550, "5.1.1 no such user"] : undefined);
    for (const name of ["gone-1", "gone-2", "gone-3", "gone-4"]) {
      await send(`${name}@example.com`);
      await pass(1);
    }
    expect(await stopped()).toHaveLength(4);
    expect(await notices()).toEqual([]);
  });

  const doubtful = (address: string): [number, string] | undefined =>
    address.startsWith("gone") ? [550, "Unrouteable address"] : undefined;

  test("is stopped by an answer without a code after 3 mails and 24 hours in which others of its domain got theirs", async () => {
    answers = doubtful;
    await send("gone@example.com", "here@example.com");
    await pass(12);
    await send("gone@example.com");
    await pass(12);
    expect(await stopped()).toEqual([]);
    await send("gone@example.com");
    expect(await stopped()).toEqual(["gone@example.com"]);
  });

  test.for([
    ["two mails", async () => pass(25)],
    [
      "23 hours",
      async () => {
        await pass(22);
        await send("gone@example.com");
        await pass(1);
      },
    ],
  ] as [string, () => Promise<void>][])("is not stopped so after %s", async ([, between]) => {
    answers = doubtful;
    await send("gone@example.com", "here@example.com");
    await between();
    await send("gone@example.com");
    expect(await stopped()).toEqual([]);
  });

  test("is not stopped so while nobody else at its domain gets mails: a relay may refuse the domain", async () => {
    answers = doubtful;
    await send("gone@example.com", "here@other.example");
    for (const hours of [12, 13]) {
      await pass(hours);
      await send("gone@example.com", "here@other.example");
    }
    expect(await stopped()).toEqual([]);
  });

  test("begins anew when it took a mail in between", async () => {
    answers = doubtful;
    await send("gone@example.com", "here@example.com");
    await pass(12);
    answers = () => undefined;
    await send("gone@example.com");
    await pass(13);
    answers = doubtful;
    await send("gone@example.com", "here@example.com");
    await send("gone@example.com");
    expect(await stopped()).toEqual([]);
  });
});
