import { afterAll, beforeAll, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { listHistory } from "./history.ts";
import { listRecipients } from "./list-recipients.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const at = new Date("2026-11-22T01:00:00Z");
const row = (channelId: string, type: string, settledAt: Date | null = null) => ({
  ...{ channelId, type, key: "500", detectedAt: at, closedAt: at, settledAt },
  ...{ reason: "error_status_code" as const, detail: "500", errorCount: 1 },
});

test("a type that only a newer version knows waits for it and holds up no other mail", async ({
  expect,
}) => {
  const { db, pool } = database;
  const admin = await createUser(db);
  const channel = await createChannel(db, { emailVerifiedAt: null });
  await createMember(db, channel.id, { userId: admin.id });
  await db.notification.create({ data: row(channel.id, "of_tomorrow") });
  const noticed = await db.notification.create({ data: row(channel.id, "of_tomorrow", at) });
  await db.notice.create({
    data: {
      ...{ notificationId: noticed.id, channelId: channel.id, locale: "en" },
      ...{ address: admin.email, addressKey: admin.email, createdAt: at },
    },
  });
  await db.notification.create({ data: row(channel.id, "error_detected") });
  await db.mailPreference.create({
    data: { channelId: channel.id, addressKey: admin.email, mutedTypes: ["of_tomorrow"] },
  });

  const now = new Date(at.getTime() + 600_000);
  await closeDueWindows(pool, closingOptions({ access: "open" }, { now }));

  expect(await db.mail.findMany({ where: { recipient: admin.email } })).toHaveLength(1);
  expect(await db.notification.count({ where: { type: "of_tomorrow", settledAt: null } })).toBe(1);
  expect(await db.notice.count({ where: { toldAt: null } })).toBe(1);
  const { entries } = await listHistory(db, channel.id, null);
  expect(entries.map(({ type }) => type)).toEqual(["error_detected"]);
  const [, recipient] = await listRecipients(db, channel, admin.id);
  expect(recipient?.mutedTypes).toEqual([]);
});
