import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { readMuted } from "#lib/problems/read-muted.ts";
import { createChannel, createProvider, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { forgetEnded } from "./forget-ended.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const count = async (table: string): Promise<number> => {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::int as n from ${table}`,
  );
  return rows[0]?.n ?? 0;
};

const page = await readFile(join(import.meta.dirname, "../../docs/tables.md"), "utf8");
const namesIn = (row: RegExp) => [...page.matchAll(row)].map(([, name = ""]) => name).sort();

test("every table of the database stands in docs/tables.md with what bounds it, and no other", async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  expect(namesIn(/^\| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm)).toEqual(
    rows.map((row) => row.name).sort(),
  );
});

test("every function and trigger of the database stands in docs/tables.md, and no other", async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `select proname as name from pg_proc where pronamespace = 'public'::regnamespace
     union
     select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = 'public'::regnamespace and not c.relispartition and not t.tgisinternal`,
  );
  expect(namesIn(/^\| `(\w+)` \| [^|]+ \| [^|]+ \| [^|]* \|$/gm)).toEqual(
    rows.map((row) => row.name).sort(),
  );
});

test("what has ended goes when its time has come, and what has not stays", async () => {
  const { id: channelId } = await createChannel(database.db);
  const { id: userId } = await createUser(database.db);
  const { id: providerId } = await createProvider(database.db);
  const before = "now() - interval '401 days'";
  const lately = "now() - interval '30 minutes'";
  for (const [index, at] of [before, lately].entries()) {
    await database.pool.query(
      `insert into rate_limits (key, tries, ends_at) values (sha256('${index}'), 1, ${at})`,
    );
    await database.pool.query(
      `insert into account_tokens (id_hash, purpose, expires_at) values (sha256('${index}'), 'sign_up', ${at})`,
    );
    await database.pool.query(`insert into submissions (user_id, key, at) values ($1, $2, ${at})`, [
      userId,
      String(index),
    ]);
    await database.pool.query(
      `insert into channel_tokens (id, channel_id, token_hash, hint, ends_at)
       values (gen_random_uuid(), $1, sha256('${index}'), 'abc', ${at})`,
      [channelId],
    );
    await database.pool.query(
      `insert into counting_periods (id, channel_id, started_at, ended_at)
       values (gen_random_uuid(), $1, ${at} - interval '1 day', ${at})`,
      [channelId],
    );
    await database.pool.query(
      `insert into invitations (id, token_hash, email, provider_id, expires_at, accepted_at)
       values (gen_random_uuid(), sha256('${index}'), 'a@example.com', $1, now() + interval '1 day', ${at})`,
      [providerId],
    );
    await database.pool.query(
      `insert into platform_keys (id, name, key_hash, hint, revoked_at)
       values (gen_random_uuid(), 'x', sha256('${index}'), 'abc', ${at})`,
    );
    await database.pool.query(
      `insert into notification_grants (id, channel_id, state, company, contact, reason, decided_at)
       values (gen_random_uuid(), $1, 'rejected', 'x', 'x', 'x', ${at})`,
      [channelId],
    );
    // Nothing is set on it any more, or was set long ago, and its problem is gone.
    await database.pool.query(
      `insert into problem_marks (channel_id, reason, detail, muted_at)
       values ($1, 'request_timeout', '${index}', ${at}), ($1, 'error_status_code', '${index}', null)`,
      [channelId],
    );
  }
  // Still in force, however old.
  await database.pool.query(
    "insert into platform_keys (id, name, key_hash, hint, created_at) values (gen_random_uuid(), 'y', sha256('y'), 'abc', now() - interval '900 days')",
  );
  await database.pool.query(
    "insert into counting_periods (id, channel_id, started_at) values (gen_random_uuid(), $1, now() - interval '900 days')",
    [channelId],
  );
  await forgetEnded(database.pool, { rowDays: 400, auditDays: 400 });
  expect(await count("rate_limits")).toBe(1);
  expect(await count("account_tokens")).toBe(1);
  expect(await count("submissions")).toBe(1);
  expect(await count("channel_tokens")).toBe(1);
  expect(await count("counting_periods")).toBe(2);
  expect(await count("problem_marks")).toBe(1);
  expect(await count("invitations")).toBe(1);
  expect(await count("platform_keys")).toBe(2);
  expect(await count("notification_grants")).toBe(1);
});

test("a mute until it changes stays over when the problem that ended it is let go", async () => {
  const { id: channelId } = await createChannel(database.db);
  const daysAgo = (days: number) => `now() - interval '${days} days'`;
  // One problem goes on; another began after it was muted, and was last seen longer ago than rows are kept.
  await database.pool.query(
    `insert into problems (channel_id, reason, detail, began_at, last_at)
     values ($1, 'error_status_code', '503', ${daysAgo(410)}, ${daysAgo(0)}),
            ($1, 'error_status_code', '500', ${daysAgo(404)}, ${daysAgo(401)}),
            ($1, 'error_status_code', '501', ${daysAgo(406)}, ${daysAgo(3)})`,
    [channelId],
  );
  await database.pool.query(
    `insert into problem_marks (channel_id, reason, detail, muted_at)
     values ($1, 'error_status_code', '503', ${daysAgo(405)}), ($1, 'error_status_code', '501', ${daysAgo(402)})`,
    [channelId],
  );
  const muted = async () => [
    ...((await readMuted(database.pool, [channelId])).get(channelId) ?? []),
  ];
  const before = await muted();
  const ended = await database.db.problem.findFirstOrThrow({ where: { channelId, detail: "500" } });
  expect(before).toEqual(["error_status_code 501"]);
  await forgetEnded(database.pool, { rowDays: 400, auditDays: 400 });
  expect(await count("problems where detail = '500'")).toBe(0);
  expect(await muted()).toEqual(before);
  const marks = await database.db.problemMark.findMany({
    where: { channelId },
    orderBy: { detail: "asc" },
    select: { mutedUntil: true },
  });
  expect(marks).toEqual([{ mutedUntil: null }, { mutedUntil: ended.beganAt }]);
});
