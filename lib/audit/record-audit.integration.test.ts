import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { type Actor, commandActor } from "./actor.ts";
import { forgetOldAudit } from "./forget-old.ts";
import { recordAudit } from "./record-audit.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const person: Actor = {
  kind: "user",
  id: "019b0000-0000-7000-8000-000000000001",
  name: "Aiko",
  isOperator: false,
  session: null,
  from: { address: "192.0.2.7", userAgent: "Firefox" },
};

test("an entry written by Prisma and one written by a client of the pool are the same", async () => {
  const { db, pool } = database;
  const entry = {
    actor: person,
    action: "webhook_url_set",
    channelId: "1",
    target: { kind: "webhook", id: "w", name: "nul \0 inside" },
    before: { webhookUrl: null },
    after: { webhookUrl: "https://a.example/" },
  } as const;
  await db.$transaction((tx) => recordAudit(tx, entry));
  await inTransaction(pool, (client) => recordAudit(client, entry));
  const [one, other] = await db.auditEntry.findMany({
    where: { action: "webhook_url_set" },
    omit: { id: true, at: true },
  });
  expect(one).toMatchObject({
    result: "done",
    actorName: "Aiko",
    address: "192.0.2.7",
    targetName: "nul \ufffd inside",
    before: { webhookUrl: null },
    after: { webhookUrl: "https://a.example/" },
  });
  expect(other).toEqual(one);
});

test("an entry goes with the transaction that it tells of", async () => {
  const { db } = database;
  const undone = db.$transaction(async (tx) => {
    await recordAudit(tx, { actor: commandActor("test"), action: "set_up" });
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  expect(await db.auditEntry.count({ where: { action: "set_up" } })).toBe(0);
});

test("entries can be neither changed nor deleted nor truncated", async () => {
  const { pool, db } = database;
  await recordAudit(db, { actor: commandActor("test"), action: "operator_created" });
  for (const statement of [
    "update audit_entries set actor_name = 'somebody else'",
    "delete from audit_entries",
    "truncate audit_entries",
    "set session_replication_role = replica; delete from audit_entries",
    "set tocsin.forget_audit = 'on'; delete from audit_entries",
  ]) {
    // A connection of its own: the last ones change their session.
    const client = await pool.connect();
    await expect(client.query(statement)).rejects.toThrow("append-only");
    client.release(true);
  }
});

test("entries older than the retention go, and the last 30 days stay whatever it is", async () => {
  const { pool } = database;
  await pool.query(
    `insert into audit_entries (at, action, result, actor_kind, actor_name)
     select now() - make_interval(days => d), 'signed_out', 'done', 'command', 'old' from unnest(array[500, 399, 31, 29]) d`,
  );
  const left = async () => {
    const { rows } = await pool.query<{ days: number }>(
      `select (extract(epoch from now() - at) / 86400)::int as days from audit_entries where action = 'signed_out' order by at`,
    );
    return rows.map((row) => row.days);
  };
  expect(await forgetOldAudit(pool, 400)).toBe(1);
  expect(await left()).toEqual([399, 31, 29]);
  await expect(forgetOldAudit(pool, 20)).rejects.toThrow("append-only");
  expect(await left()).toEqual([399, 31, 29]);
});
