import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { createChannel, createMember, createProvider, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countFailingOfAll, describeFailing, describeFailingOfAll } from "./failing.ts";
import { listFailingChannels, listOwnChannels } from "./list.ts";
import { searchChannels } from "./search.ts";
import { failingFirst, readSideChannels } from "./side.ts";

// Every place that says of channels that they fail says it of the same ones: those shown as failing (docs/decisions/0028).

const policy: NotificationPolicy = {
  access: "apply",
  windowMs: 300_000,
  earlyMs: 0,
  reminderPausesMs: [3_600_000],
  digestAbove: 5,
  digestPauseMs: 3_600_000,
  channelCapPerDay: 20,
  recipientCapPerHour: 100,
  displayTimeZone: "Asia/Tokyo",
};

/** Minutes ago; null: not at all. */
type Known = { failing: number | null; shown: number | null; judged: number | null };
const known = {
  "Failed a moment": { failing: 2, shown: null, judged: 3 },
  "Fails calmly": { failing: 9, shown: 9, judged: null },
  "Delivered once since": { failing: null, shown: 8, judged: 1 },
  "Fails once more": { failing: 1, shown: 7, judged: 2 },
  "Quiet since": { failing: null, shown: 200, judged: 90 },
  "Off since": { failing: 6, shown: 6, judged: null },
} satisfies Record<string, Known>;
/** Those that began last first. */
const wrong = ["Fails once more", "Delivered once since", "Fails calmly"];

let database: Database;
let userId: string;
let operatorId: string;
let providerId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  userId = (await createUser(db)).id;
  operatorId = (await createUser(db, { isOperator: true })).id;
  providerId = (await createProvider(db)).id;
  for (const [name, stands] of Object.entries(known)) {
    const { id } = await createChannel(db, {
      ...{ name, providerId, useWebhook: name !== "Off since", webhookUrl: "https://b.example/" },
    });
    await createMember(db, id, { userId });
    await note(id, stands);
  }
});
afterAll(() => database.close());

async function note(channelId: string, { failing, shown, judged }: Known): Promise<void> {
  const ago = (minutes: number | null) => minutes?.toString() ?? null;
  await database.db.$executeRaw`
    insert into endpoint_health (channel_id, failing_since, shown_since, judged_until, last_failure_at, failed_count, good_left,
                                 reason, detail)
    select ${channelId}, now() - ${ago(failing)}::text::int * interval '1 minute', now() - ${ago(shown)}::text::int * interval '1 minute',
           now() - ${ago(judged)}::text::int * interval '1 minute', now() - interval '1 minute', 4, 2, 'error_status_code', '503'`;
}

const names = (entries: readonly { name: string }[]) => entries.map(({ name }) => name);

test("lists of what fails have them, of all providers and of one", async () => {
  const { db } = database;
  expect(names(await listFailingChannels(db, userId, { limit: 9 }))).toEqual(wrong);
  expect(names(await listFailingChannels(db, userId, { limit: 9, providerId }))).toEqual(wrong);
  expect(names(await listFailingChannels(db, userId, { limit: 2 }))).toEqual(wrong.slice(0, 2));
});

test("a list of all has them first, with that state", async () => {
  const { entries } = await listOwnChannels(database.db, userId);
  const failing = entries.filter(({ health }) => health?.state === "failing");
  expect(names(failing).sort()).toEqual([...wrong].sort());
  expect(names([...entries].sort(failingFirst).slice(0, 3)).sort()).toEqual([...wrong].sort());
});

test("home has them, each since it is shown, with failed attempts where all of them are known", async () => {
  const { channels } = await describeFailing(database, userId, 9, policy);
  expect(names(channels.map(({ entry }) => entry))).toEqual(wrong);
  expect(channels.map(({ failedCount }) => failedCount)).toEqual([null, null, 4]);
  const now = await database.db.$queryRaw<{ at: Date }[]>`select now() as at`;
  const minutes = channels.map(({ since }) =>
    Math.floor(((now[0]?.at.getTime() ?? 0) - since.getTime()) / 60_000),
  );
  expect(minutes.toSorted((a, b) => a - b)).toEqual(minutes);
  expect(minutes[0]).toBeGreaterThanOrEqual(7);
});

test("operators' home has them, and counts them", async () => {
  const { channels } = await describeFailingOfAll(database, operatorId, 9, policy);
  expect(names(channels.map(({ entry }) => entry))).toEqual(wrong);
  expect(await countFailingOfAll(database.db)).toBe(3);
});

test("the side bar has them first, of few channels and of many", async () => {
  const { db } = database;
  const few = await readSideChannels(db, userId);
  if (few.kind !== "all") throw new Error("some are missing");
  expect(names(few.others.slice(0, 3)).sort()).toEqual([...wrong].sort());
  const many = await createUser(db);
  const own = await db.channel.findMany({ where: { providerId }, select: { id: true } });
  for (const { id } of own) await createMember(db, id, { userId: many.id });
  for (let n = 0; n < 26; n += 1) {
    const { id } = await createChannel(db, { name: `Other ${n}` });
    await createMember(db, id, { userId: many.id });
  }
  const side = await readSideChannels(db, many.id);
  if (side.kind !== "some") throw new Error("all stand in the side bar");
  expect(names(side.failing)).toEqual(wrong);
});

test("Ctrl K says it of them alone", async () => {
  const { entries } = await searchChannels(database.db, userId, "b.example", { limit: 20 });
  expect(entries).toHaveLength(6);
  const failing = entries.filter(({ health }) => health?.state === "failing");
  expect(names(failing).sort()).toEqual([...wrong].sort());
});
