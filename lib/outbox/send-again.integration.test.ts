import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import type { Prisma } from "#prisma/generated/client.ts";
import { testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countSendableAgain, sendAgain } from "./send-again.ts";
import { liftSuppressions } from "./suppressions.ts";

let database: Database;
let serial = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query("truncate mails, suppressed_addresses, address_refusals cascade");
});

async function mail(overrides: Partial<Prisma.MailUncheckedCreateInput>): Promise<string> {
  serial += 1;
  const words = { locale: "en", subject: "x", html: "<p>x</p>", text: "x" };
  const { id } = await database.db.mail.create({
    data: {
      ...{ recipient: `a-${serial}@example.com`, ...words, messageId: `<${serial}@example.com>` },
      ...{ state: "failed", attempts: 3, lastError: "550 no", ...overrides },
    },
  });
  return id;
}

const stop = (addressKey: string) =>
  database.db.suppressedAddress.create({ data: { addressKey, answer: "550 5.1.1 no" } });
const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
const read = (id: string) => database.db.mail.findUniqueOrThrow({ where: { id } });

describe("in one action", () => {
  test("all mails go out again that were refused for their sender, or for an address that is not stopped", async () => {
    await stop("gone@example.com");
    const wanted = [
      await mail({ trouble: "sender" }),
      await mail({ trouble: "doubtful" }),
      await mail({ trouble: "address" }),
      await mail({ trouble: "delay", createdAt: hours(48), queuedAt: hours(48) }),
      await mail({ state: "suppressed" }),
      await mail({ state: "bounced", trouble: "sender", sentAt: hours(1) }),
    ];
    const unwanted = [
      await mail({ trouble: "address", recipient: "Gone@example.com" }),
      await mail({ trouble: "message" }),
      await mail({ trouble: "uncertain" }),
      await mail({ trouble: "sender", createdAt: hours(24 * 8) }),
      await mail({ trouble: "sender", html: "", text: "" }),
      await mail({ state: "sent" }),
      await mail({ state: "kept" }),
    ];
    expect(await countSendableAgain(database.db)).toBe(6);
    expect(await sendAgain(database.db, testActor, {}, true)).toBe(6);
    for (const id of wanted) {
      expect(await read(id)).toMatchObject({ state: "queued", trouble: null, lastError: null });
      expect((await read(id)).queuedAt.getTime()).toBeGreaterThan(hours(0.1).getTime());
    }
    for (const id of unwanted) expect((await read(id)).state).not.toBe("queued");
    expect(await countSendableAgain(database.db)).toBe(0);
  });

  test("several stopped addresses are lifted, and what was held back for them can go out", async () => {
    for (const name of ["a", "b", "c"]) await stop(`${name}@example.com`);
    for (const name of ["a", "b", "c"]) {
      await mail({ state: "suppressed", recipient: `${name}@example.com` });
    }
    const lifted = ["a@example.com", "b@example.com", "never-stopped@example.com"];
    expect(await liftSuppressions(database.db, testActor, lifted)).toBe(2);
    expect(await countSendableAgain(database.db)).toBe(2);
    const left = await database.db.suppressedAddress.findMany({ select: { addressKey: true } });
    expect(left).toEqual([{ addressKey: "c@example.com" }]);
  });
});

test("one mail is sent again by name, whatever it failed for, unless its address is stopped", async () => {
  const mailId = await mail({ trouble: "message" });
  expect(await sendAgain(database.db, testActor, { mailId }, true)).toBe(1);
  await stop("gone@example.com");
  const stopped = await mail({ recipient: "gone@example.com" });
  const again = sendAgain(database.db, testActor, { mailId: stopped }, true);
  await expect(again).rejects.toMatchObject({ code: "conflict", key: "not_sendable_again" });
});

test("a mail on its way, and any mail without a mail server, is not sent again", async () => {
  const mailId = await mail({ state: "sending" });
  const again = sendAgain(database.db, testActor, { mailId }, true);
  await expect(again).rejects.toMatchObject({ code: "conflict" });
  const failed = await mail({ trouble: "sender" });
  const without = sendAgain(database.db, testActor, { mailId: failed }, false);
  await expect(without).rejects.toMatchObject({ key: "no_mail_server" });
});
