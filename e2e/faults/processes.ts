import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Load } from "#e2e/harness/load.ts";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import { countOf, keepSending, openScene, type Scene, send, tryIntake } from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import { patient, type Stage } from "./stage.ts";

const failSome = (scene: Scene): void => {
  scene.bot.decide = () => (scene.bot.arrivals.length % 7 === 0 ? 500 : 200);
};

/** A worker is stopped with requests on the wire for `pausedMs`; a second one is there. */
async function pauseWorker(stage: Stage, see: See, pausedMs: number): Promise<void> {
  const scene = await openScene(stage, { apart: true });
  failSome(scene);
  await scene.place.start({ role: "worker" });
  const load = keepSending(scene);
  await until("deliveries flow", () => scene.bot.arrivals.length > 50);
  scene.worker.signal("SIGSTOP");
  const before = load.accepted.size;
  await pause(pausedMs);
  const meanwhile = load.accepted.size - before;
  scene.worker.signal("SIGCONT");
  await load.stop();
  see(meanwhile > 0, `${meanwhile} accepted meanwhile`);
  see(
    load.slowestMs < 15_000,
    `slowest answer of intake ${load.slowestMs < 15_000 ? "below" : "above"} 15 s`,
  );
  await seeAllIsWell(see, scene, [...load.accepted.values()]);
}

async function pauseApi(stage: Stage, see: See, pausedMs: number): Promise<void> {
  const scene = await openScene(stage, { apart: true });
  const other = await scene.place.start({ role: "api" });
  const paused = scene.api;
  const clients = [scene.client, scene.place.clientOf(() => other)];
  let turn = 0;
  const load = keepSending(scene, {
    client: () => clients[turn++ % 2] ?? scene.client,
    limitMs: pausedMs + 60_000,
    asksAgain: () => true,
  });
  await until("deliveries flow", () => scene.bot.arrivals.length > 50);
  paused.signal("SIGSTOP");
  const direct = await tryIntake(clients[1] ?? scene.client, scene.channelId, 15_000);
  await pause(pausedMs);
  paused.signal("SIGCONT");
  await load.stop();
  see(direct.status === 202, `the other API: ${direct.words}`);
  seeOneEach(see, load);
  await seeAllIsWell(see, scene, [...load.accepted.values()], { isUncut: true });
}

/** Each event was accepted by some answer, lost or not, and asked for once more: always the same webhook. */
function seeOneEach(see: See, { accepted, contradicted }: Load): void {
  see(contradicted.size === 0, `${accepted.size} keys, ${contradicted.size} with two webhooks`);
}

