// npm run bench:first-mail [-- --channels 20]
// From the first failed attempt of a bot server that refuses every connection to the mail server's having the first mail: a worker as the
// product runs it, a webhook a second for each channel, an Admin of its own for each, so that nothing is collected.
import { parseArgs } from "node:util";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { startPart } from "#bench/support/engine.ts";
import { machine, printTable, quantile, round } from "#bench/support/figures.ts";
import { makeChannels, openWorld, sampleEvents, type World } from "#bench/support/world.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createMember, createUser } from "#testing/factories.ts";

const { values } = parseArgs({ options: { channels: { type: "string", default: "20" } } });
const channelCount = Number(values.channels);
/** Of traffic; then the whole window would not be over yet. */
const seconds = 60;

console.log(machine());
const world = await openWorld();
/** When each address got its first mail, in ms. */
const gotAt = new Map<string, number>();
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  onData: (stream, _session, done) => {
    simpleParser(stream).then((mail) => {
      const address = [mail.to].flat()[0]?.value[0]?.address ?? "";
      if (!gotAt.has(address)) gotAt.set(address, Date.now());
      done();
    }, done);
  },
});
try {
  await measure(world);
} finally {
  await new Promise<void>((closed) => smtp.close(() => closed()));
  await world.stop();
}

async function measure({ database, url }: World): Promise<void> {
  const refusing = await freePort();
  const channels = await makeChannels(
    database,
    channelCount,
    () => `http://127.0.0.1:${refusing}/webhook`,
  );
  for (const { id } of channels) {
    const { id: userId } = await createUser(database.db, { email: `${id}@example.com` });
    await createMember(database.db, id, { userId });
  }
  const smtpPort = await freePort();
  await new Promise<void>((listening) => smtp.listen(smtpPort, "127.0.0.1", listening));
  const env = { SMTP_URL: `smtp://127.0.0.1:${smtpPort}`, ERROR_NOTIFICATION: "open" };
  const worker = await startPart({ url, role: "worker", enginePort: await freePort(), env });
  for (let second = 0; second < seconds && gotAt.size < channelCount; second += 1) {
    // One after another they begin to fail, so that no second of the worker's round is favoured.
    const failing = channels.slice(0, Math.ceil(((second + 1) * channelCount) / 10));
    await acceptWebhooks(
      database.pool,
      failing.map(({ id }) => ({
        channelId: id,
        events: sampleEvents(second).map((event) => JSON.stringify(event)),
        idempotencyKey: null,
      })),
    );
    await new Promise((wake) => setTimeout(wake, 1_000));
  }
  await worker.stop();
  const { rows } = await database.pool.query<{ channelId: string; at: Date }>(
    `select channel_id as "channelId", min(started_at) as at from webhook_attempts where reason is not null group by 1`,
  );
  const waits = rows.flatMap(({ channelId, at }) => {
    const mailedAt = gotAt.get(`${channelId}@example.com`);
    return mailedAt === undefined ? [] : mailedAt - at.getTime();
  });
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => quantile(waits, share));
  printTable(
    ["channels", "mailed", "p50, ms", "p95, ms", "longest, ms"],
    [[channelCount, waits.length, ...[p50, p95, max].map((ms) => round(ms ?? Number.NaN, 0))]],
  );
  console.log(
    JSON.stringify({
      channels: channelCount,
      mailed: waits.length,
      firstMailP50Ms: round(p50 ?? Number.NaN, 0),
      firstMailP95Ms: round(p95 ?? Number.NaN, 0),
    }),
  );
}
