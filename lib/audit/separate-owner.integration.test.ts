import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "#lib/db.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { keepPartitions } from "#lib/retention/partitions.ts";
import { migrate } from "#prisma/migrate.ts";
import { administer } from "#prisma/throwaway-database.ts";
import { commandActor } from "./actor.ts";
import { forgetOldAudit } from "./forget-old.ts";
import { recordAudit } from "./record-audit.ts";

// What docs/security.md tells operators to do with a database of theirs, word for word.

const guide = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
const [, advice = ""] = /```sql\n([\s\S]*?)```/.exec(guide) ?? [];

const suffix = randomBytes(6).toString("hex");
const [name, role, auditRole] = [`owned_${suffix}`, `app_${suffix}`, `log_${suffix}`];
let product: Database;

beforeAll(async () => {
  const clusterUrl = inject("clusterUrl");
  await administer(clusterUrl, `create role ${role} login password 'test'`);
  await administer(clusterUrl, `create database ${name} owner ${role}`);
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  const superuser = openDatabase(url.href);
  Object.assign(url, { username: role, password: "test" });
  await migrate(url.href);
  const statements = advice
    .replaceAll("tocsin_audit", auditRole)
    .replaceAll(/\btocsin\b/g, role)
    .replaceAll(/^--.*$/gm, "");
  await superuser.pool.query(statements);
  await superuser.close();
  product = openDatabase(url.href);
});
afterAll(async () => {
  await product.close();
  await administer(inject("clusterUrl"), `drop database ${name} with (force)`);
});

test("the product writes its log, forgets what is too old, and keeps its partitions", async () => {
  const { db, pool } = product;
  await recordAudit(db, { actor: commandActor("test"), action: "set_up" });
  await pool.query(
    `insert into audit_entries (at, action, result, actor_kind, actor_name)
     values (now() - interval '500 days', 'signed_out', 'done', 'command', 'old')`,
  );
  expect(await forgetOldAudit(pool, 400)).toBe(1);
  const days = { log: 30, errors: 90, rows: 400 };
  const longAgo = new Date(Date.now() - 60 * 86_400_000);
  const made = await makePartitions(pool, { from: longAgo, to: longAgo });
  const report = await keepPartitions(pool, days);
  expect(report.failed).toEqual([]);
  expect(made.created.length).toBeGreaterThan(5);
  expect(report.dropped.length).toBeGreaterThan(5);
  await migrate(pool.options.connectionString ?? "");
});

test.each([
  "alter table audit_entries disable trigger all",
  "drop trigger audit_entries_keep_rows on audit_entries",
  "create or replace function audit_entries_stay() returns trigger language plpgsql as 'begin return old; end'",
  "alter function audit_entries_stay() owner to current_user",
  "create rule nothing as on insert to audit_entries do instead nothing",
  "alter table audit_entries owner to current_user",
  "drop table audit_entries",
  "truncate audit_entries",
  "update audit_entries set actor_name = 'somebody else'",
  "delete from audit_entries",
  "set session_replication_role = replica; delete from audit_entries",
  "set tocsin.forget_audit = 'on'; delete from audit_entries",
])("the product's role cannot: %s", async (statement) => {
  const client = await product.pool.connect();
  await expect(client.query(statement)).rejects.toThrow(
    /append-only|must be owner|permission denied/,
  );
  client.release(true);
  expect(await product.db.auditEntry.count({ where: { action: "set_up" } })).toBe(1);
});