export const processFaults: readonly Fault[] = [
  {
    name: "worker-killed",
    done: "a worker with requests in flight is killed (SIGKILL); another one starts",
    expected:
      "requests in flight are sent again when their leases end, marked as redelivered; nothing is lost or counted twice",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      scene.bot.decide = () => null;
      const accepted = await send(scene.client, scene.channelId, 8);
      await until("requests are on the wire", () => scene.bot.arrivals.length >= 4);
      await scene.worker.kill();
      const held = new Set(scene.bot.arrivals.map(({ webhookId }) => webhookId));
      // The first failure that is recorded is of the second attempt: it counts the webhook as affected.
      const arrivedOf = (id: string) =>
        scene.bot.arrivals.filter(({ webhookId }) => webhookId === id).length;
      scene.bot.decide = ({ webhookId }) =>
        held.has(webhookId) && arrivedOf(webhookId) === 2 ? 500 : 200;
      await scene.place.start({ role: "worker" });
      await seeAllIsWell(see, scene, accepted);
      const again = [...held].filter((id) => arrivedOf(id) === 3).length;
      see(
        again === held.size,
        `${again} of ${held.size} in flight sent again, and once more after an error`,
      );
    },
  },
  {
    name: "worker-killed-often",
    done: "the only worker is killed (SIGKILL) and replaced five times under load",
    expected:
      "requests in flight are sent again when their leases end, marked as redelivered; nothing is lost or counted twice",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      failSome(scene);
      const load = keepSending(scene);
      for (let kills = 0; kills < 5; kills += 1) {
        const before = scene.bot.arrivals.length;
        await until("deliveries flow", () => scene.bot.arrivals.length > before + 20);
        await scene.worker.kill();
        scene.worker = await scene.place.start({ role: "worker" });
      }
      await load.stop();
      await seeAllIsWell(see, scene, [...load.accepted.values()]);
    },
  },
  {
    name: "worker-killed-answered",
    done: "a worker is killed (SIGKILL) just after the bot server has answered 200",
    expected: "the webhook arrives once more, marked as redelivered, and counts as one delivery",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      scene.bot.decide = () => {
        if (scene.bot.arrivals.length === 1) scene.worker.signal("SIGKILL");
        return 200;
      };
      const accepted = await send(scene.client, scene.channelId, 1);
      await scene.worker.ended;
      await scene.place.start({ role: "worker" });
      await seeAllIsWell(see, scene, accepted);
      const arrived = scene.bot.arrivals.length;
      see(arrived >= 2, `arrived ${arrived} times`);
    },
  },
  {
    name: "worker-paused",
    done: "one of two workers is frozen (SIGSTOP) for 25 s under load, so that its leases end",
    expected:
      "the other worker delivers what it held; the frozen one cannot record it when it wakes up; intake goes on",
    run: (stage, see) => pauseWorker(stage, see, 25_000),
  },
  {
    name: "worker-paused-40s",
    done: "one of two workers is frozen (SIGSTOP) for 40 s under load",
    expected:
      "the other worker delivers what it held; the frozen one cannot record it when it wakes up; intake goes on",
    isLong: true,
    run: (stage, see) => pauseWorker(stage, see, 40_000),
  },
  {
    name: "worker-paused-answered",
    done: "a worker is frozen (SIGSTOP) until another one holds its webhooks, then wakes up and finds errors",
    expected: "it may not record them: only the outcome of the worker that holds them counts",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true, env: patient });
      const { bot, worker, place, channelId } = scene;
      bot.decide = () => null;
      const accepted = await send(scene.client, channelId, 4);
      await until("all are on the wire", () => bot.arrivals.length === 4);
      worker.signal("SIGSTOP");
      for (const arrival of bot.arrivals) arrival.answer(500);
      const frozenAt = await countOf(place, "select extract(epoch from clock_timestamp())");
      await place.start({ role: "worker", env: patient });
      await until("another worker has held them", () => bot.arrivals.length >= 8);
      worker.signal("SIGCONT");
      // Of attempts that began before it was frozen; what the other one makes of its own is its business.
      const errors = () =>
        countOf(
          place,
          "select count(*) from webhook_errors where channel_id = $1 and occurred_at < to_timestamp($2)",
          ...[channelId, frozenAt],
        );
      const isRefused = () => worker.log().includes("after their lease had expired");
      await until("it has tried", async () => isRefused() || (await errors()) > 0);
      const recorded = await errors();
      see(recorded === 0, `${recorded} errors recorded by the frozen worker`);
      bot.decide = () => 200;
      for (const arrival of bot.arrivals) arrival.answer(200);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "worker-stopped",
    done: "a worker with requests in flight gets SIGTERM; the bot server answers half a second later",
    expected: "it finishes what is in flight and gives the rest back; no attempt is lost",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      scene.bot.decide = () => null;
      const accepted = await send(scene.client, scene.channelId, 40);
      await until("requests are on the wire", () => scene.bot.arrivals.length >= 4);
      scene.worker.signal("SIGTERM");
      await pause(500);
      scene.bot.decide = () => 200;
      for (const arrival of scene.bot.arrivals) arrival.answer(200);
      see((await scene.worker.ended) === "SIGTERM", "it ended by the signal");
      await scene.place.start({ role: "worker" });
      await seeAllIsWell(see, scene, accepted);
      const attempts = await countOf(scene.place, "select sum(attempts) from webhooks");
      const arrived = scene.bot.arrivals.length;
      see(attempts === arrived, `${attempts} attempts recorded, ${arrived} arrived`);
    },
  },
  {
    name: "no-worker",
    done: "200 webhooks come in while no worker runs; then one starts",
    expected: "all are accepted, wait, and are delivered",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      await scene.worker.kill();
      const accepted = await send(scene.client, scene.channelId, 200);
      const waiting = await countOf(scene.place, "select count(*) from webhook_queue");
      see(waiting === 200, `${waiting} wait`);
      await scene.place.start({ role: "worker" });
      await seeAllIsWell(see, scene, accepted, { isUncut: true });
    },
  },
  {
    name: "api-killed",
    done: "the API is killed (SIGKILL) three times while clients post; they repeat each event with its key until it is accepted",
    expected: "each event is one webhook: none lost, none duplicated",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const load = keepSending(scene, { asksAgain: () => true });
      for (let kills = 0; kills < 3; kills += 1) {
        const before = load.accepted.size;
        await until("events are accepted", () => load.accepted.size > before + 20);
        await scene.api.kill();
        scene.api = await scene.place.start({ role: "api" });
      }
      await load.stop();
      seeOneEach(see, load);
      await seeAllIsWell(see, scene, [...load.accepted.values()], { isUncut: true });
      const events = new Set(scene.bot.arrivals.flatMap((arrival) => arrival.eventIds));
      const webhooks = new Set(scene.bot.arrivals.map((arrival) => arrival.webhookId));
      see(webhooks.size === events.size, `${events.size} events, ${webhooks.size} webhooks`);
    },
  },
  {
    name: "api-paused",
    done: "one of two APIs is frozen (SIGSTOP) for 5 s while clients post to both",
    expected: "the other API accepts; what was sent to the frozen one is accepted once",
    run: (stage, see) => pauseApi(stage, see, 5_000),
  },
  {
    name: "api-paused-40s",
    done: "one of two APIs is frozen (SIGSTOP) for 40 s while clients post to both",
    expected: "the other API accepts; what was sent to the frozen one is accepted once",
    isLong: true,
    run: (stage, see) => pauseApi(stage, see, 40_000),
  },
  {
    name: "api-stopped",
    done: "the API gets SIGTERM while clients post",
    expected: "it answers the requests it has begun; everything accepted is delivered",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const load = keepSending(scene);
      await until("events are accepted", () => load.accepted.size > 40);
      scene.api.signal("SIGTERM");
      see((await scene.api.ended) === "SIGTERM", "it ended by the signal");
      scene.api = await scene.place.start({ role: "api" });
      await load.stop();
      await seeAllIsWell(see, scene, [...load.accepted.values()], { isUncut: true });
    },
  },
  {
    name: "two-of-everything",
    done: "two APIs and two workers share a database; 400 webhooks; every seventh request fails",
    expected: "each webhook is sent by one worker at a time; every request is a recorded attempt",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      failSome(scene);
      const other = await scene.place.start({ role: "all" });
      const both = [scene.client, scene.place.clientOf(() => other)];
      let turn = 0;
      const load = keepSending(scene, {
        client: () => both[turn++ % 2] ?? scene.client,
        total: 400,
      });
      await load.done;
      await seeAllIsWell(see, scene, [...load.accepted.values()], { isUncut: true });
      const attempts = await countOf(scene.place, "select sum(attempts) from webhooks");
      const arrived = scene.bot.arrivals.length;
      see(attempts === arrived, `${attempts} attempts, ${arrived} arrived`);
    },
  },
  {
    name: "everything-killed",
    done: "API, worker and PostgreSQL are killed (SIGKILL) together under load and started again",
    expected: "everything that was accepted is delivered",
    run: async (stage, see) => {
      const { cluster, place } = await stage.newCluster();
      const scene = await openScene(stage, { apart: true, place });
      failSome(scene);
      const load = keepSending(scene);
      await until("deliveries flow", () => scene.bot.arrivals.length > 100);
      const killing = cluster.killAll();
      scene.api.signal("SIGKILL");
      scene.worker.signal("SIGKILL");
      await killing;
      await cluster.start();
      scene.api = await place.start({ role: "api" });
      scene.worker = await place.start({ role: "worker" });
      const before = load.accepted.size;
      await until("events are accepted again", () => load.accepted.size > before + 20);
      await load.stop();
      await seeAllIsWell(see, scene, [...load.accepted.values()]);
    },
  },
  {
    name: "few-descriptors",
    done: "400 clients connect at once to an API that may open 160 files",
    expected: "the API survives, and accepts events once they are gone",
    needsRoot: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      await promisify(execFile)("prlimit", ["--pid", String(scene.api.pid), "--nofile=160"]);
      const { connect } = await import("node:net");
      const port = Number(new URL(scene.api.apiUrl).port);
      const clients = Array.from({ length: 400 }, () =>
        connect({ port, host: "127.0.0.1" }).on("error", () => undefined),
      );
      await pause(2_000);
      for (const client of clients) client.destroy();
      const alive = await Promise.race([scene.api.ended, "running"]);
      see(alive === "running", `the API: ${alive}`);
      const accepted = await send(scene.client, scene.channelId, 10);
      await seeAllIsWell(see, scene, accepted, { isUncut: true });
    },
  },
];
