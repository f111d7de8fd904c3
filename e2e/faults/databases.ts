import { setTimeout as pause } from "node:timers/promises";
import { startTcpProxy, type TcpProxy } from "#e2e/harness/tcp-proxy.ts";
import { until } from "#e2e/harness/until.ts";
import type { EngineProcess } from "#e2e/servers/engine-process.ts";
import { administer } from "#prisma/throwaway-database.ts";
import type { Fault } from "./fault.ts";
import {
  countOf,
  errorLines,
  keepSending,
  openScene,
  probe,
  type Scene,
  seeRefused,
} from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import type { Stage } from "./stage.ts";

/** API and worker behind a proxy that stands before a shared PostgreSQL. */
async function openBehindProxy(stage: Stage): Promise<{ scene: Scene; proxy: TcpProxy }> {
  const place = await stage.newPlace();
  const url = new URL(place.url);
  const proxy = await startTcpProxy(Number(url.port));
  stage.after(proxy.close);
  url.port = String(proxy.port);
  const scene = await openScene(stage, { apart: true, place, databaseUrl: url.href });
  return { scene, proxy };
}

/** `hurt` under load, then `mend`; meanwhile `look`. The processes must be the same ones afterwards. */
async function underLoad(
  see: See,
  scene: Scene,
  steps: {
    hurt: () => Promise<unknown> | unknown;
    look?: () => Promise<void>;
    mend: () => Promise<unknown> | unknown;
  },
): Promise<void> {
  scene.bot.decide = () => (scene.bot.arrivals.length % 7 === 0 ? 500 : 200);
  const load = keepSending(scene, { limitMs: 60_000 });
  await until("deliveries flow", () => scene.bot.arrivals.length > 50);
  try {
    await steps.hurt();
    await steps.look?.();
  } finally {
    await steps.mend();
  }
  const before = load.accepted.size;
  const arrived = scene.bot.arrivals.length;
  await until("intake accepts again", () => load.accepted.size > before + 6);
  await until("deliveries flow again", () => scene.bot.arrivals.length > arrived + 6);
  await load.stop();
  const alive = await Promise.race([scene.api.ended, scene.worker.ended, "running"]);
  see(alive === "running", `API and worker: ${alive}`);
  const odd = [...load.answers.keys()].filter((status) => ![0, 202, 503].includes(status));
  see(odd.length === 0, `other answers than 202 and 503: ${odd.join(", ") || "none"}`);
  see(load.withoutRetryAfter === 0, `503 without Retry-After: ${load.withoutRetryAfter}`);
  await seeAllIsWell(see, scene, [...load.accepted.values()]);
}

/** One line per change of state and a summary a minute, not one per try. */
const linesMax = 25;

function seeQuiet(see: See, engines: readonly EngineProcess[]): void {
  for (const engine of engines) {
    const lines = errorLines(engine).length;
    see(lines <= linesMax, `${lines} ${lines === 1 ? "error" : "errors"} logged`);
  }
}

/** Both ways of being gone without a word: what is asked ends all the same. */
async function seeBounded(see: See, scene: Scene): Promise<void> {
  const [ready] = await Promise.all([
    probe(scene.api, "/readyz", 15_000),
    seeRefused(see, scene.client, scene.channelId, 30_000),
  ]);
  see(ready === 503, `/readyz ${ready}`);
  const health = await probe(scene.api, "/healthz", 15_000);
  see(health === 200, `/healthz ${health}`);
}

async function gone(stage: Stage, see: See, goneMs: number): Promise<void> {
  const { scene, proxy } = await openBehindProxy(stage);
  await underLoad(see, scene, {
    hurt: () => {
      proxy.mode = "refuse";
      proxy.cut();
    },
    look: async () => {
      await seeBounded(see, scene);
      await pause(goneMs);
      seeQuiet(see, [scene.api, scene.worker]);
    },
    mend: () => {
      proxy.mode = "pass";
    },
  });
}

async function swallowed(stage: Stage, see: See, goneMs: number): Promise<void> {
  const { scene, proxy } = await openBehindProxy(stage);
  await underLoad(see, scene, {
    hurt: () => {
      proxy.mode = "swallow";
    },
    look: async () => {
      await seeBounded(see, scene);
      await pause(goneMs);
    },
    mend: () => {
      // The connections of before are dead without knowing it.
      proxy.mode = "pass";
    },
  });
}

async function frozen(stage: Stage, see: See, frozenMs: number): Promise<void> {
  const { cluster, place } = await stage.newCluster();
  const scene = await openScene(stage, { apart: true, place });
  await underLoad(see, scene, {
    hurt: () => cluster.signal("SIGSTOP"),
    look: async () => {
      await seeBounded(see, scene);
      await pause(frozenMs);
    },
    mend: () => cluster.signal("SIGCONT"),
  });
}

const onDatabase = (scene: Scene, statement: string): Promise<void> =>
  administer(scene.place.url.replace(/\/[^/]*$/, "/postgres"), statement);

