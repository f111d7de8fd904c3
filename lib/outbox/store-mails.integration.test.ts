import { v7 as newId } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { testEncryptionKey as key } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { postMail } from "./post-mail.ts";
import { mailKinds, type NewMail } from "./schema.ts";
import { withClient } from "./statement.ts";
import { storeMails } from "./store-mails.ts";

let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query("truncate mails, suppressed_addresses cascade");
  const answer = "550 5.1.1 no such user";
  await database.db.suppressedAddress.create({ data: { addressKey: "gone@example.com", answer } });
});

const mailTo = (address: string, overrides: Partial<NewMail> = {}): NewMail => {
  const id = newId();
  return {
    ...{ id, address, kind: "digest", notificationId: null, channelId: null, locale: "en" },
    ...{ subject: "Errors", html: "<p>Hello</p>", text: "Hello", messageId: `<${id}@example.com>` },
    ...{ unsubscribeUrl: null, sealedContent: null, keep: false },
    ...overrides,
  };
};

const stateOf = async (id: string) =>
  database.db.mail.findUniqueOrThrow({
    where: { id },
    select: { state: true, recipient: true, lastError: true },
  });

describe("an address that is stopped", () => {
  test.for(mailKinds)(
    "gets no mail of the kind %s, in whatever case it is written",
    async (kind) => {
      const mail = mailTo("Gone@EXAMPLE.com", { kind });
      await storeMails(withClient(database.pool), [mail], undefined);
      expect(await stateOf(mail.id)).toEqual({
        state: "suppressed",
        recipient: "Gone@example.com",
        lastError: "The address is stopped: 550 5.1.1 no such user",
      });
    },
  );

  test("gets no mail about its account either", async () => {
    const words = { locale: "en", subject: "Reset", html: "<p>x</p>", text: "x", isSecret: true };
    const options = { encryptionKey: key, keep: false, messageIdDomain: "example.com" };
    const id = await postMail(database.db, { ...words, recipient: "gone@example.com" }, options);
    expect(await stateOf(id)).toMatchObject({ state: "suppressed" });
    const other = await postMail(database.db, { ...words, recipient: "here@example.com" }, options);
    expect(await stateOf(other)).toMatchObject({ state: "queued", lastError: null });
  });
});

test("an address that no mail server should see is stored as typed and failed", async () => {
  const mail = mailTo("a@example.com, b@example.com");
  await storeMails(withClient(database.pool), [mail], undefined);
  expect(await stateOf(mail.id)).toMatchObject({ state: "failed", recipient: mail.address });
});

test("without a mail server a mail is kept, with one it is queued, both at the given time", async () => {
  const now = new Date("2026-11-23T00:00:00.000Z");
  const mails = [mailTo("a@example.com", { keep: true }), mailTo("b@example.com")];
  await storeMails(withClient(database.pool), mails, now);
  const rows = await database.db.mail.findMany({ orderBy: { recipient: "asc" } });
  expect(rows).toMatchObject([
    { state: "kept", createdAt: now, dueAt: now, queuedAt: now },
    { state: "queued", createdAt: now, dueAt: now, queuedAt: now },
  ]);
});

test("nobody can tell the Message-ID of one mail from that of the one before", async () => {
  const options = { encryptionKey: key, keep: false, messageIdDomain: "example.com" };
  const words = { locale: "en", subject: "x", html: "x", text: "x", isSecret: false };
  for (const recipient of ["a@example.com", "b@example.com"]) {
    await postMail(database.db, { ...words, recipient }, options);
  }
  const rows = await database.db.mail.findMany({ select: { id: true, messageId: true } });
  const secrets = rows.map(
    ({ id, messageId }) =>
      new RegExp(`^<${id}\\.([0-9a-f]{32})@example\\.com>$`).exec(messageId)?.[1],
  );
  expect(new Set(secrets).size).toBe(2);
  expect(secrets).not.toContain(undefined);
});
