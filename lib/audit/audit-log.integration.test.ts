import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { actorOf, createChannel, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { listAudit } from "./queries.ts";
import { recordAudit } from "./record-audit.ts";
import { parseAuditSearch } from "./search.ts";
import { exportAudit } from "./stream-audit.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const everything = parseAuditSearch({});
const aiko = actorOf({ id: "019b0000-0000-7000-8000-000000000001", name: "=HYPERLINK(1)" });
const ben = actorOf({ id: "019b0000-0000-7000-8000-000000000002", name: "Ben" });

test("the log of a channel holds its own entries only, in pages without gaps or repeats", async () => {
  const { db } = database;
  for (let n = 0; n < 120; n += 1) {
    const entry = { action: "channel_edited", after: { count: n } } as const;
    await recordAudit(db, { actor: aiko, channelId: "7", ...entry });
    if (n % 10 === 0) await recordAudit(db, { actor: aiko, channelId: "8", ...entry });
  }
  const place = { kind: "channel", id: "7" } as const;
  const seen: unknown[] = [];
  let before: string | null = null;
  do {
    const page = await listAudit(db, place, { ...everything, before }, "UTC");
    seen.push(...page.lines.map((line) => line.changes[0]?.after));
    before = page.older;
  } while (before !== null);
  expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => 119 - n));
});

test("a log is searched by action, result, person and days of the viewer's zone", async () => {
  const { db, pool } = database;
  const place = { kind: "provider", id: "9" } as const;
  await recordAudit(db, { actor: aiko, providerId: "9", action: "provider_created" });
  await recordAudit(db, {
    actor: ben,
    providerId: "9",
    action: "roles_refused",
    result: "refused",
  });
  // 23:30 of the 1st in UTC is the 2nd in Tokyo.
  await pool.query(
    `insert into audit_entries (at, action, result, actor_kind, actor_name, provider_id)
     values ('2026-02-01T23:30Z', 'provider_renamed', 'done', 'command', 'old', '9')`,
  );
  const actions = async (search: Record<string, string>, zone = "UTC") =>
    (await listAudit(db, place, parseAuditSearch(search), zone)).lines.map((line) => line.action);
  expect(await actions({ action: "provider_created" })).toEqual(["provider_created"]);
  expect(await actions({ result: "refused" })).toEqual(["roles_refused"]);
  expect(await actions({ actor: ben.id })).toEqual(["roles_refused"]);
  expect(await actions({ from: "2026-02-01", to: "2026-02-01" })).toEqual(["provider_renamed"]);
  expect(await actions({ from: "2026-02-01", to: "2026-02-01" }, "Asia/Tokyo")).toEqual([]);
  expect(await actions({ from: "2026-02-02", to: "2026-02-02" }, "Asia/Tokyo")).toHaveLength(1);
  expect(await actions({ action: "no such", from: "yesterday", before: "x" })).toHaveLength(3);
});

test("the file holds a line for each entry, and no cell is a formula or breaks its line", async () => {
  const { db } = database;
  const user = actorOf(await createUser(db));
  const place = { kind: "channel", id: "10" } as const;
  await recordAudit(db, {
    actor: aiko,
    channelId: "10",
    action: "member_added",
    target: { kind: "user", id: '"=1+1"', name: "+1\tand\nmore" },
    after: { note: "tab\there" },
  });
  const wanted = { place, search: everything, timeZone: "Asia/Tokyo", format: "tsv" } as const;
  const text = await new Response((await exportAudit(database, user, wanted)).stream).text();
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  expect(lines.map((line) => line.length)).toEqual([17, 17, 17]);
  // That it was taken out is the newest entry of the file itself.
  expect(lines[1]).toContain("audit_exported");
  expect(lines[2]).toContain("'=HYPERLINK(1)");
  expect(lines[2]).toContain("'+1 and more");
  // Spreadsheets would take the quotation marks off, and the rest for a formula.
  expect(lines[2]).toContain('"\'""=1+1"""');
});

