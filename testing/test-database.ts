import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { type Database, openDatabase } from "#lib/db.ts";
import { administer } from "#prisma/throwaway-database.ts";

/** A migrated, empty database of its own in the run's cluster; `close` drops it. For integration tests. */
export async function createTestDatabase(): Promise<Database & { url: string }> {
  const clusterUrl = inject("clusterUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  // Files are copied as they lie: through the log, which no test cluster needs, it takes four times the work.
  const copied = "template tocsin_template strategy file_copy";
  await administer(clusterUrl, `create database ${name} ${copied}`);
  const url = clusterUrl.replace(/\/[^/]*$/, `/${name}`);
  const database = openDatabase(url);
  return {
    ...database,
    url,
    close: async () => {
      await database.close();
      await administer(clusterUrl, `drop database ${name} with (force)`);
    },
  };
}
