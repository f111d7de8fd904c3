import { afterAll, beforeAll, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { forgetOldMails } from "./forget-old.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

test("what is older than the retention goes, with its notices; what is on its way or not settled stays", async ({
  expect,
}) => {
  const { db } = database;
  const notification = (days: number, settledAt: Date | null) =>
    db.notification.create({
      data: {
        ...{ channelId: "1", type: "error_detected", key: "500" },
        ...{ detectedAt: daysAgo(days), closedAt: daysAgo(days), settledAt },
        ...{ reason: "error_status_code", detail: "500", errorCount: 1 },
        notices: {
          create: { channelId: "1", address: "a@b.c", addressKey: "a@b.c", locale: "en" },
        },
      },
    });
  const mail = (days: number, state: "sent" | "queued") =>
    db.mail.create({
      data: {
        ...{ recipient: "a@b.c", locale: "en", subject: "s", html: "h", text: "t", state },
        ...{ messageId: `<${days}${state}@mail.example>`, createdAt: daysAgo(days) },
      },
    });
  await notification(91, daysAgo(91));
  await notification(91, null);
  await notification(89, daysAgo(89));
  for (const days of [91, 89])
    for (const state of ["sent", "queued"] as const) await mail(days, state);
  for (const days of [91, 89]) {
    const of = { channelId: String(days), threadId: "0190a000-0000-7000-8000-000000000001" };
    await db.outage.create({ data: { ...of, lastAt: daysAgo(days), isOver: false } });
    await db.telling.create({
      data: { ...of, type: "error_detected", key: "500", toldCount: 1, heldCount: 3 },
    });
  }
  await forgetOldMails(database.pool, 90);
  const mails = await db.mail.findMany({ select: { messageId: true } });
  expect(mails.map(({ messageId }) => messageId).sort()).toEqual([
    "<89queued@mail.example>",
    "<89sent@mail.example>",
    "<91queued@mail.example>",
  ]);
  expect(await db.notification.count()).toBe(2);
  expect(await db.notice.count()).toBe(2);
  expect(await db.outage.findMany({ select: { channelId: true } })).toEqual([{ channelId: "89" }]);
  expect(await db.telling.findMany({ select: { channelId: true } })).toEqual([{ channelId: "89" }]);
});
