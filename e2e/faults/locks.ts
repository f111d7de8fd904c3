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
  errorLines,
  keepSending,
  openScene,
  probe,
  seeRefused,
  send,
  tryIntake,
} from "./scene.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
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
      done: `another session locks ${table}`,
      isLong: table === "channels",
      expected:
        "intake answers 503 with Retry-After within 30 s; everything recovers once the lock is gone",
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
    done: "another session locks ready_channels; /healthz, /readyz and /metrics are asked",
    expected: "all answer within 10 s; /readyz says 503 while intake hangs",
    run: async (stage, see) => {
      const { scene, release } = await whileLocked(stage, "ready_channels");
      const paths = ["/healthz", "/readyz", "/metrics"];
      const [health, ready, metrics] = await Promise.all(
        paths.map((path) => probe(scene.api, path, 10_000)),
      );
      see(health === 200, `/healthz ${health}`);
      see(ready === 503, `/readyz ${ready}`);
      see(metrics === 200, `/metrics ${metrics || "no answer"}`);
      await release();
      await until("/readyz is 200 again", async () => (await probe(scene.api, "/readyz")) === 200);
    },
  },
  {
    name: "table-locked-errors",
    done: "another session locks error_rows for 8 s while webhooks fail",
    expected: "intake goes on; errors are counted once the lock is gone, and once only",
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
    name: "partition-locked",
    done: "another session locks webhooks_default while a worker starts",
    expected: "the worker delivers, and does the rest of its housekeeping",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      await scene.worker.kill();
      const lock = await hold(
        scene.place.url,
        "lock table webhooks_default in access exclusive mode",
      );
      stage.after(lock.release);
      const oldKeys = "from idempotency_keys where created_at < now() - interval '1 day'";
      await scene.place.pool.query(
        `insert into idempotency_keys (channel_id, key, body_hash, webhook_id, event_count, created_at)
         values ($1, 'old', '', gen_random_uuid(), 1, now() - interval '25 hours')`,
        [scene.channelId],
      );
      const accepted = await send(scene.client, scene.channelId, 20);
      scene.worker = await scene.place.start({ role: "worker" });
      await until("all have arrived", () => scene.bot.arrivals.length >= 20);
      const left = () => countOf(scene.place, `select count(*) ${oldKeys}`);
      await until("old keys are deleted", async () => (await left()) === 0);
      const said = errorLines(scene.worker).filter(({ chore }) => chore !== undefined).length;
      see(said === 1, `20 arrived and the old key is deleted under the lock; ${said} error line`);
      await lock.release();
      await seeAllIsWell(see, scene, accepted);
    },
  },
  {
    name: "rows-locked-of-one-channel",
    done: "an idle transaction locks one channel's place in the queue; other channels get webhooks",
    expected:
      "other channels are accepted and delivered; a request for the locked one is answered within 30 s",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      // Its turn is due, and stays so: the next worker finds it locked, in the lane of the others.
      await scene.worker.kill();
      await send(scene.client, scene.channelId, 1);
      const lock = await hold(
        scene.place.url,
        `select 1 from ready_channels where channel_id = '${scene.channelId}' for update`,
      );
      stage.after(lock.release);
      scene.worker = await scene.place.start({ role: "worker" });
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
    done: "the worker is frozen (SIGSTOP) inside a transaction, under load (80 tries at most)",
    expected: "intake answers within 15 s: 202, or 503 with Retry-After",
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
    done: "another session keeps an old snapshot open while 400 webhooks go through",
    expected: "delivery may be slower; nothing is lost",
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
    done: "other clients take all of PostgreSQL's connections, those of API and worker included",
    expected: "intake answers 503 with Retry-After; everything recovers once connections are free",
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
    done: "the disk of PostgreSQL's data fills up to the last byte, then has space again",
    expected:
      "503 with Retry-After, and /readyz 503; everything that was accepted is delivered once there is space",
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
