import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { deleteAll } from "./delete-all.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("however many rows have ended, they go in parts, and what has gone stays gone", async () => {
  await database.pool.query(`
    create table ended (n int not null);
    insert into ended select n from generate_series(1, 12000) n;
    create function stuck() returns trigger language plpgsql as $$
      begin raise exception 'cut off in the middle'; end $$;
    create trigger stuck before delete on ended for each row when (old.n = 12000) execute function stuck()`);
  const left = async () => (await database.pool.query("select from ended")).rowCount;
  await expect(deleteAll(database.pool, "ended", "n > $1", 0)).rejects.toThrow("cut off");
  expect(await left()).toBe(2_000);
  await database.pool.query("drop trigger stuck on ended");
  await deleteAll(database.pool, "ended", "n > $1", 0);
  expect(await left()).toBe(0);
});