export const databaseFaults: readonly Fault[] = [
  {
    name: "database-restarted",
    done: "PostgreSQL is shut down (fast) under load and started again",
    expected: "intake answers 503 with Retry-After; API and worker keep running; nothing is lost",
    run: async (stage, see) => {
      const { cluster, place } = await stage.newCluster();
      const scene = await openScene(stage, { apart: true, place });
      const look = () => seeBounded(see, scene);
      await underLoad(see, scene, { hurt: cluster.stop, look, mend: cluster.start });
    },
  },
  {
    name: "database-killed",
    done: "PostgreSQL's main process is killed (SIGKILL) under load and started again",
    expected:
      "intake answers 202, or 503 with Retry-After; API and worker keep running; nothing is lost",
    run: async (stage, see) => {
      const { cluster, place } = await stage.newCluster();
      const scene = await openScene(stage, { apart: true, place });
      await underLoad(see, scene, { hurt: cluster.kill, mend: cluster.start });
    },
  },
  {
    name: "database-gone",
    done: "connections to PostgreSQL are reset, and new ones refused, for 4 s",
    expected: `intake answers 503 with Retry-After within 30 s, /readyz 503, /healthz 200; each process logs at most ${linesMax} errors; nothing is lost`,
    run: (stage, see) => gone(stage, see, 4_000),
  },
  {
    name: "database-gone-30s",
    done: "connections to PostgreSQL are reset, and new ones refused, for 30 s",
    expected: "the same",
    isLong: true,
    run: (stage, see) => gone(stage, see, 30_000),
  },
  {
    name: "database-frozen",
    done: "all of PostgreSQL's processes are frozen (SIGSTOP) under load until intake and probes have answered",
    expected:
      "intake answers 503 with Retry-After within 30 s, /readyz 503 within 15 s, /healthz 200; nothing is lost",
    run: (stage, see) => frozen(stage, see, 0),
  },
  {
    name: "database-frozen-40s",
    done: "all of PostgreSQL's processes are frozen (SIGSTOP) for 40 s under load",
    expected:
      "intake answers 503 with Retry-After within 30 s, /readyz 503 within 15 s, /healthz 200; nothing is lost",
    isLong: true,
    run: (stage, see) => frozen(stage, see, 40_000),
  },
  {
    name: "database-network-lost",
    done: "the network to PostgreSQL drops everything without a word; then new connections work again",
    expected:
      "intake answers 503 with Retry-After within 30 s, /readyz 503 within 15 s, /healthz 200; dead connections are given up; nothing is lost",
    run: (stage, see) => swallowed(stage, see, 0),
  },
  {
    name: "database-network-lost-40s",
    done: "the network to PostgreSQL drops everything for 40 s; then new connections work again",
    expected:
      "intake answers 503 with Retry-After within 30 s, /readyz 503 within 15 s, /healthz 200; dead connections are given up; nothing is lost",
    isLong: true,
    run: (stage, see) => swallowed(stage, see, 40_000),
  },
  {
    name: "database-connections-cut",
    done: "all connections to PostgreSQL are reset twelve times, in mid-use",
    expected:
      "connections are reopened; intake answers 202, or 503 with Retry-After; nothing is lost",
    run: async (stage, see) => {
      const { scene, proxy } = await openBehindProxy(stage);
      const hurt = async (): Promise<void> => {
        for (let cuts = 0; cuts < 12; cuts += 1) {
          proxy.cut();
          await pause(250);
        }
      };
      await underLoad(see, scene, { hurt, mend: () => undefined });
    },
  },
  {
    name: "database-far-away",
    done: "every packet to and from PostgreSQL takes 60 ms",
    expected: "things get slower, and nothing else changes",
    isLong: true,
    run: async (stage, see) => {
      const { scene, proxy } = await openBehindProxy(stage);
      await underLoad(see, scene, {
        hurt: async () => {
          proxy.delayMs = 60;
          await pause(3_000);
        },
        mend: () => undefined,
      });
    },
  },
  {
    name: "database-sessions-ended",
    done: "an operator ends all of Tocsin's sessions (pg_terminate_backend) ten times",
    expected: "connections are reopened; nothing is lost",
    isLong: true,
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const hurt = async (): Promise<void> => {
        for (let times = 0; times < 10; times += 1) {
          await scene.place.pool.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and application_name like 'tocsin%'`,
          );
          await pause(200);
        }
      };
      await underLoad(see, scene, { hurt, mend: () => undefined });
    },
  },
  {
    name: "database-statements-cancelled",
    done: "an operator cancels statements of intake (pg_cancel_backend) while a lock holds them up",
    expected: "intake answers 202, or 503 with Retry-After; nothing is lost",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const { pool } = scene.place;
      let cancelled = 0;
      // Intake is too quick to be caught: a lock holds it for as long as it takes.
      const hurt = async (): Promise<void> => {
        const holder = await pool.connect();
        await holder.query("begin");
        await holder.query("lock table idempotency_keys in access exclusive mode");
        await until("statements of intake are cancelled", async () => {
          cancelled += await countOf(
            scene.place,
            `select count(pg_cancel_backend(pid)) from pg_stat_activity
              where datname = current_database() and application_name like 'tocsin%' and state = 'active'
                and wait_event_type = 'Lock'`,
          );
          return cancelled >= 5;
        });
        await holder.query("rollback");
        holder.release();
      };
      await underLoad(see, scene, { hurt, mend: () => undefined });
      see(cancelled > 0, `${cancelled} statements cancelled`);
    },
  },
  {
    name: "database-read-only",
    done: "the database turns read-only, as a standby is, and then takes writes again",
    expected: "intake answers 503 with Retry-After; nothing is lost",
    run: async (stage, see) => {
      const scene = await openScene(stage, { apart: true });
      const name = new URL(scene.place.url).pathname.slice(1);
      const end = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and application_name like 'tocsin%'`;
      await underLoad(see, scene, {
        hurt: async () => {
          await onDatabase(scene, `alter database ${name} set default_transaction_read_only = on`);
          await onDatabase(scene, end);
        },
        look: () => seeRefused(see, scene.client, scene.channelId, 30_000),
        mend: async () => {
          await onDatabase(scene, `alter database ${name} reset default_transaction_read_only`);
          await onDatabase(scene, end);
        },
      });
    },
  },
];
