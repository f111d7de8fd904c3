import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findPlatformKey } from "./find-platform-key.ts";
import { createPlatformKey, listPlatformKeys, revokePlatformKey } from "./platform-keys.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("a platform key works until it is revoked, and is not listed", async () => {
  const { db, pool } = database;
  const { id, key } = await createPlatformKey(db, testActor, { name: "gateway" });
  expect(key).toMatch(/^tpk_[\w-]{43}$/);
  expect(await findPlatformKey(pool, key)).toMatchObject({ id });
  expect(JSON.stringify(await listPlatformKeys(db))).not.toContain(key);
  await revokePlatformKey(db, testActor, id);
  expect(await findPlatformKey(pool, key)).toBeNull();
  await expect(revokePlatformKey(db, testActor, id)).rejects.toMatchObject({ code: "not_found" });
});
