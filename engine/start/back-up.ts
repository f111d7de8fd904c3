// npm run backup [-- --to FOLDER | --check FOLDER]
// Of the embedded database, while the product runs or not; checked after it is written.
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseEnv } from "#lib/env.ts";
import { checkBackup, takeBackup } from "./backup.ts";
import { currentEnv } from "./child-env.ts";
import { keyNamesOf } from "./key-names.ts";

try {
  const { values } = parseArgs({ options: { to: { type: "string" }, check: { type: "string" } } });
  await (values.check === undefined ? take(values.to) : check(values.check));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function take(to: string | undefined): Promise<void> {
  const env = parseEnv(currentEnv());
  if (env.databaseUrl !== undefined) {
    throw new Error(
      "DATABASE_URL is set: npm run backup is for the embedded database. docs/operations.md has the commands for your own.",
    );
  }
  const { dataDir } = env;
  const keyNames = await keyNamesOf(env);
  const taken = await takeBackup({ dataDir, to: to ?? join(dataDir, "backups"), keyNames });
  console.log(
    `${taken.folder}\n${taken.filesCount} files, ${megabytes(taken.bytes)} MB unpacked; read back and intact.`,
  );
  console.log(
    `It contains no keys. To use it, you also need AUTH_SECRET and the ENCRYPTION_KEY named ${keyNames.join(" or ")}: ` +
      `${env.encryptionKey === undefined ? join(resolve(dataDir), "secrets.json") : "those of this environment"}. Keep them in another place.`,
  );
}

async function check(folder: string): Promise<void> {
  const { filesCount, bytes } = await checkBackup(folder);
  console.log(`${filesCount} files, ${megabytes(bytes)} MB unpacked: intact.`);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}
