import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import {
  countOf,
  keepSending,
  openScene,
  type Scene,
  seeAllIsWell,
  send,
  settle,
  tryIntake,
} from "./scene.ts";
import type { See } from "./see.ts";
import type { Stage } from "./stage.ts";

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
  see(load.slowestMs < 15_000, `slowest answer of intake under 15 s: ${load.slowestMs < 15_000}`);
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
  });
  await until("deliveries flow", () => scene.bot.arrivals.length > 50);
  paused.signal("SIGSTOP");
  const direct = await tryIntake(clients[1] ?? scene.client, scene.channelId, 15_000);
  await pause(pausedMs);
  paused.signal("SIGCONT");
  await load.stop();
  see(direct.status === 202, `the other API meanwhile: ${direct.words}`);
  await seeAllIsWell(see, scene, [...load.accepted.values()]);
}

export const processFaults: readonly Fault[] = [
  {
    name: "worker-killed",
    done: "SIGKILL to a worker with requests on the wire; another one is started",
    expected:
      "what it held is sent again when its leases end, marked; nothing is lost or counted twice",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      scene.bot.decide = () => null;
      const accepted = await send(scene.client, scene.channelId, 8);
      await until("requests are on the wire", () => scene.bot.arrivals.length >= 4);
      await scene.worker.kill();
      scene.bot.decide = () => 200;
      await scene.place.start({ role: "worker" });
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "worker-killed-often",
    done: "SIGKILL to the only worker five times under load, at any moment; each time another one",
    expected: "as above",
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
    done: "SIGKILL to a worker at the moment when the bot server has answered 200",
    expected: "the webhook arrives once more, marked, and is one delivery",
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
      see(arrived >= 2, `it arrived ${arrived} times`);
    },
  },
  {
    name: "worker-paused",
    done: "SIGSTOP to one of two workers under load, SIGCONT after 25 s: its leases have ended",
    expected:
      "the other delivers what it held; the first finds that it may not record it; intake goes on",
    run: (stage, see) => pauseWorker(stage, see, 25_000),
  },
  {
    name: "worker-paused-40s",
    done: "the same for 40 s",
    expected: "the same",
    isLong: true,
    run: (stage, see) => pauseWorker(stage, see, 40_000),
  },
  {
    name: "worker-stopped",
    done: "SIGTERM to a worker with requests on the wire, answered half a second later",
    expected: "it finishes what is on the wire and gives the rest back: no attempt is cut off",
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
    done: "no worker runs while 200 webhooks come in",
    expected: "all are accepted, wait, and are delivered when one is started",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      await scene.worker.kill();
      const accepted = await send(scene.client, scene.channelId, 200);
      const waiting = await countOf(scene.place, "select count(*) from webhook_queue");
      see(waiting === 200, `${waiting} wait`);
      await scene.place.start({ role: "worker" });
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "api-killed",
    done: "SIGKILL to the API three times while clients post, each again with its key until it is accepted",
    expected: "each event is one webhook: none is lost, none is taken twice",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const load = keepSending(scene);
      for (let kills = 0; kills < 3; kills += 1) {
        const before = load.accepted.size;
        await until("events are accepted", () => load.accepted.size > before + 20);
        await scene.api.kill();
        scene.api = await scene.place.start({ role: "api" });
      }
      await load.stop();
      await seeAllIsWell(see, scene, [...load.accepted.values()]);
      const events = new Set(scene.bot.arrivals.flatMap((arrival) => arrival.eventIds));
      const webhooks = new Set(scene.bot.arrivals.map((arrival) => arrival.webhookId));
      see(webhooks.size === events.size, `${events.size} events in ${webhooks.size} webhooks`);
    },
  },
  {
    name: "api-paused",
    done: "SIGSTOP to one of two APIs for 5 s while clients post to both",
    expected: "the other accepts; what the first had been sent is accepted once, when it goes on",
    run: (stage, see) => pauseApi(stage, see, 5_000),
  },
  {
    name: "api-paused-40s",
    done: "the same for 40 s",
    expected: "the same",
    isLong: true,
    run: (stage, see) => pauseApi(stage, see, 40_000),
  },
  {
    name: "api-stopped",
    done: "SIGTERM to the API while clients post",
    expected: "what it has begun it answers; what was accepted is delivered",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const load = keepSending(scene);
      await until("events are accepted", () => load.accepted.size > 40);
      scene.api.signal("SIGTERM");
      see((await scene.api.ended) === "SIGTERM", "it ended by the signal");
      scene.api = await scene.place.start({ role: "api" });
      await load.stop();
      await seeAllIsWell(see, scene, [...load.accepted.values()]);
    },
  },
  {
    name: "two-of-everything",
    done: "two APIs and two workers over one database, 400 webhooks, every seventh request fails",
    expected:
      "each webhook is sent by one of them at a time: no unrecorded attempt, no repeat without an error",
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
      await seeAllIsWell(see, scene, [...load.accepted.values()]);
      const attempts = await countOf(scene.place, "select sum(attempts) from webhooks");
      const arrived = scene.bot.arrivals.length;
      see(attempts === arrived, `${attempts} attempts, ${arrived} arrived`);
    },
  },
  {
    name: "everything-killed",
    done: "SIGKILL to API, worker and PostgreSQL at once under load; all are started again",
    expected: "what was acknowledged is there and is delivered",
    run: async (stage, see) => {
      const { cluster, place } = await stage.newCluster();
      const scene = await openScene(stage, { apart: true, place });
      failSome(scene);
      const load = keepSending(scene);
      await until("deliveries flow", () => scene.bot.arrivals.length > 100);
      scene.api.signal("SIGKILL");
      scene.worker.signal("SIGKILL");
      await cluster.kill();
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
    done: "an API that may open 160 files meets 400 clients at once",
    expected: "it lives, and accepts again when they have gone",
    needsRoot: true,
    run: async (stage, see) => {
      const scene = await openScene(stage);
      const { place } = scene;
      await promisify(execFile)("prlimit", ["--pid", String(scene.api.pid), "--nofile=160"]);
      const { connect } = await import("node:net");
      const port = Number(new URL(scene.api.apiUrl).port);
      const clients = Array.from({ length: 400 }, () =>
        connect({ port, host: "127.0.0.1" }).on("error", () => undefined),
      );
      await pause(2_000);
      for (const client of clients) client.destroy();
      const alive = await Promise.race([scene.api.ended, "alive"]);
      see(alive === "alive", `the process: ${alive}`);
      const accepted = await send(scene.client, scene.channelId, 10);
      await settle(place, scene.channelId);
      await seeAllIsWell(see, scene, accepted);
    },
  },
];
