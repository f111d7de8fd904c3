import { afterAll, beforeAll, expect, test } from "vitest";
import { deleteAccount } from "#lib/accounts/delete-account.ts";
import type { Database } from "#lib/db.ts";
import { type ChosenHours, proposedHours, type QuietHours } from "#lib/quiet-hours/schema.ts";
import { createSessionUser, createTestOutbox, freshProof } from "#testing/account-factory.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findQuietHours, saveChannelQuietHours, saveOwnQuietHours } from "./save-quiet-hours.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const night: ChosenHours = { ...proposedHours, beginsAt: 22 * 60, endsAt: 7 * 60 };

test("hours that are saved are recorded once, with what it was and what it is", async () => {
  const { db } = database;
  const user = await createSessionUser(db);
  await saveOwnQuietHours(db, user, night);
  await saveOwnQuietHours(db, user, night);
  await saveOwnQuietHours(db, user, { ...night, endsAt: 8 * 60, weekdays: [1, 2] });
  await saveOwnQuietHours(db, user, null);
  expect(await findQuietHours(db, { userId: user.id })).toBeNull();
  const rows = await db.auditEntry.findMany({
    where: { actorId: user.id },
    orderBy: { id: "asc" },
  });
  const all = "1, 2, 3, 4, 5, 6, 7";
  expect(rows.map(({ action, before, after: now }) => ({ action, before, now }))).toEqual([
    {
      action: "quiet_hours_set",
      before: { quietHours: null, weekdays: null, outagesCome: null },
      now: { quietHours: "22:00–07:00", weekdays: all, outagesCome: true },
    },
    {
      action: "quiet_hours_set",
      before: { quietHours: "22:00–07:00", weekdays: all },
      now: { quietHours: "22:00–08:00", weekdays: "1, 2" },
    },
    {
      action: "quiet_hours_set",
      before: { quietHours: "22:00–08:00", weekdays: "1, 2", outagesCome: true },
      now: { quietHours: null, weekdays: null, outagesCome: null },
    },
  ]);
});

test("of two who save at once the second begins where the first has ended", async () => {
  const { db } = database;
  const { id } = await createChannel(db);
  const until = (hour: number): QuietHours => ({ ...night, endsAt: hour * 60, timeZone: "UTC" });
  await Promise.all([
    saveChannelQuietHours(db, testActor, id, until(7)),
    saveChannelQuietHours(db, testActor, id, until(8)),
  ]);
  const rows = await db.auditEntry.findMany({
    where: { channelId: id },
    orderBy: { id: "asc" },
  });
  expect(rows).toHaveLength(2);
  expect(rows[1]?.before).toMatchObject({ quietHours: Object(rows[0]?.after).quietHours });
  expect(await db.quietHours.count({ where: { channelId: id } })).toBe(1);
});

test("hours go with the account, or the channel", async () => {
  const { db } = database;
  const user = await createSessionUser(db);
  await saveOwnQuietHours(db, user, proposedHours);
  await deleteAccount(db, createTestOutbox().post, user, {
    ...(await freshProof(db, user.id)),
    confirmation: user.email,
  });
  expect(await db.quietHours.count({ where: { userId: user.id } })).toBe(0);
  const { id } = await createChannel(db);
  await saveChannelQuietHours(db, testActor, id, { ...proposedHours, timeZone: "UTC" });
  await db.channel.delete({ where: { id } });
  expect(await db.quietHours.count({ where: { channelId: id } })).toBe(0);
});
