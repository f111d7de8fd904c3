import { mustAnswer } from "#e2e/harness/place.ts";
import { newEventId } from "#e2e/harness/platform-client.ts";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import { countOf, openScene, type Scene, send, waitingOf } from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import type { Stage } from "./stage.ts";

/** Many webhooks by few requests; returns when all are acknowledged, each once: a line that is told to come again does. */
async function sendMany(scene: Scene, count: number): Promise<void> {
  const lineOf = () => ({
    ...{ channelId: scene.channelId, events: [{ type: "follow" }] },
    idempotencyKey: newEventId(),
  });
  let waiting = Array.from({ length: count }, () => JSON.stringify(lineOf()));
  while (waiting.length > 0) {
    const lines = waiting.slice(0, 1_000);
    const answer = await scene.client.ask("POST", "/v1/webhooks", lines.join("\n"));
    if (answer.status === 503) continue;
    if (answer.status !== 200) throw new Error(`bulk intake answered ${answer.status}`);
    const statuses = answer.text.trimEnd().split("\n");
    const again = lines.filter((_, at) => JSON.parse(statuses[at] ?? "{}").status === 503);
    const refused = statuses.find((one) => ![202, 503].includes(JSON.parse(one).status));
    if (refused !== undefined) throw new Error(`bulk intake answered a line with ${refused}`);
    waiting = [...again, ...waiting.slice(1_000)];
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
  see(late === 0, `${late} requests more than ${graceMs / 1_000} s after the switch`);
  const ended = await countOf(
    scene.place,
    "select count(*) from webhooks where channel_id = $1",
    scene.channelId,
  );
  see(ended === count, `${ended} of ${count} ended`);
  const sent = scene.bot.arrivals.length;
  see(sent < count, `${sent} requests sent`);
  await patch(scene, { useWebhook: true });
  const accepted = await send(scene.client, scene.channelId, 20);
  await seeAllIsWell(see, { place: scene.place, channelId: scene.channelId }, accepted);
}

export const switchFaults: readonly Fault[] = [
  {
    name: "use-webhook-off",
    done: "Use webhook is turned off while 3,000 webhooks wait, and then on again",
    expected:
      "no request starts more than 1 s later; everything that waited ends; new webhooks are delivered",
    run: (stage, see) => brake(stage, see, 3_000),
  },
  {
    name: "use-webhook-off-100000",
    done: "Use webhook is turned off while 100,000 webhooks wait, and then on again",
    expected:
      "no request starts more than 1 s later; everything that waited ends; new webhooks are delivered",
    isLong: true,
    run: (stage, see) => brake(stage, see, 100_000),
  },
  {
    name: "redelivery-off",
    done: "Webhook redelivery is turned off while 300 webhooks wait for theirs",
    expected: "all of them end as cancelled; none is sent again",
    run: async (stage, see) => {
      const scene = await openScene(stage, { env: { REDELIVERY_SCHEDULE: "10m, 10m" } });
      scene.bot.decide = () => 500;
      const accepted = await send(scene.client, scene.channelId, 300);
      const failed = () => countOf(scene.place, "select count(*) from webhook_errors");
      await until("all have failed once", async () => (await failed()) >= 300);
      await patch(scene, { webhookRedelivery: false });
      await seeAllIsWell(see, scene, accepted, { endings: ["cancelled"], isUncut: true });
      see(scene.bot.arrivals.length === 300, `${scene.bot.arrivals.length} requests sent`);
    },
  },
  {
    name: "url-changed",
    done: "the webhook URL changes while 50 webhooks wait to be redelivered",
    expected: "they go to the new URL",
    run: async (stage, see) => {
      const scene = await openScene(stage, { env: { REDELIVERY_SCHEDULE: "4s, 4s, 4s" } });
      scene.bot.decide = () => 500;
      const accepted = await send(scene.client, scene.channelId, 50);
      const failed = () => countOf(scene.place, "select count(*) from webhook_errors");
      await until("all have failed once", async () => (await failed()) >= 50);
      const bot = await stage.newBot();
      await patch(scene, { webhookUrl: bot.url });
      const old = scene.bot.arrivals.length;
      const changed = { place: scene.place, channelId: scene.channelId, bot };
      await seeAllIsWell(see, changed, accepted, { isUncut: true });
      see(
        scene.bot.arrivals.length === old,
        `${scene.bot.arrivals.length} requests to the old URL`,
      );
    },
  },
];
