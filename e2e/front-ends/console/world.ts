import { randomBytes } from "node:crypto";
import { buildIfNeeded } from "#engine/start/build.ts";
import { childEnv } from "#engine/start/child-env.ts";
import type { Part } from "#engine/start/part.ts";
import { beginConsole } from "#engine/start/product.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { migrate } from "#prisma/migrate.ts";
import { startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { createChannel, createMember, createUser, testEncryptionKey } from "#testing/factories.ts";

/** Consoles over one database, a person, and a channel of theirs with many error rows. */
export type World = {
  database: Database;
  email: string;
  password: string;
  channelId: string;
  /** Lines of the channel's file of errors, without the one with the columns. */
  rowCount: number;
  beginConsole: (port: number, baseUrl: string) => Promise<void>;
  close: () => Promise<void>;
};

/** A file of some megabytes: more than any proxy keeps by itself before it hands on. */
const rowCount = 60_000;
const password = "correct horse battery";

export async function openWorld(): Promise<World> {
  await buildIfNeeded();
  const cluster = await startThrowawayDatabase();
  await migrate(cluster.url);
  const database = openDatabase(cluster.url);
  const user = await createUser(database.db, { password });
  const { id: channelId } = await createChannel(database.db, { errorStatisticsAggregation: true });
  await createMember(database.db, channelId, { userId: user.id });
  await database.pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, first_at, last_at, error_count, first_attempt_count)
     select $1, minute, 'error_status_code', '503', 503, minute, minute, 1, 1
       from generate_series(1, $2::int) as n, lateral (select date_trunc('minute', now()) - n * interval '1 minute' as minute) as m`,
    [channelId, rowCount],
  );
  const consoles: Part[] = [];
  const authSecret = randomBytes(32).toString("base64url");
  return {
    ...{ database, email: user.email, password, channelId, rowCount },
    beginConsole: async (port, baseUrl) => {
      const part = beginConsole({
        ...{ name: `console of ${baseUrl}`, port, say: console.log },
        env: childEnv({
          NODE_ENV: "production",
          DATABASE_URL: cluster.url,
          AUTH_SECRET: authSecret,
          ENCRYPTION_KEY: testEncryptionKey.toString("hex"),
          BASE_URL: baseUrl,
          ROW_RETENTION_DAYS: "400",
          LOG_LEVEL: "warn",
        }),
      });
      consoles.push(part);
      await part.ready;
    },
    close: async () => {
      await Promise.all(consoles.map((part) => part.stop()));
      await database.close();
      await cluster.stop();
    },
  };
}
