// npm run restore -- --from FOLDER [--without-key]
// Puts a backup in the place of the embedded database of DATA_DIR, while no product runs over it.
import { parseArgs } from "node:util";
import { openDatabase } from "#lib/db.ts";
import { parseEnv } from "#lib/env.ts";
import { restoreBackup } from "./backup.ts";
import { currentEnv } from "./child-env.ts";
import { keyNamesOf } from "./key-names.ts";

try {
  const { values } = parseArgs({
    options: { from: { type: "string" }, "without-key": { type: "boolean", default: false } },
  });
  const env = parseEnv(currentEnv());
  if (env.databaseUrl !== undefined) {
    throw new Error(
      "DATABASE_URL is set: npm run restore is for the embedded database. docs/operations.md has the commands for your own.",
    );
  }
  if (values.from === undefined) {
    throw new Error("Say which backup: npm run restore -- --from DATA_DIR/backups/tocsin-…");
  }
  const { dataDir } = env;
  const keyNames = values["without-key"] ? null : await keyNamesOf(env);
  await restoreBackup(
    { dataDir, from: values.from, keyNames },
    async ({ filesCount, before, database }, { takenAt, keyNames: sealedWith }) => {
      const { webhooks, errors } = await countBoth(database.url);
      console.log(
        `Restored as of ${takenAt}: ${filesCount} files, ${webhooks} webhooks, ${errors} errors. npm start continues from there.`,
      );
      if (keyNames === null) {
        console.log(
          `If its key is not at hand, start with ENCRYPTION_KEYS_LOST=${sealedWith.join(",")}, and issue a new secret for each channel.`,
        );
      }
      if (before !== null) {
        console.log(`The previous database is in ${before}: remove it when you no longer need it.`);
      }
    },
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function countBoth(url: string): Promise<{ webhooks: number; errors: number }> {
  const database = openDatabase(url, { connectionsMax: 2 });
  try {
    const [webhooks, errors] = await Promise.all([
      database.db.webhook.count(),
      database.db.webhookError.count(),
    ]);
    return { webhooks, errors };
  } finally {
    await database.close();
  }
}
