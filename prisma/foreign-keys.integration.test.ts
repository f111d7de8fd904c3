import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Foreign keys that do without an index, as `table (columns)`, each with the reason why nothing ever looks for its rows. */
const exceptions: Readonly<Record<string, string>> = {};

/**
 * The foreign keys whose columns no index begins with, in whatever order: whoever deletes what they refer to reads the whole table. An
 * index on some of its rows counts where it leaves out no more than nulls.
 */
const unindexedSql = `
  select format('%s (%s)', k.conrelid::regclass, string_agg(a.attname, ', ' order by place)) as name
    from pg_constraint k
    cross join unnest(k.conkey) with ordinality as key (number, place)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = key.number
    join pg_class c on c.oid = k.conrelid and not c.relispartition
   where k.contype = 'f' and k.connamespace = 'public'::regnamespace
     and not exists (
       select from pg_index i
        where i.indrelid = k.conrelid and i.indisvalid
          and (i.indpred is null or (cardinality(k.conkey) = 1
               and pg_get_expr(i.indpred, i.indrelid) = format('(%s IS NOT NULL)', (
                     select one.attname from pg_attribute one where one.attrelid = k.conrelid and one.attnum = k.conkey[1]))))
          and (select array_agg(number order by number)
                 from (select number::int2 from unnest(i.indkey::int2[]) with ordinality as parts (number, part)
                        where part <= cardinality(k.conkey)) first)
              = (select array_agg(number order by number) from unnest(k.conkey) number))
   group by k.oid, k.conrelid order by 1`;

const findUnindexed = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ name: string }>(unindexedSql);
  return rows.map(({ name }) => name);
};

test("every foreign key has an index on its own columns, so that deleting what it refers to scans nothing", async () => {
  expect(await findUnindexed()).toEqual(Object.keys(exceptions).sort());
});

test("a foreign key without one is found, whether of one column or of several", async () => {
  await database.pool.query(
    `create table first (a int, b int, primary key (a, b));
     create table second (x int, y int, z int references second, primary key (z), foreign key (x, y) references first);
     create index on second (y)`,
  );
  expect(await findUnindexed()).toEqual(["second (x, y)"]);
  await database.pool.query("create index on second (y, x, z)");
  expect(await findUnindexed()).toEqual([]);
  await database.pool.query("drop table second, first");
});
