import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { postMail } from "#lib/outbox/post-mail.ts";
import { actorOf, createUser, testEncryptionKey as key } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { openMail } from "./open-mail.ts";

let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function post(mail: { isSecret: boolean; keep: boolean }): Promise<string> {
  const text = "Open https://console.example.com/reset-password/token";
  await postMail(
    database.db,
    {
      recipient: "somebody@example.com",
      locale: "en",
      subject: "Reset",
      html: text,
      text,
      isSecret: mail.isSecret,
    },
    { encryptionKey: key, keep: mail.keep, messageIdDomain: "console.example.com" },
  );
  const row = await database.db.mail.findFirst({
    orderBy: { id: "desc" },
    select: { id: true },
  });
  return row?.id ?? "";
}

const read = async (mailId: string) => {
  const operator = actorOf(await createUser(database.db, { isOperator: true }));
  const mail = await openMail(database.db, key, operator, mailId);
  const entries = await database.db.auditEntry.findMany({
    where: { action: "mail_opened", targetId: mailId },
    select: { actorId: true },
  });
  return { mail, readers: entries.map((entry) => entry.actorId), operator };
};

test("an operator who opens a kept mail with somebody's link stands in the audit log, each time", async () => {
  const mailId = await post({ isSecret: true, keep: true });
  const first = await read(mailId);
  expect(first.mail?.content?.text).toContain("/reset-password/token");
  expect(first.readers).toEqual([first.operator.id]);
  const second = await read(mailId);
  expect(second.readers.toSorted()).toEqual([first.operator.id, second.operator.id].toSorted());
});

test("a link that a mail server carries is not shown to anybody, so nobody is written down", async () => {
  const { mail, readers } = await read(await post({ isSecret: true, keep: false }));
  expect(mail?.content).toBeNull();
  expect(readers).toEqual([]);
});

test("reading a mail without a secret leaves no entry", async () => {
  const { mail, readers } = await read(await post({ isSecret: false, keep: true }));
  expect(mail?.content?.text).toContain("https://");
  expect(readers).toEqual([]);
});
