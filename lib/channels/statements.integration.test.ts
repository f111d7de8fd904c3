import { type ClientBase, Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#lib/db.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { findChannels } from "#lib/operations/queries.ts";
import { listProviders } from "#lib/providers/queries.ts";
import { createProvider, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countFailingOfAll, describeFailing, describeFailingOfAll } from "./failing.ts";
import { listFailingChannels, listOwnChannels, listProviderChannels } from "./list.ts";
import { isPinned, listMarked, noteOpened } from "./marks.ts";
import { searchChannels } from "./search.ts";
import { readSideChannels } from "./side.ts";

// What a page asks must not follow the number of channels: one statement for each would not show in a small world.

const policy: NotificationPolicy = {
  access: "apply",
  windowMs: 300_000,
  earlyMs: 20_000,
  reminderPausesMs: [3_600_000],
  digestAbove: 5,
  digestPauseMs: 3_600_000,
  channelCapPerDay: 20,
  recipientCapPerHour: 100,
  displayTimeZone: "Asia/Tokyo",
};

let filled: Awaited<ReturnType<typeof createTestDatabase>>;
let counted: Database;
let asked = 0;

beforeAll(async () => {
  filled = await createTestDatabase();
  counted = openDatabase(filled.url, {
    makePool: (config) => {
      const pool = new Pool(config);
      pool.on("connect", countStatements);
      return pool;
    },
  });
});
afterAll(async () => {
  await counted.close();
  await filled.close();
});

function countStatements(client: ClientBase): void {
  const query = client.query.bind(client);
  Object.assign(client, {
    query: (...given: Parameters<typeof query>) => {
      if (!isSetUp(given[0])) asked += 1;
      return query(...given);
    },
  });
}

/** What a new connection is asked first. */
const isSetUp = (statement: unknown): boolean =>
  typeof statement === "string" && statement.startsWith("set ");

type Person = { id: string; isOperator: boolean; providerId: string; channelId: string };

/** Somebody who is Admin of so many channels in one provider, all of which fail. */
async function createPerson(count: number): Promise<Person> {
  const { db, pool } = filled;
  const user = await createUser(db, { isOperator: true });
  const provider = await createProvider(db);
  const { rows } = await pool.query<{ id: string }>(
    `insert into channels (id, provider_id, name, description, email, bot_user_id, sealed_secret, webhook_url, use_webhook)
     select $1 || lpad(n::text, 6, '0'), $1, 'Bot ' || n, 'Made for a test.', 'test@example.com', 'U' || $1 || n, 'none',
            'https://bot.example/' || n, true
       from generate_series(1, $2::int) n returning id`,
    [provider.id, count],
  );
  const ids = rows.map(({ id }) => id);
  await pool.query(
    "insert into channel_members (channel_id, user_id, role) select id, $2::uuid, 'admin' from unnest($1::text[]) id",
    [ids, user.id],
  );
  await pool.query(
    `insert into endpoint_health (channel_id, failing_since, shown_since, last_failure_at, failed_count, reason, detail)
     select id, now() - interval '1 hour', now() - interval '1 hour', now(), 9, 'error_status_code', '503' from unnest($1::text[]) id`,
    [ids],
  );
  await tellOf(pool, ids);
  return { id: user.id, isOperator: true, providerId: provider.id, channelId: ids[0] ?? "" };
}

/** Their people are told of errors, and are about to be: that takes more questions than a channel without the function. */
async function tellOf(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query(
    `insert into notification_grants (id, channel_id, holds_channel, state, company, contact, reason, applied_at, decided_at)
     select gen_random_uuid(), id, id, 'approved', 'Company', 'Contact', 'Reason', now() - interval '1 day', now() - interval '1 day'
       from unnest($1::text[]) id`,
    [ids],
  );
  await pool.query(
    `insert into notification_windows (channel_id, type, key, opened_at, closes_at, reason, detail, error_count, last_at)
     select id, 'error_detected', '503', now() - interval '1 minute', now() + interval '4 minutes', 'error_status_code', '503', 9, now()
       from unnest($1::text[]) id`,
    [ids],
  );
  await pool.query(
    `insert into notification_thresholds (channel_id, kind, value, counted_from)
     select id, 'share', 1, now() - interval '1 day' from unnest($1::text[]) id`,
    [ids],
  );
}

type Question = (database: Database, person: Person) => Promise<unknown>;

/** What pages ask of channels and providers, and the most statements that may take. */
const questions: Record<string, [number, Question]> = {
  "a channel's head": [
    3,
    async ({ db }, { id, channelId }) => {
      await noteOpened(db, id, channelId);
      await isPinned(db, id, channelId);
    },
  ],
  "the side bar": [5, ({ db }, { id }) => readSideChannels(db, id)],
  // Of ten at most it says how they stand to their error mails.
  "home: what is wrong": [20, (database, { id }) => describeFailing(database, id, 10, policy)],
  "home: the platform": [19, (database, { id }) => describeFailingOfAll(database, id, 10, policy)],
  "home: how many": [1, ({ db }) => countFailingOfAll(db)],
  "home: providers": [3, ({ db }, { id }) => listProviders(db, { id, isOperator: false })],
  "all channels": [3, ({ db }, { id }) => listOwnChannels(db, id)],
  "a later page": [4, ({ db }, { id, channelId: after }) => listOwnChannels(db, id, { after })],
  "those that fail": [2, ({ db }, { id }) => listFailingChannels(db, id, { limit: 51 })],
  "a provider": [
    3,
    ({ db }, { id, providerId }) => listProviderChannels(db, id, providerId, { onlyOwn: true }),
  ],
  "a search": [4, ({ db }, { id }) => searchChannels(db, id, "bot", { limit: 50 })],
  "Ctrl K, before typing": [2, ({ db }, { id }) => listMarked(db, id, { recentMax: 12 })],
  "operators' list of channels": [2, ({ db }) => findChannels(db, { q: "bot", after: null })],
};

test("a page asks as few statements of thousands of channels as of thirty", async () => {
  const few = await createPerson(30);
  // More roles than are looked at one by one.
  const many = await createPerson(5_200);
  await filled.pool.query("vacuum analyze");
  for (const [name, [most, ask]] of Object.entries(questions)) {
    for (const [size, person] of [
      ["few", few],
      ["many", many],
    ] as const) {
      asked = 0;
      await ask(counted, person);
      expect([name, size, asked > 0, asked <= most]).toEqual([name, size, true, true]);
    }
  }
});
