import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "#e2e/servers/free-port.ts";
import { type Product, startProduct } from "#engine/start/product.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { startLiveTraffic } from "./live-traffic.ts";
import { writePast } from "./past/write-past.ts";
import { startSampleBotServer } from "./sample-bot-server.ts";
import { createSampleWorld, pointAtBots, type SampleWorld } from "./sample-world.ts";

export type Demo = {
  product: Product;
  world: SampleWorld;
  /** Of every sample person. */
  password: string;
  stop: () => Promise<void>;
};

/**
 * The whole product over the sample world, with its past and live traffic.
 * @param options source: settings besides the demo's own, as the environment has them
 * @throws Error in words when the product cannot be started
 */
export async function startDemo(options: {
  dataDir: string;
  source: Record<string, string | undefined>;
  say: (line: string) => void;
  signal?: AbortSignal;
}): Promise<Demo> {
  const { dataDir, say } = options;
  const product = await startProduct({
    source: {
      ALLOW_TARGETS: "127.0.0.0/8, ::1/128",
      ALLOW_HTTP_TARGETS: "true",
      REDELIVERY_SCHEDULE: "5s, 15s, 30s",
      NOTIFICATION_WINDOW: "30s",
      LOG_LEVEL: "warn",
      ...options.source,
      DATA_DIR: dataDir,
    },
    say,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const database = openDatabase(product.databaseUrl);
  const password = await readOrMakePassword(dataDir);
  const world = await createSampleWorld(database.db, {
    encryptionKey: product.encryptionKey,
    password,
  });
  const bots = await startSampleBotServer((channelId) => world.bots.get(channelId));
  await pointAtBots(database.db, { botPort: bots.port, closedPort: await freePort() });
  await writePast(database.pool);
  const { key } = await createPlatformKey(database.db, commandActor("demo"), {
    name: "Sample traffic",
  });
  const traffic = startLiveTraffic({
    apiUrl: product.apiUrl,
    platformKey: key,
    channelIds: world.channelIds,
    everyMs: 250,
    say,
  });
  return {
    ...{ product, world, password },
    stop: async () => {
      await traffic.stop();
      await database.close();
      await product.stop();
      await bots.stop();
    },
  };
}

/** The password of the sample people, made once: the console may be reachable from elsewhere. */
async function readOrMakePassword(dataDir: string): Promise<string> {
  const path = join(dataDir, "sample-password");
  const known = await readFile(path, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const made = randomBytes(9).toString("base64url");
  await writeFile(path, made, { mode: 0o600 });
  return made;
}
