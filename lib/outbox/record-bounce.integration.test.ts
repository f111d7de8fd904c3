import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import type { StatusReport } from "./delivery-status.ts";
import { postMail } from "./post-mail.ts";
import { recordBounce } from "./record-bounce.ts";
import { countSendableAgain } from "./send-again.ts";

let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate mails, suppressed_addresses, address_refusals, mail_notices cascade",
  );
});

/** A mail that the server took. */
async function sent(recipient: string): Promise<{ id: string; messageId: string }> {
  const words = { recipient, locale: "en", subject: "x", html: "x", text: "x", isSecret: false };
  const posting = {
    encryptionKey: testEncryptionKey,
    keep: false,
    messageIdDomain: "mail.example",
  };
  const id = await postMail(database.db, words, posting);
  return database.db.mail.update({
    where: { id },
    data: { state: "sent", sentAt: new Date() },
    select: { id: true, messageId: true },
  });
}

const failed = (recipient: string, overrides: Partial<StatusReport> = {}): StatusReport => ({
  recipients: [recipient],
  finalRecipient: recipient,
  action: "failed",
  status: "5.1.1",
  diagnostic: "550 5.1.1 no such user",
  ...overrides,
});
const stopped = async () =>
  (await database.db.suppressedAddress.findMany()).map(({ addressKey }) => addressKey);
const read = (id: string) => database.db.mail.findUniqueOrThrow({ where: { id } });

test("a mail that came back says when and why, once, and its address is stopped", async () => {
  const { id, messageId } = await sent("Gone@example.com");
  const reports = [failed("gone@EXAMPLE.com")];
  expect(await recordBounce(database.pool, messageId, reports)).toMatchObject({ isStopped: true });
  expect(await read(id)).toMatchObject({
    state: "bounced",
    bouncedAt: expect.any(Date),
    lastError: "550 5.1.1 no such user",
    trouble: "address",
  });
  expect(await stopped()).toEqual(["gone@example.com"]);
  expect(await recordBounce(database.pool, messageId, reports)).toBeNull();
});

test("one dead member of an alias stops the alias for nobody", async () => {
  const { id, messageId } = await sent("team@example.com");
  const member = failed("team@example.com", {
    recipients: ["gone@example.com", "team@example.com"],
    finalRecipient: "gone@example.com",
  });
  expect(await recordBounce(database.pool, messageId, [member])).toMatchObject({
    isStopped: false,
  });
  expect(await read(id)).toMatchObject({ state: "bounced" });
  expect(await stopped()).not.toContain("team@example.com");
});

test("the same rule as for refusals holds: a policy stops nobody, and neither do three at once", async () => {
  const one = await sent("here@example.com");
  const policy = failed("here@example.com", {
    status: "5.7.1",
    diagnostic: "550 5.7.1 not wanted",
  });
  await recordBounce(database.pool, one.messageId, [policy]);
  expect(await stopped()).toEqual([]);
  for (const name of ["a", "b", "c"]) {
    const { messageId } = await sent(`${name}@example.com`);
    await recordBounce(database.pool, messageId, [failed(`${name}@example.com`)]);
  }
  expect(await stopped()).toEqual([]);
  expect(await database.db.mailNotice.findMany()).toMatchObject([{ kind: "many_refused" }]);
});

test("a mail that came back for what it holds stops nobody, and is none that may go through now", async () => {
  const { id, messageId } = await sent("here@example.com");
  const large = failed("here@example.com", { status: "5.3.4", diagnostic: "552 5.3.4 too large" });
  expect(await recordBounce(database.pool, messageId, [large])).toMatchObject({ isStopped: false });
  expect(await read(id)).toMatchObject({ state: "bounced", trouble: "message" });
  expect(await stopped()).toEqual([]);
  expect(await countSendableAgain(database.db)).toBe(0);
});

test("a mail of unknown fate that came back is not sent once more", async () => {
  const { id, messageId } = await sent("gone@example.com");
  const uncertain = { state: "queued" as const, sentAt: null, uncertainAt: new Date() };
  await database.db.mail.update({ where: { id }, data: uncertain });
  await recordBounce(database.pool, messageId, [failed("gone@example.com")]);
  expect((await read(id)).state).toBe("bounced");
});

describe("a notification stops nobody and changes nothing", () => {
  test("that names no Message-ID of ours, as a forged one cannot", async () => {
    const { id, messageId } = await sent("here@example.com");
    const guesses = [
      `<${id}@mail.example>`,
      messageId.replace(/\.[0-9a-f]{32}@/, `.${"0".repeat(32)}@`),
    ];
    for (const guess of guesses) {
      expect(await recordBounce(database.pool, guess, [failed("here@example.com")])).toBeNull();
    }
    expect((await read(id)).state).toBe("sent");
    expect(await stopped()).toEqual([]);
  });

  test("that is about somebody else than the mail's recipient", async () => {
    const { id, messageId } = await sent("here@example.com");
    expect(await recordBounce(database.pool, messageId, [failed("victim@example.com")])).toBeNull();
    expect((await read(id)).state).toBe("sent");
    expect(await stopped()).toEqual([]);
  });

  test("that tells of a delay or of success", async () => {
    const { id, messageId } = await sent("here@example.com");
    for (const action of ["delayed", "delivered", "relayed", "expanded"]) {
      const report = failed("here@example.com", { action });
      expect(await recordBounce(database.pool, messageId, [report])).toBeNull();
    }
    expect((await read(id)).state).toBe("sent");
  });

  test("that is about a mail that never left", async () => {
    const { id, messageId } = await sent("here@example.com");
    await database.db.mail.update({ where: { id }, data: { state: "queued", sentAt: null } });
    expect(await recordBounce(database.pool, messageId, [failed("here@example.com")])).toBeNull();
  });
});
