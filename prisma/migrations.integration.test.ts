import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { inject, test } from "vitest";
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

test("a migration that has failed half-way stops every later start until it is resolved", async ({
  expect,
}) => {
  const { url, drop } = await createEmpty();
  await migrate(url);
  const failNewest = (finished: string) =>
    administer(
      url,
      `update _prisma_migrations set finished_at = ${finished}
        where migration_name = (select max(migration_name) from _prisma_migrations)`,
    );
  await failNewest("null");
  await expect(migrate(url)).rejects.toThrow(/failed/);
  await failNewest("now()");
  expect(await migrate(url)).toEqual([]);
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
