import { execFile } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import {
  countOf,
  keepSending,
  openScene,
  probe,
  seeAllIsWell,
  seeRefused,
  send,
  tryIntake,
} from "./scene.ts";
import type { Stage } from "./stage.ts";

const run = promisify(execFile);

/** Statements of somebody else's transaction, which stays open until `release`. */
async function hold(
  url: string,
  ...statements: string[]
): Promise<{ release: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: url, application_name: "somebody else" });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("begin");
  for (const statement of statements) await client.query(statement);
  return { release: () => client.end() };
}

async function whileLocked(stage: Stage, table: string) {
  const scene = await openScene(stage, { apart: true });
  const accepted = await send(scene.client, scene.channelId, 20);
  const lock = await hold(scene.place.url, `lock table ${table} in access exclusive mode`);
  stage.after(lock.release);
  return { scene, accepted, release: lock.release };
}

const ofProduct = "from pg_stat_activity where application_name like 'tocsin%'";

/** Opens connections until there is none left. */
async function takeAll(url: string, taken: pg.Client[]): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
    } catch {
      return;
    }
    taken.push(client);
  }
}

export const lockFaults: readonly Fault[] = [
  ...["webhook_queue", "ready_channels", "channels", "idempotency_keys"].map(
    (table): Fault => ({
      name: `table-locked-${table.replace("_", "-")}`,
      done: `somebody else holds an exclusive lock on ${table}`,
      isLong: table === "channels",
      expected:
        "intake answers 503 with Retry-After in bounded time (30 s); afterwards all is as before",
      run: async (stage, see) => {
        const { scene, accepted, release } = await whileLocked(stage, table);
        await seeRefused(see, scene.client, scene.channelId, 30_000);
        await release();
        accepted.push(...(await send(scene.client, scene.channelId, 10)));
        await seeAllIsWell(see, scene, accepted);
      },
    }),
  ),
  {
    name: "probes-while-locked",
    done: "the same lock on ready_channels; /healthz, /readyz and /metrics are asked",
    expected:
      "each answers in bounded time (10 s): 200 from /healthz; /readyz says 503 while intake hangs",
    run: async (stage, see) => {
      const { scene, release } = await whileLocked(stage, "ready_channels");
      const paths = ["/healthz", "/readyz", "/metrics"];
      const [health, ready, metrics] = await Promise.all(
        paths.map((path) => probe(scene.api, path, 10_000)),
      );
      see(health === 200, `/healthz ${health}`);
      see(ready === 503, `/readyz ${ready}`);
      see(metrics !== 0, `/metrics ${metrics || "no answer"}`);
      await release();
      await until("/readyz is 200 again", async () => (await probe(scene.api, "/readyz")) === 200);
    },
  },
  {
    name: "table-locked-errors",
    done: "somebody else holds an exclusive lock on error_rows for 8 s while webhooks fail",
    expected:
      "intake and what is delivered go on; the errors are counted once, when the lock is gone",
    run: async (stage, see) => {
      const { scene, release } = await whileLocked(stage, "error_rows");
      scene.bot.decide = ({ isRedelivery }) => (isRedelivery ? 200 : 500);
      const answer = await tryIntake(scene.client, scene.channelId, 15_000);
      see(answer.status === 202, `intake: ${answer.words}`);
      await pause(8_000);
      await release();
      const accepted = await send(scene.client, scene.channelId, 10);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "rows-locked-of-one-channel",
    done: "an open transaction that does nothing holds the rows of one channel's turn; other channels get webhooks",
    expected: "the others are accepted and delivered; a request to the one ends in bounded time",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      scene.bot.decide = () => 500;
      await send(scene.client, scene.channelId, 1);
      await until(
        "it has a turn",
        async () => (await countOf(scene.place, "select count(*) from ready_channels")) > 0,
      );
      const lock = await hold(
        scene.place.url,
        `select 1 from ready_channels where channel_id = '${scene.channelId}' for update`,
      );
      stage.after(lock.release);
      const bot = await stage.newBot();
      const other = await scene.place.makeChannel(scene.client, { webhookUrl: bot.url });
      const accepted = await send(scene.client, other, 20);
      await seeAllIsWell(see, { place: scene.place, channelId: other, bot }, accepted);
      const { status, words } = await tryIntake(scene.client, scene.channelId, 30_000);
      see(status === 202 || status === 503, `intake of the locked one: ${words}`);
      await lock.release();
    },
  },
  {
    name: "worker-paused-in-a-claim",
    done: "SIGSTOP to the worker under load, again and again, until it stands inside a transaction (80 tries at most)",
    expected: "the API's intake answers in bounded time (15 s): 202, or 503 with Retry-After",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const load = keepSending(scene, { pauseMs: 1 });
      await until("deliveries flow", () => scene.bot.arrivals.length > 50);
      let isCaught = false;
      for (let tries = 0; tries < 80 && !isCaught; tries += 1) {
        await pause(tries % 13);
        scene.worker.signal("SIGSTOP");
        // What was under way on the server's side has ended after a moment.
        await pause(30);
        const inside = await countOf(
          scene.place,
          `select count(*) from pg_stat_activity where datname = current_database()
            and application_name like 'tocsin engine worker%' and state = 'idle in transaction'`,
        );
        isCaught = inside > 0;
        if (!isCaught) scene.worker.signal("SIGCONT");
      }
      scene.worker.signal("SIGSTOP");
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => tryIntake(scene.client, scene.channelId, 15_000)),
      );
      const isFine = answers.every(
        ({ status, retryAfter }) => status === 202 || (status === 503 && retryAfter !== null),
      );
      const where = isCaught ? "inside a transaction" : "never found inside a transaction";
      see(
        isFine,
        `${where}; intake: ${[...new Set(answers.map(({ words }) => words))].join(", ")}`,
      );
      scene.worker.signal("SIGCONT");
      await load.stop();
      await seeAllIsWell(see, scene, [...load.accepted.values()]);
    },
  },
  {
    name: "old-transaction",
    done: "somebody else's transaction stays open with an old snapshot while 400 webhooks go through",
    expected: "slower at most; nothing is lost",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const lock = await hold(
        scene.place.url,
        "set transaction isolation level repeatable read",
        "select count(*) from webhook_queue",
      );
      stage.after(lock.release);
      const accepted = await send(scene.client, scene.channelId, 400);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "no-connections-left",
    done: "others hold all connections that PostgreSQL has, and API and worker have lost theirs",
    expected: "503 with Retry-After; when there are some again all goes on by itself",
    isLong: true,
    run: async (stage, see) => {
      const { place } = await stage.newCluster([
        "max_connections=60",
        "superuser_reserved_connections=0",
      ]);
      const scene = await openScene(stage, { apart: true, place });
      const accepted = await send(scene.client, scene.channelId, 20);
      const others: pg.Client[] = [];
      stage.after(() => Promise.all(others.map((client) => client.end())));
      await until("API and worker have none", async () => {
        await place.pool.query(`select pg_terminate_backend(pid) ${ofProduct}`);
        await takeAll(place.url, others);
        return (await countOf(place, `select count(*) ${ofProduct}`)) === 0;
      });
      const { status, retryAfter, words } = await tryIntake(scene.client, scene.channelId, 30_000);
      see(status === 503 && retryAfter !== null, `intake: ${words}`);
      await Promise.all(others.splice(0).map((client) => client.end()));
      accepted.push(...(await send(scene.client, scene.channelId, 20)));
      const alive = await Promise.race([scene.api.ended, scene.worker.ended, "alive"]);
      see(alive === "alive", `API and worker: ${alive}`);
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "disk-full",
    done: "the file system of PostgreSQL's data has no byte left; then it has again",
    expected:
      "503 with Retry-After and /readyz 503; what was acknowledged is delivered when there is room",
    needsRoot: true,
    run: async (stage, see) => {
      const home = await stage.newFolder();
      await run("mount", ["-t", "tmpfs", "-o", "size=400m,mode=0711", "tmpfs", home]);
      stage.after(() => run("umount", ["-l", home]));
      await mkdir(join(home, "data"));
      await chmod(join(home, "data"), 0o711);
      const { cluster, place } = await stage.newCluster(
        ["max_wal_size=64MB", "min_wal_size=32MB"],
        home,
      );
      const scene = await openScene(stage, { apart: true, place });
      const load = keepSending(scene, { pauseMs: 5 });
      await until("deliveries flow", () => scene.bot.arrivals.length > 50);
      const filler = join(home, "filler");
      await fill(filler);
      await until("intake refuses", async () => {
        await fill(filler);
        return (load.answers.get(503) ?? 0) > 3 || (load.answers.get(500) ?? 0) > 0;
      });
      // What the server gives back of its own may let a request in between: until it is full again.
      await until("readiness says so", async () => {
        await fill(filler);
        return (await probe(scene.api, "/readyz", 15_000)) === 503;
      });
      see(true, "/readyz 503");
      await rm(filler);
      // A server that could not write its log of changes ends by itself.
      const isUp = await countOf(place, "select 1").catch(() => 0);
      if (isUp === 0) await cluster.start();
      const before = load.accepted.size;
      await until("intake accepts again", () => load.accepted.size > before + 10);
      await load.stop();
      const odd = [...load.answers.keys()].filter((status) => ![0, 202, 503].includes(status));
      see(odd.length === 0, `other answers than 202 and 503: ${odd.join(", ") || "none"}`);
      see(load.withoutRetryAfter === 0, `503 without Retry-After: ${load.withoutRetryAfter}`);
      await seeAllIsWell(see, scene, [...load.accepted.values()]);
    },
  },
];

/** Until the last byte. */
async function fill(path: string): Promise<void> {
  for (const size of [4_000_000, 64_000, 4_096]) {
    const block = Buffer.alloc(size);
    for (;;) {
      try {
        await writeFile(path, block, { flag: "a" });
      } catch {
        break;
      }
    }
  }
}
