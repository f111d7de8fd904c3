import { createWorker, type Worker } from "#engine/worker/delivery/worker.ts";
import { newBotUserId, newChannelSecret, sealChannelSecret } from "#lib/channel-secrets/secret.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createSender, type Sender } from "#lib/transport/sender.ts";
import type { EmbeddedDatabase } from "#prisma/embedded-database.ts";
import { migrate } from "#prisma/migrate.ts";
import { startThrowawayDatabase } from "#prisma/throwaway-database.ts";
import { createProvider, testEncryptionKey } from "#testing/factories.ts";

export type World = { database: Database; url: string; stop: () => Promise<void> };

/** A migrated database of the bench's own, with the durability that an installation has. `settings`: more of PostgreSQL's. */
export async function openWorld(settings: readonly string[] = []): Promise<World> {
  const embedded: EmbeddedDatabase = await startThrowawayDatabase([
    "shared_buffers=256MB",
    ...settings,
  ]);
  await migrate(embedded.url);
  const database = openDatabase(embedded.url, { connectionsMax: 12 });
  return {
    database,
    url: embedded.url,
    stop: async () => {
      await database.close();
      await embedded.stop();
    },
  };
}

const log = openLog("bench", "error");

export const openSender = (): Sender =>
  createSender({ policy: createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true }) });

export const openWorker = (database: Database, sender: Pick<Sender, "send">): Worker =>
  createWorker({
    database,
    send: (request) => sender.send(request),
    slots: 256,
    scheduleMs: [5_000, 30_000, 120_000, 300_000, 600_000, 720_000],
    notificationWindowMs: 300_000,
    encryptionKey: testEncryptionKey,
    log,
  });

export type BenchChannel = { id: string; secret: string; url: string };

/** Channels with every switch on; `urlOf` gives the webhook URL of the n-th. */
export async function makeChannels(
  { db }: Database,
  count: number,
  urlOf: (index: number) => string,
): Promise<BenchChannel[]> {
  const { id: providerId } = await createProvider(db);
  const made = Array.from({ length: count }, (_, index) => ({
    // In sequence: among 100,000 random numbers of ten digits some would be the same.
    id: String(3_000_000_000 + channelsMade + index),
    secret: newChannelSecret(),
    url: urlOf(index),
  }));
  channelsMade += count;
  for (let from = 0; from < count; from += insertedAtOnce) {
    const some = made.slice(from, from + insertedAtOnce);
    await db.channel.createMany({
      data: some.map(({ id, secret, url }) => ({
        id,
        providerId,
        name: `Bot ${id}`,
        description: "Made for a bench.",
        email: "bench@example.com",
        botUserId: newBotUserId(),
        sealedSecret: sealChannelSecret(testEncryptionKey, id, secret),
        webhookUrl: url,
        useWebhook: true,
        webhookRedelivery: true,
        errorStatisticsAggregation: true,
      })),
    });
    await db.countingPeriod.createMany({ data: some.map(({ id }) => ({ channelId: id })) });
  }
  return made;
}

let channelsMade = 0;
/** Below PostgreSQL's limit of parameters of one statement. */
const insertedAtOnce = 2_000;

/** One text message of a believable size (about 500 bytes as a webhook). */
export const sampleEvents = (index: number) => [
  {
    type: "message",
    message: {
      type: "text",
      id: String(500_000_000_000 + index),
      text: "Two flat whites, please",
      quoteToken: "q".repeat(60),
    },
    source: { type: "user", userId: `U${"0123456789abcdef".repeat(2)}` },
    replyToken: "0123456789abcdef0123456789abcdef",
  },
];

/** Queues `count` webhooks, spread over the channels. */
export async function fillQueue(
  database: Database,
  channels: readonly BenchChannel[],
  count: number,
): Promise<void> {
  const size = 1_000;
  for (let from = 0; from < count; from += size) {
    const requests = Array.from({ length: Math.min(size, count - from) }, (_, offset) => ({
      channelId: channels[(from + offset) % channels.length]?.id ?? "",
      events: sampleEvents(from + offset).map((event) => JSON.stringify(event)),
      idempotencyKey: null,
    }));
    await acceptWebhooks(database.pool, requests);
  }
}
