import { addAlertTarget } from "#e2e/harness/alert-target.ts";
import { startCluster } from "#e2e/harness/cluster.ts";
import { startLoad } from "#e2e/harness/load.ts";
import { startMailCatcher } from "#e2e/harness/mail-catcher.ts";
import { mustAnswer, openPlace, type Place } from "#e2e/harness/place.ts";
import type { PlatformClient } from "#e2e/harness/platform-client.ts";
import { until } from "#e2e/harness/until.ts";
import { openSecrets } from "#lib/channel-secrets/secret.ts";
import { keepPartitions } from "#lib/retention/partitions.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import { startBots } from "./bots.ts";
import { chance } from "./chance.ts";
import { type Kept, keepAlive } from "./keep-alive.ts";
import { startAlertCatcher } from "./told.ts";

export type Options = {
  webhooks: number;
  channels: number;
  kills: number;
  restarts: number;
  seed: number;
  say: (line: string) => void;
};

export type OracleChannel = {
  id: string;
  number: number;
  redelivers: boolean;
  counts: boolean;
  /** Use webhook goes off half way. */
  endsEarly: boolean;
  hasTarget: boolean;
  /** Its channel secret. */
  secret: string;
};

const reader = "admin@example.com";

/** Everything that the run is about, and what must be closed after it. */
export async function openWorld({ seed, channels: count, say }: Options) {
  const closers: (() => Promise<unknown>)[] = [];
  const keep = <T extends { close: () => Promise<unknown> }>(one: T): T => {
    closers.push(() => one.close());
    return one;
  };
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const cluster = await startCluster();
    closers.push(cluster.remove);
    const place = keep(await openPlace(cluster.url));
    const [bots, mails, alerts] = await Promise.all([
      startBots(seed).then(keep),
      startMailCatcher().then(keep),
      startAlertCatcher().then(keep),
    ]);
    const env = engineEnv(mails.url);
    const [apis, workers] = await Promise.all([
      Promise.all([1, 2].map(() => keepAlive(place, { role: "api", env }))),
      Promise.all([1, 2].map(() => keepAlive(place, { role: "worker", env }))),
    ]);
    const clients = apis.map((api) => place.clientOf(api.current));
    const client = (): PlatformClient => clients[turn++ % clients.length] as PlatformClient;
    say(`making ${count} channels`);
    await place.newPerson(reader);
    const channels = await makeChannels({ place, client: client(), seed, count }, bots.urlOf);
    for (const { id, hasTarget } of channels) {
      if (hasTarget) await addAlertTarget(place, id, alerts.url);
    }
    return { cluster, place, bots, mails, alerts, apis, workers, client, channels, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type World = Awaited<ReturnType<typeof openWorld>>;

let turn = 0;

/** After so many failures and one more a webhook is stopped. */
export const scheduleSteps = ["300ms", "500ms", "1s", "2s"];

/** Every window is told by a mail of its own, so that the sums of what was told can be added up. */
const engineEnv = (smtpUrl: string): Record<string, string> => ({
  SMTP_URL: smtpUrl,
  ERROR_NOTIFICATION: "open",
  NOTIFICATION_WINDOW: "20s",
  NOTIFICATION_REMINDERS: "0s",
  NOTIFICATION_DIGEST_ABOVE: "100000",
  NOTIFICATION_CHANNEL_CAP: "100000",
  NOTIFICATION_RECIPIENT_CAP: "100000",
  REDELIVERY_SCHEDULE: scheduleSteps.join(", "),
});

/** Channels, of those whose bot servers fail, that have a trait for sure: chance may leave it out of a short run. */
const always = { redeliveryOff: 1, aggregationOff: 2, offHalfWay: 5 };

async function makeChannels(
  given: { place: Place; client: PlatformClient; seed: number; count: number },
  urlOf: (number: number) => string,
): Promise<OracleChannel[]> {
  const { place, client, seed } = given;
  const make = async (number: number): Promise<OracleChannel> => {
    const is = (what: string, share: number): boolean => chance(seed, what, number) < share;
    const traits = {
      redelivers: number !== always.redeliveryOff && !is("redelivery off", 0.15),
      counts: number !== always.aggregationOff && !is("aggregation off", 0.08),
      endsEarly: number === always.offHalfWay || is("off half way", 0.04),
      hasTarget: is("alert target", 0.3),
    };
    const id = await place.makeChannel(client, {
      webhookUrl: urlOf(number),
      webhookRedelivery: traits.redelivers,
      errorStatisticsAggregation: traits.counts,
    });
    const member = { email: reader, role: "admin" };
    await mustAnswer(client, "POST", `/v1/channels/${id}/members`, member);
    return { id, number, ...traits, secret: await secretOf(place, id) };
  };
  const made: OracleChannel[] = [];
  for (let from = 0; from < given.count; from += 8) {
    const some = Array.from({ length: Math.min(8, given.count - from) }, (_, at) => from + at);
    made.push(...(await Promise.all(some.map(make))));
  }
  return made;
}

/** No API shows it: opened as whoever has the encryption key can. */
async function secretOf({ pool }: Place, channelId: string): Promise<string> {
  const { rows } = await pool.query("select sealed_secret from channels where id = $1", [
    channelId,
  ]);
  const sealed = { current: rows[0].sealed_secret, next: null, isNextInForce: false };
  return openSecrets(testEncryptionKey, channelId, sealed).current;
}

/** Sends all webhooks in while processes are killed and the database goes away; resolves when nothing waits any more. */
export async function play(world: World, options: Options) {
  const { webhooks, seed, say } = options;
  const load = startLoad({
    client: world.client,
    channelIds: world.channels.map(({ id }) => id),
    clients: 12,
    total: webhooks,
    // So that the load lasts about as long as the kills do.
    pauseMs: Math.round((12 * millisecondsFor(options)) / webhooks),
    givesUp: dice(seed, "gives up", 0.05),
    asksAgain: dice(seed, "asks again", 0.05),
  });
  const victims = [...world.apis, ...world.workers];
  const cut = { kills: 0, restarts: 0 };
  const switchOff = turnOffHalfWay(world, () => load.accepted.size > webhooks / 2);
  for (let number = 1; number <= options.kills; number += 1) {
    const through = () => load.accepted.size + load.doubtful.size;
    // Spread over the load, by what is through and not by the clock.
    const from = (webhooks * (number - 0.5)) / options.kills;
    await until("the load goes on", () => through() >= Math.min(from, webhooks));
    if (number * (options.restarts + 1) > options.kills * (cut.restarts + 1)) {
      cut.restarts += 1;
      const isKill = cut.restarts % 2 === 1;
      say(`database ${isKill ? "killed" : "restarted"}`);
      await (isKill ? world.cluster.kill() : world.cluster.stop());
      await world.cluster.start();
    }
    const victim = victims[Math.floor(chance(seed, "kill", number) * victims.length)] as Kept;
    await victim.kill();
    cut.kills += 1;
    if (cut.kills % 10 === 0) say(`${cut.kills} kills, ${through()} of ${webhooks} webhooks in`);
  }
  await load.done;
  await switchOff;
  say("everything is in; waiting until the queue is empty");
  await settle(world.place);
  // As housekeeping does every hour: nothing of today is old.
  await keepPartitions(world.place.pool, { log: 30, errors: 90, rows: 400 });
  return { load, cut };
}

/** True for this share of the times it is asked. */
function dice(seed: number, what: string, share: number): () => boolean {
  let number = 0;
  return () => chance(seed, what, number++) < share;
}

/** A process needs some seconds to stand again. */
const millisecondsFor = ({ kills }: Options): number => 8_000 + kills * 3_000;

async function turnOffHalfWay(world: World, isHalfWay: () => boolean): Promise<void> {
  await until("half of the webhooks are in", isHalfWay, 900_000);
  for (const { id } of world.channels.filter((one) => one.endsEarly)) {
    await until(`channel ${id} is switched off`, async () => {
      const ask = world.client().ask("PATCH", `/v1/channels/${id}`, { useWebhook: false });
      return (await ask.catch(() => undefined))?.status === 200;
    });
  }
}

/** The queue is empty, every window closed, every mail and alert on its way has arrived. */
async function settle({ pool }: Place): Promise<void> {
  const left = async (question: string): Promise<boolean> =>
    (await pool.query(question)).rows[0].left === 0;
  await until("the queue is empty", () => left("select count(*)::int as left from webhook_queue"));
  await until("every window is closed and settled", () =>
    left(
      `select ((select count(*) from notification_windows)
             + (select count(*) from notifications where settled_at is null))::int as left`,
    ),
  );
  // What a killed worker had in hand is sent again when its lease ends, after 15 minutes (mails) and one (alerts).
  for (const table of ["mails", "alerts"]) {
    await until(`${table} that are due have left`, () =>
      left(`select count(*)::int as left from ${table} where state = 'queued' and due_at <= now()`),
    );
    await pool.query(
      `update ${table} set due_at = now() - interval '1 second' where state in ('queued', 'sending')`,
    );
    await until(`${table} have left`, () =>
      left(`select count(*)::int as left from ${table} where state in ('queued', 'sending')`),
    );
  }
}
