import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { expect, inject, test, vi } from "vitest";
import { startDatabaseProxy } from "#e2e/servers/database-proxy.ts";
import { diffSchemas, migrate, readSchema } from "./migrate.ts";
import { administer } from "./throwaway-database.ts";

/** Columns and indexes as the catalog has them; partitions are the migration's own affair and left out. */
async function describeCatalog(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const columns = await client.query<{ line: string }>(
    `select format('%s.%s %s%s default %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            case when a.attnotnull then ' not null' else '' end, coalesce(pg_get_expr(d.adbin, d.adrelid), 'none')) as line
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> '_prisma_migrations'`,
  );
  const indexes = await client.query<{ line: string }>(
    `select replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as line
       from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relname <> '_prisma_migrations'`,
  );
  const constraints = await client.query<{ line: string }>(
    `select format('%s %s', c.relname, pg_get_constraintdef(k.oid)) as line
       from pg_constraint k join pg_class c on c.oid = k.conrelid
      where c.relnamespace = 'public'::regnamespace and not c.relispartition and k.contype in ('f', 'u', 'p', 'c')
        and c.relname <> '_prisma_migrations'`,
  );
  const enums = await client.query<{ line: string }>(
    `select format('%s %s', t.typname, string_agg(e.enumlabel, ',' order by e.enumsortorder)) as line
       from pg_type t join pg_enum e on e.enumtypid = t.oid group by t.typname`,
  );
  await client.end();
  return [columns, indexes, constraints, enums]
    .flatMap(({ rows }) => rows.map((row) => row.line))
    .sort();
}

async function createEmpty(): Promise<{ url: string; drop: () => Promise<void> }> {
  const clusterUrl = inject("clusterUrl");
  const name = `migrate_${randomBytes(6).toString("hex")}`;
  await administer(clusterUrl, `create database ${name}`);
  return {
    url: clusterUrl.replace(/\/[^/]*$/, `/${name}`),
    drop: () => administer(clusterUrl, `drop database ${name} with (force)`),
  };
}

test("the migrations lead to exactly the schema that schema.prisma declares", async ({
  expect,
}) => {
  const migrated = await createEmpty();
  const declared = await createEmpty();
  await migrate(migrated.url);
  await administer(declared.url, await diffSchemas(declared.url, null, await readSchema()));
  expect(await describeCatalog(migrated.url)).toEqual(await describeCatalog(declared.url));
  await Promise.all([migrated.drop(), declared.drop()]);
});

test("two processes that migrate at the same moment take turns, and the second finds nothing to do", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  const applied = await Promise.all([migrate(url), migrate(url)]);
  expect(applied.map((names) => names.length).sort()).toEqual([0, applied.flat().length]);
  expect(applied.flat().length).toBeGreaterThan(0);
  await drop();
});

test("a database that a newer version has migrated is refused in words, and left as it is", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  await migrate(url);
  await administer(
    url,
    `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     values ('newer', '', '29990101000000_what_comes', now(), 1)`,
  );
  await expect(migrate(url)).rejects.toThrow(
    /belongs to a newer version of Tocsin \(it has 29990101000000_what_comes\).*nothing was changed/,
  );
  await administer(url, "delete from _prisma_migrations where id = 'newer'");
  expect(await migrate(url)).toEqual([]);
  await drop();
});

test("whatever zone the database is set to, every statement of a migration runs in UTC", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  await administer(
    url,
    `alter database ${new URL(url).pathname.slice(1)} set timezone = 'Asia/Kolkata'`,
  );
  await administer(
    url,
    `create schema watch;
     create table watch.seen (application text, zone text);
     create function watch.note() returns event_trigger language plpgsql as $$
       begin
         insert into watch.seen values (current_setting('application_name'), current_setting('timezone'));
       end $$;
     create event trigger watching on ddl_command_end execute function watch.note()`,
  );
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "select zone, count(distinct application)::int as sessions from watch.seen group by zone",
  );
  await client.end();
  // Prisma's engine, and the session that makes the partitions.
  expect(rows).toEqual([{ zone: "UTC", sessions: 2 }]);
  await drop();
});

async function countWaiting(url: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  await client.end();
  return rowCount;
}

/** Somebody who is about to make a table that a migration makes half way, so that it waits there. */
async function holdUp(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("begin; create table endpoint_health (id int)");
  return {
    /** Resolves when a migration waits. */
    waits: () =>
      vi.waitFor(async () => expect(await countWaiting(url)).toBe(1), {
        timeout: 120_000,
        interval: 50,
      }),
    letGo: () => client.query("rollback").then(() => client.end()),
    goOn: () => client.query("commit").then(() => client.end()),
  };
}

test("a process that is killed in the middle of a migration leaves nothing that the next start trips over", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  const obstacle = await holdUp(url);
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "migrate-command.ts")],
    { env: { PATH: "/usr/bin:/bin", NODE_ENV: "production", DATABASE_URL: url }, stdio: "ignore" },
  );
  const ended = once(child, "exit");
  await obstacle.waits();
  child.kill("SIGKILL");
  await ended;
  await obstacle.letGo();
  expect((await migrate(url, { say: () => undefined })).length).toBeGreaterThan(0);
  expect(await migrate(url)).toEqual([]);
  await drop();
});

test("a migration that failed is begun anew once its cause is gone, and says why it failed", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  const obstacle = await holdUp(url);
  const migrating = migrate(url);
  await Promise.all([
    expect(migrating).rejects.toThrow(/20261122151605_endpoint_health/),
    obstacle.waits().then(obstacle.goOn),
  ]);
  await administer(url, "drop table endpoint_health");
  expect((await migrate(url)).length).toBeGreaterThan(0);
  await drop();
});

async function holdTurn(url: string) {
  const client = new pg.Client({ connectionString: url, application_name: "the other one" });
  await client.connect();
  await client.query("select pg_advisory_lock(7046201)");
  return () => client.end();
}

test("a start that has nothing to migrate waits for nobody", async ({ expect }) => {
  const { url, drop } = await createEmpty();
  await migrate(url);
  const letGo = await holdTurn(url);
  expect(await migrate(url)).toEqual([]);
  await letGo();
  await drop();
});

test("who waits for another process that migrates says for whom, and gives up in words", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  const letGo = await holdTurn(url);
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  await expect(migrate(url, { say, patienceMs: 4_000 })).rejects.toThrow(
    /still migrating the database: the other one, from .* since .*, session \d+\. Nothing was changed/,
  );
  expect(said).toEqual([expect.stringMatching(/^Waiting for another process.*the other one/)]);
  await letGo();
  await drop();
});

test("a process that is frozen while it migrates keeps the turn no longer than a while", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  const proxy = await startDatabaseProxy(url);
  const frozen = proxy.freezeAt("idle_session_timeout");
  const first = migrate(proxy.url, { silenceMs: 1_000 });
  await frozen;
  expect((await migrate(url)).length).toBeGreaterThan(0);
  await Promise.all([expect(first).rejects.toThrow(), proxy.close()]);
  await drop();
});

test("a process that has migrated is kept alive by nothing of it", async ({ expect }) => {
  const { url, drop } = await createEmpty();
  const script = `
    import { migrate } from "#prisma/migrate.ts";
    const applied = await migrate(process.argv[1]);
    console.log(applied.length > 0, process.getActiveResourcesInfo().includes("Timeout"));
  `;
  const args = ["--import", "tsx", "--input-type=module", "--eval", script, url];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(import.meta.dirname, ".."),
  });
  expect(stdout).toBe("true false\n");
  await drop();
});
