import { mustAnswer } from "#e2e/harness/place.ts";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import { countOf, openScene, type Scene, seeAllIsWell, send, waitingOf } from "./scene.ts";
import type { See } from "./see.ts";
import type { Stage } from "./stage.ts";

/** Many webhooks by few requests; returns when they are acknowledged. */
async function sendMany(scene: Scene, count: number): Promise<void> {
  const line = JSON.stringify({ channelId: scene.channelId, events: [{ type: "follow" }] });
  for (let from = 0; from < count; from += 1_000) {
    const lines = Array(Math.min(1_000, count - from))
      .fill(line)
      .join("\n");
    const answer = await scene.client.ask("POST", "/v1/webhooks", lines);
    if (answer.status !== 200) throw new Error(`bulk intake answered ${answer.status}`);
  }
}

const patch = (scene: Scene, body: object) =>
  mustAnswer(scene.client, "PATCH", `/v1/channels/${scene.channelId}`, body);

/** What is on the wire when the switch goes off goes its way; nothing begins more than this later. */
const graceMs = 1_000;

async function brake(stage: Stage, see: See, count: number): Promise<void> {
  const scene = await openScene(stage, { apart: true });
  scene.bot.decide = () => null;
  await sendMany(scene, count);
  await until("requests are on the wire", () => scene.bot.arrivals.length > 4);
  await patch(scene, { useWebhook: false });
  const off = performance.now();
  for (const arrival of scene.bot.arrivals) arrival.answer(200);
  scene.bot.decide = () => 200;
  await until(
    "all have ended",
    async () => (await waitingOf(scene.place, scene.channelId)) === 0,
    300_000,
  );
  const late = scene.bot.arrivals.filter(({ at }) => at > off + graceMs).length;
  see(late === 0, `${late} requests later than ${graceMs / 1_000} s after the switch`);
  const ended = await countOf(
    scene.place,
    "select count(*) from webhooks where channel_id = $1",
    scene.channelId,
  );
  see(ended === count, `${ended} of ${count} ended`);
  await patch(scene, { useWebhook: true });
  const accepted = await send(scene.client, scene.channelId, 20);
  await seeAllIsWell(see, { place: scene.place, channelId: scene.channelId }, accepted);
  const delivered = await countOf(
    scene.place,
    "select count(*) from webhooks where id = any($1) and state = 'delivered'",
    accepted,
  );
  see(delivered === 20, `${delivered} of 20 delivered after it was turned on again`);
}

export const switchFaults: readonly Fault[] = [
  {
    name: "use-webhook-off",
    done: "Use webhook goes off while 3,000 wait, and on again",
    expected:
      "nothing is begun later than 1 s after; all that waited has ended; what comes after on is delivered",
    run: (stage, see) => brake(stage, see, 3_000),
  },
  {
    name: "use-webhook-off-100000",
    done: "the same while 100,000 wait",
    expected: "the same",
    isLong: true,
    run: (stage, see) => brake(stage, see, 100_000),
  },
  {
    name: "redelivery-off",
    done: "Webhook redelivery goes off while 300 wait for theirs",
    expected: "all of them end as cancelled; none is sent again",
    run: async (stage, see) => {
      const scene = await openScene(stage, { env: { REDELIVERY_SCHEDULE: "10m, 10m" } });
      scene.bot.decide = () => 500;
      const accepted = await send(scene.client, scene.channelId, 300);
      const failed = () => countOf(scene.place, "select count(*) from webhook_errors");
      await until("all have failed once", async () => (await failed()) >= 300);
      await patch(scene, { webhookRedelivery: false });
      await seeAllIsWell(see, scene, accepted);
      const cancelled = await countOf(
        scene.place,
        "select count(*) from webhooks where state in ('cancelled', 'failed')",
      );
      see(cancelled === 300, `${cancelled} of 300 cancelled`);
      see(scene.bot.arrivals.length === 300, `${scene.bot.arrivals.length} requests in all`);
    },
  },
  {
    name: "url-changed",
    done: "the webhook URL is changed while 50 wait for their redelivery",
    expected: "they go to the new URL",
    run: async (stage, see) => {
      const scene = await openScene(stage, { env: { REDELIVERY_SCHEDULE: "4s, 4s, 4s" } });
      scene.bot.decide = () => 500;
      const accepted = await send(scene.client, scene.channelId, 50);
      const failed = () => countOf(scene.place, "select count(*) from webhook_errors");
      await until("all have failed once", async () => (await failed()) >= 50);
      const bot = await stage.newBot();
      await patch(scene, { webhookUrl: bot.url });
      await seeAllIsWell(see, { place: scene.place, channelId: scene.channelId, bot }, accepted);
    },
  },
];
