import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createChannel, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { requireSealingKey } from "./sealed-with.ts";
import { keyName, keyRing } from "./sealing.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const other = Buffer.alloc(32, 8);
const check = (key: Buffer, lost: string[] = []) => requireSealingKey(database.pool, key, lost);

test("a key that opens no channel's secret is refused by name, unless the right one is beside it or said to be lost", async () => {
  await check(other);
  await createChannel(database.db);
  await check(testEncryptionKey);
  const [right, wrong] = [keyName(testEncryptionKey), keyName(other)];
  await expect(check(other)).rejects.toThrow(
    new RegExp(
      `named ${right}, and the one given is named ${wrong}.*ENCRYPTION_KEYS_LOST=${right}`,
    ),
  );
  await check(keyRing(other, [testEncryptionKey]));
  await check(other, [right]);
  // The first secret that is issued anew tells that somebody is at it.
  await createChannel(database.db, { encryptionKey: other });
  await check(other);
});
