import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createSessionUser } from "#testing/account-factory.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { editProfile } from "./edit-profile.ts";
import { listSessions } from "./list-sessions.ts";
import { findSessionUser, openSession } from "./sessions.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const entriesOf = async (actorId: string) => {
  const rows = await database.db.auditEntry.findMany({
    where: { actorId },
    orderBy: { id: "asc" },
  });
  return rows.map(({ action, before, after }) => ({ action, before, after }));
};

test("an edit of the profile records what changed, as it was and as it is, and nothing else", async () => {
  const { db } = database;
  const user = await createSessionUser(db, { name: "Mia", timeZone: "Asia/Tokyo" });
  const as = { name: "Mia", locale: "en", timeZone: "Asia/Tokyo", theme: "system" } as const;
  await editProfile(db, user, as);
  expect(await entriesOf(user.id)).toEqual([]);
  await editProfile(db, user, { ...as, name: "Mia M", timeZone: null, theme: "dark" });
  expect(await entriesOf(user.id)).toEqual([
    {
      action: "profile_edited",
      before: { name: "Mia", timeZone: "Asia/Tokyo", theme: "system" },
      after: { name: "Mia M", timeZone: null, theme: "dark" },
    },
  ]);
  const session = await openSession(db, user.id, { userAgent: null });
  expect(await findSessionUser(db, session)).toMatchObject({ theme: "dark", timeZone: null });
});

test("a switch edits its own field alone, and once however often it is pressed", async () => {
  const { db } = database;
  const user = await createSessionUser(db, { theme: "light" });
  await Promise.all([1, 2, 3].map(() => editProfile(db, user, { theme: "dark" })));
  await editProfile(db, user, { locale: "ja" });
  expect(await entriesOf(user.id)).toEqual([
    { action: "profile_edited", before: { theme: "light" }, after: { theme: "dark" } },
    { action: "profile_edited", before: { locale: "en" }, after: { locale: "ja" } },
  ]);
  expect(await db.user.findUnique({ where: { id: user.id } })).toMatchObject({
    name: user.name,
    locale: "ja",
    theme: "dark",
  });
});

test("of two edits at once the second begins where the first has ended", async () => {
  const { db } = database;
  const user = await createSessionUser(db);
  await Promise.all([
    editProfile(db, user, { theme: "light" }),
    editProfile(db, user, { theme: "dark" }),
  ]);
  const entries = await entriesOf(user.id);
  expect(entries).toHaveLength(2);
  expect(entries[1]?.before).toEqual(entries[0]?.after);
});

test("the list of sessions says where each was used last, not where it began", async () => {
  const { db } = database;
  const user = await createSessionUser(db);
  const id = await openSession(db, user.id, { userAgent: null, address: "192.0.2.1" });
  const addresses = async () => (await listSessions(db, user.id, id)).map(({ address }) => address);
  await findSessionUser(db, id, { address: "198.51.100.7" });
  expect(await addresses()).toEqual(["198.51.100.7"]);
  // Where it cannot be told, the last that could stays.
  await findSessionUser(db, id, { address: null });
  expect(await addresses()).toEqual(["198.51.100.7"]);
});
