// npm run demo: the whole product over a sample world with live traffic, in one command.

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "#e2e/servers/free-port.ts";
import { startProduct } from "#engine/start/product.ts";
import { listenForSignal, runUntilSignal } from "#engine/start/run-until-signal.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { startLiveTraffic } from "./live-traffic.ts";
import { writePast } from "./past/write-past.ts";
import { startSampleBotServer } from "./sample-bot-server.ts";
import { createSampleWorld, pointAtBots } from "./sample-world.ts";

const say = (line: string): void => console.log(line);
const dataDir = process.env.DATA_DIR ?? ".data/demo";

const signal = listenForSignal();

try {
  say("Starting Tocsin with a sample world; the first start takes a minute or two");
  const product = await startProduct({
    source: {
      ALLOW_TARGETS: "127.0.0.0/8, ::1/128",
      ALLOW_HTTP_TARGETS: "true",
      REDELIVERY_SCHEDULE: "5s, 15s, 30s",
      NOTIFICATION_WINDOW: "30s",
      LOG_LEVEL: "warn",
      ...process.env,
      DATA_DIR: dataDir,
    },
    say,
    signal: signal.asked,
  });
  const database = openDatabase(product.databaseUrl);
  const password = await readOrMakePassword();
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
  say(`\nTocsin is ready: ${product.consoleUrl}\n\nSign in with the password ${password} as`);
  for (const { email, what } of world.people) say(`  ${email.padEnd(24)} ${what}`);
  say("\nEvents arrive all the time. Each channel shows another state of the pages:");
  for (const { channelId, name, shows } of world.states) {
    say(
      `  ${product.consoleUrl}/console/channel/${channelId}/statistics/errors  ${name}: ${shows}`,
    );
  }
  say("\nCtrl-C stops everything.");
  await runUntilSignal(
    async () => {
      await traffic.stop();
      await database.close();
      await product.stop();
      await bots.stop();
    },
    say,
    { signal, failed: product.failed },
  );
} catch (error) {
  if (signal.asked.aborted) signal.end();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The password of the sample people, made once: the console may be reachable from elsewhere. */
async function readOrMakePassword(): Promise<string> {
  const path = join(dataDir, "sample-password");
  const known = await readFile(path, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const made = randomBytes(9).toString("base64url");
  await writeFile(path, made, { mode: 0o600 });
  return made;
}