test("a file of many parts has each entry once, newest first, and none that came after it was begun", async () => {
  const user = actorOf(await createUser(database.db));
  const place = { kind: "channel", id: "11" } as const;
  const insert = (from: number, to: number) =>
    database.pool.query(
      `insert into audit_entries (action, result, actor_kind, actor_name, channel_id, target_name)
       select 'channel_edited', case n % 2 when 0 then 'done' else 'refused' end, 'command', 'x', '11', n
         from generate_series($1::int, $2::int) n order by n`,
      [from, to],
    );
  await insert(1, 9_001);
  const search = parseAuditSearch({ result: "done", action: "channel_edited" });
  const { stream } = await exportAudit(database, user, {
    place,
    search,
    timeZone: "UTC",
    format: "tsv",
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) {
    pieces.push(piece);
    // Its head alone says nothing of the database.
    if (pieces.length === 2) await insert(9_002, 9_100);
  }
  const lines = Buffer.concat(pieces).toString().trimEnd().split("\n").slice(1);
  expect(lines.map((line) => line.split("\t")[14])).toEqual(
    Array.from({ length: 4_500 }, (_, n) => String(9_000 - 2 * n)),
  );
});

test("an invitation says whom it was sent to, on the page and in the file, while the log itself keeps no address", async () => {
  const { db } = database;
  const { id: channelId } = await createChannel(db);
  const user = actorOf(await createUser(db));
  const { id } = await db.invitation.create({
    data: {
      tokenHash: randomBytes(32),
      email: "guest@example.com",
      channelId,
      role: "member",
      expiresAt: new Date("2027-01-01T00:00Z"),
    },
  });
  const target = { kind: "invitation", id } as const;
  await recordAudit(db, { actor: user, channelId, action: "invitation_sent", target });
  await recordAudit(db, { actor: user, channelId, action: "invitation_cancelled", target });
  const place = { kind: "channel", id: channelId } as const;
  const { lines } = await listAudit(db, place, everything, "UTC");
  expect(lines.map((line) => line.target)).toEqual(["guest@example.com", "guest@example.com"]);
  const wanted = { place, search: everything, timeZone: "UTC", format: "csv" } as const;
  const text = await new Response((await exportAudit(database, user, wanted)).stream).text();
  expect(text.match(/guest@example\.com/g)).toHaveLength(2);
  const { rows } = await database.pool.query(
    "select row_to_json(a)::text as entry from audit_entries a where channel_id = $1",
    [channelId],
  );
  expect(rows.filter(({ entry }) => entry.includes("guest@"))).toEqual([]);

  await db.invitation.delete({ where: { id } });
  const later = await listAudit(db, place, everything, "UTC");
  expect(later.lines.at(-1)?.target).toBe(id);
});

test("an IPv4 address stands as people write it, also where it was kept in another way", async () => {
  const { db } = database;
  const user = actorOf(await createUser(db));
  for (const address of ["::ffff:192.0.2.7", "192.0.2.8", "2001:db8::ffff:1"]) {
    const actor = { ...user, from: { address, userAgent: null } };
    await recordAudit(db, { actor, channelId: "13", action: "channel_edited" });
  }
  const place = { kind: "channel", id: "13" } as const;
  const shown = ["2001:db8::ffff:1", "192.0.2.8", "192.0.2.7"];
  const { lines } = await listAudit(db, place, everything, "UTC");
  expect(lines.map((line) => line.from.address)).toEqual(shown);
  const search = parseAuditSearch({ action: "channel_edited" });
  const wanted = { place, search, timeZone: "UTC", format: "jsonl" } as const;
  const text = await new Response((await exportAudit(database, user, wanted)).stream).text();
  const entries = text.trimEnd().split("\n");
  expect(entries.map((line) => JSON.parse(line).address)).toEqual(shown);
});
