import { v7 as newId } from "uuid";
import { afterAll, beforeAll, test } from "vitest";
import type { Database } from "#lib/db.ts";
import type { MailState } from "#lib/outbox/schema.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findMail, listMails } from "./queries.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("the outbox is listed newest first, page by page, and by state", async ({ expect }) => {
  const ids: string[] = [];
  for (let at = 0; at < 120; at++) {
    const id = newId({ msecs: Date.UTC(2026, 10, 22) + at });
    const state: MailState = at % 10 === 0 ? "failed" : "sent";
    const mail = {
      id,
      state,
      recipient: "a@example.com",
      locale: "en",
      subject: "s",
      html: "h",
      text: "t",
    };
    await database.db.mail.create({ data: { ...mail, messageId: `<${id}@mail.example>` } });
    ids.unshift(id);
  }
  const seen: string[] = [];
  for (let before: string | null = null, more = true; more; more = before !== null) {
    const page = await listMails(database.db, { state: null, before });
    seen.push(...page.mails.map((mail) => mail.id));
    before = page.older;
  }
  expect(seen).toEqual(ids);
  const failed = await listMails(database.db, { state: "failed", before: null });
  expect(failed.mails).toHaveLength(12);
  expect(failed.older).toBeNull();
});

test("a mail that does not exist is not found, whatever the address says", async ({ expect }) => {
  expect(await findMail(database.db, testEncryptionKey, newId())).toBeNull();
  expect(await findMail(database.db, testEncryptionKey, "not-an-id")).toBeNull();
});
