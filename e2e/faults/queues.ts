import { newEventId } from "#e2e/harness/platform-client.ts";
import { until } from "#e2e/harness/until.ts";
import { openDatabase } from "#lib/db.ts";
import { startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { testActor } from "#testing/factories.ts";
import type { Fault } from "./fault.ts";
import { countOf, keepSending, openScene, probe, type Scene, send, tryIntake } from "./scene.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";

/** So many webhooks may wait in the rows about limits. */
const limit = 200;

/** Without a worker, until intake refuses; then with one, until it accepts again. */
async function fillUp(
  scene: Scene,
  look: () => Promise<void>,
): Promise<{ accepted: string[]; withoutRetryAfter: number; other: number[] }> {
  await scene.worker.kill();
  const load = keepSending(scene, { pauseMs: 5 });
  await until("intake refuses", () => (load.answers.get(503) ?? 0) > 20);
  await look();
  scene.worker = await scene.place.start({ role: "worker" });
  const before = load.accepted.size;
  await until("intake accepts again", () => load.accepted.size > before + 20);
  await load.stop();
  const other = [...load.answers.keys()].filter((status) => ![202, 503].includes(status));
  return {
    ...{ accepted: [...load.accepted.values()], other },
    withoutRetryAfter: load.withoutRetryAfter,
  };
}

/** 200 webhooks of 195 kB that were given up on. */
async function sendLarge(scene: Scene, count: number): Promise<string[]> {
  const filler = "x".repeat(195_000);
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const event = { type: "message", webhookEventId: newEventId(), filler };
    const path = `/v1/channels/${scene.channelId}/webhooks`;
    const answer = await scene.client.ask("POST", path, { events: [event] });
    if (answer.status !== 202)
      throw new Error(`a large webhook was answered with ${answer.status}`);
    ids.push(String(answer.json().webhookId));
  }
  return ids;
}

export const queueFaults: readonly Fault[] = [
  {
    name: "queue-full",
    done: `INTAKE_QUEUE_MAX=${limit}, and clients keep posting while no worker runs; then one starts`,
    expected: "503 with Retry-After, and /readyz 503; intake recovers by itself; nothing is lost",
    run: async (stage, see) => {
      const apiEnv = { INTAKE_QUEUE_MAX: String(limit) };
      const scene = await openScene(stage, { apart: true, apiEnv });
      const { accepted, withoutRetryAfter, other } = await fillUp(scene, async () => {
        const ready = await probe(scene.api, "/readyz");
        see(ready === 503, `/readyz ${ready}`);
      });
      see(withoutRetryAfter === 0, `503 without Retry-After: ${withoutRetryAfter}`);
      see(other.length === 0, `other answers than 202 and 503: ${other.join(", ") || "none"}`);
      await seeAllIsWell(see, scene, accepted, { isUncut: true });
    },
  },
  {
    name: "channel-full",
    done: `INTAKE_CHANNEL_MAX=${limit}, and clients keep posting to one channel while no worker runs; then one starts`,
    expected:
      "503 with Retry-After for that channel alone; other channels are accepted; /readyz 200",
    run: async (stage, see) => {
      const apiEnv = { INTAKE_CHANNEL_MAX: String(limit) };
      const scene = await openScene(stage, { apart: true, apiEnv });
      const other = await scene.place.makeChannel(scene.client, { webhookUrl: scene.bot.url });
      const full = await fillUp(scene, async () => {
        const { status, words } = await tryIntake(scene.client, other, 15_000);
        see(status === 202, `the other channel: ${words}`);
        const ready = await probe(scene.api, "/readyz");
        see(ready === 200, `/readyz ${ready}`);
      });
      see(full.withoutRetryAfter === 0, `503 without Retry-After: ${full.withoutRetryAfter}`);
      const { place, channelId } = scene;
      await seeAllIsWell(see, { place, channelId }, full.accepted, { isUncut: true });
    },
  },
  {
    name: "job-of-large-bodies",
    done: "a job redelivers 200 webhooks of 195 kB, chosen by event type",
    expected: "all are sent again; other channels are delivered meanwhile",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const { place, channelId, bot } = scene;
      bot.decide = () => 410;
      const large = await sendLarge(scene, 200);
      await seeAllIsWell(() => undefined, scene, large, { endings: ["stopped"] });
      bot.decide = () => 200;
      const database = openDatabase(place.url, { connectionsMax: 1 });
      stage.after(database.close);
      const question = {
        ...{ channelId, states: null, eventType: "message", eventId: null, doubtful: false },
        ...{ from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000) },
      };
      const job = { question, ratePerSecond: 100, expectedCount: null };
      await startRedeliveryJob(database.db, testActor, job);
      const otherBot = await stage.newBot();
      const other = await place.makeChannel(scene.client, { webhookUrl: otherBot.url });
      const beside = await send(scene.client, other, 20);
      await seeAllIsWell(see, { place, channelId: other, bot: otherBot }, beside);
      const running = () =>
        countOf(place, "select count(*) from redelivery_jobs where state = 'running'");
      await until("the job has ended", async () => (await running()) === 0);
      await seeAllIsWell(see, { place, channelId }, large);
    },
  },
];
