import { afterAll, beforeAll, expect, test } from "vitest";
import { setWebhookUrl } from "#lib/channels/commands.ts";
import { issueSecretAtOnce } from "#lib/channels/issue-secret.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createChannel, testEncryptionKey as key, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { listChanges } from "./list-changes.ts";

const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
const always = { from: new Date(0), to: new Date("2999-01-01T00:00:00Z") };

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("URL, switches and secret are told in order, to those who see the log with who it was", async () => {
  const { db } = database;
  const { id } = await createChannel(db);
  const url = "https://bot.example.com/new";
  await setWebhookUrl(db, policy, testActor, id, url);
  await turnSwitch(db, testActor, id, "useWebhook", true);
  await issueSecretAtOnce(db, key, testActor, id, null);
  await db.auditEntry.createMany({
    data: [
      ...["webhook_verified", "channel_edited"].map((action) => ({ action, result: "done" })),
      { action: "switch_turned", result: "refused", after: { useWebhook: false } },
    ].map((entry) => ({ ...entry, channelId: id, actorKind: "command", actorName: "other" })),
  });
  const by = testActor.name;
  const { changes, isCut } = await listChanges(db, id, always, { seesLog: true });
  expect(changes).toMatchObject([
    { action: "webhook_url_set", url, by },
    { action: "switch_turned", name: "useWebhook", isOn: true, by },
    { action: "secret_issued", by },
  ]);
  expect(isCut).toBe(false);
  const hidden = await listChanges(db, id, always, { seesLog: false });
  expect(JSON.stringify(hidden)).not.toMatch(/bot\.example\.com|"by":"/);
  expect(hidden.changes).toHaveLength(3);
  const before = { from: always.from, to: changes[0]?.at ?? new Date(0) };
  expect(await listChanges(db, id, before, { seesLog: true })).toEqual({
    changes: [],
    isCut: false,
  });
});

test("a channel that is disabled, and an overlap of secrets that ends by itself, are told when they happen", async () => {
  const { db } = database;
  const at = (hour: number) => new Date(Date.UTC(2026, 0, 5, hour));
  const begun = (hour: number) => ({
    at: at(hour),
    action: "secret_overlap_begun",
    after: { inForceAloneFrom: at(hour + 24).toISOString() },
  });
  const log = async (...entries: { at: Date; action: string; after?: object }[]) => {
    const { id } = await createChannel(db);
    await db.auditEntry.createMany({
      data: entries.map((entry) => ({
        ...{ ...entry, channelId: id, result: "done", actorKind: "command", actorName: "ops" },
      })),
    });
    return async (from: number, to: number) =>
      (await listChanges(db, id, { from: at(from), to: at(to) }, { seesLog: true })).changes.map(
        ({ action, at: when }) => [action, when.getTime()],
      );
  };
  const ended = await log(begun(1), { at: at(40), action: "channel_disabled" });
  const over = ["secret_overlap_over", at(25).getTime()];
  expect(await ended(0, 48)).toEqual([
    ["secret_overlap_begun", at(1).getTime()],
    over,
    ["channel_disabled", at(40).getTime()],
  ]);
  // The begin may lie before what is looked at.
  expect(await ended(25, 26)).toEqual([over]);
  expect(await ended(2, 25)).toEqual([]);
  for (const action of ["secret_overlap_cancelled", "secret_switched", "secret_issued"]) {
    const early = await log(begun(1), { at: at(3), action });
    expect(await early(4, 48)).toEqual([]);
  }
  const soon = { inForceAloneFrom: new Date("2998-01-01T00:00:00Z").toISOString() };
  const running = await log({ at: at(1), action: "secret_overlap_begun", after: soon });
  expect(await running(0, 48)).toHaveLength(1);
});

test("of a channel that changes all the time the newest fifty are told, by the index of such entries alone", async () => {
  const { db, pool } = database;
  const { id } = await createChannel(db);
  await pool.query(
    `insert into audit_entries (at, action, result, actor_kind, actor_name, channel_id, after)
     select '2026-01-01'::timestamptz + n * interval '1 minute', 'switch_turned', 'done', 'command', 'x', $1,
            jsonb_build_object('webhookRedelivery', n % 2 = 0)
       from generate_series(1, 60) n
     union all
     select '2026-01-01'::timestamptz + n * interval '1 second', 'webhook_opened', 'done', 'command', 'x', $1, null
       from generate_series(1, 20000) n`,
    [id],
  );
  await pool.query("analyze audit_entries");
  const { changes, isCut } = await listChanges(db, id, always, { seesLog: true });
  expect(changes).toHaveLength(50);
  expect(isCut).toBe(true);
  expect(changes.at(-1)?.at).toEqual(new Date("2026-01-01T01:00:00Z"));
  const { rows } = await pool.query<{ "QUERY PLAN": string }>(
    `explain select id from audit_entries
      where channel_id = '${id}' and at >= '2026-01-01' and at < '2026-01-02' and result = 'done'
        and action in ('webhook_url_set', 'switch_turned', 'secret_issued', 'secret_overlap_begun', 'secret_overlap_cancelled',
                       'secret_switched', 'channel_disabled')
      order by at desc, id desc limit 51`,
  );
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("audit_entries_sending_idx");
});
