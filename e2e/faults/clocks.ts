import { setTimeout as pause } from "node:timers/promises";
import { shiftedClock } from "#e2e/harness/shifted-clock.ts";
import { until } from "#e2e/harness/until.ts";
import type { Fault } from "./fault.ts";
import { countOf, errorLines, openScene, type Scene, send, settle } from "./scene.ts";
import type { See } from "./see.ts";
import { seeAllIsWell } from "./see-all-is-well.ts";
import type { Stage } from "./stage.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const gapMs = 2_000;

/** A worker whose clock is right: its first round of housekeeping is what the wrong ones have to survive. */
async function seeHealthyRound(see: See, scene: Scene): Promise<void> {
  const { place, channelId } = scene;
  const before = await countOf(
    place,
    "select count(*) from webhooks where channel_id = $1",
    channelId,
  );
  await place.start({ role: "worker" });
  await until("it has done its round", async () => (await oldKeys(scene)) === 0);
  const accepted = await send(scene.client, channelId, 10);
  await settle(place, channelId);
  const kept = await countOf(
    place,
    "select count(*) from webhooks where channel_id = $1",
    channelId,
  );
  see(
    kept === before + accepted.length,
    `log: ${before} webhooks before housekeeping, ${kept - accepted.length} after`,
  );
}

const partitionsOf = ({ place }: Scene): Promise<number> =>
  countOf(place, "select count(*) from pg_inherits");

/** Rows that no day's or month's partition has, because their time is far from now. */
const strays = ({ place }: Scene): Promise<number> =>
  countOf(
    place,
    `select count(*) from webhooks
      where accepted_at not between now() - interval '1 day' and now() + interval '1 day'`,
  );

/** What every round of housekeeping deletes. */
const oldKeys = ({ place }: Scene): Promise<number> =>
  countOf(
    place,
    "select count(*) from idempotency_keys where created_at < now() - interval '1 day'",
  );

const leaveOldKey = ({ place, channelId }: Scene) =>
  place.pool.query(
    `insert into idempotency_keys (channel_id, key, body_hash, webhook_id, event_count, created_at)
     values ($1, 'old', '', gen_random_uuid(), 1, now() - interval '25 hours')`,
    [channelId],
  );

/** It has had time for both: windows are looked at each second, and housekeeping begins with the worker. */
async function seeIdle(see: See, scene: Scene): Promise<void> {
  const due = () =>
    countOf(scene.place, "select count(*) from notification_windows where closes_at <= now()");
  // Where they are closed all the same, none is found.
  await until("windows are due", async () => (await due()) > 0, 20_000).catch(() => undefined);
  await pause(3_000);
  const [windows, keys] = [await due(), await oldKeys(scene)];
  see(
    windows > 0 && keys === 1,
    `the wrong clock left ${windows} due windows and ${keys} old key alone`,
  );
}

/**
 * The log has rows of a product whose clocks are right; then API or worker runs `shiftMs` off. The log must keep what was
 * in it, and hold what comes at the database's time.
 */
async function offBy(
  stage: Stage,
  see: See,
  { role, shiftMs }: { role: "api" | "worker"; shiftMs: number },
): Promise<void> {
  const env = { NOTIFICATION_WINDOW: "1s" };
  const scene = await openScene(stage, { apart: true, env });
  scene.bot.decide = ({ isRedelivery }) => (isRedelivery ? 200 : 500);
  const accepted = await send(scene.client, scene.channelId, 20);
  await settle(scene.place, scene.channelId);
  const partitions = await partitionsOf(scene);
  await scene[role].kill();
  await leaveOldKey(scene);
  scene[role] = await scene.place.start({ role, env: { ...env, ...shiftedClock(shiftMs) } });
  accepted.push(...(await send(scene.client, scene.channelId, 20)));
  await seeAllIsWell(see, scene, accepted, { isUncut: true });
  if (role === "worker") await seeIdle(see, scene);
  const astray = await strays(scene);
  see(astray === 0, `${astray} rows off the database's time`);
  await seeHealthyRound(see, scene);
  const left = await partitionsOf(scene);
  see(left >= partitions, `partitions: ${partitions} before, ${left} after`);
}

export const clockFaults: readonly Fault[] = [
  {
    name: "clocks-two-minutes",
    done: "two workers, one with its clock 2 minutes ahead, one 2 minutes behind; every first attempt fails",
    expected:
      "no redelivery comes early by the database's clock; each attempt is sent by one worker",
    run: async (stage, see) => {
      const env = { REDELIVERY_SCHEDULE: `${gapMs}ms, ${gapMs}ms, ${gapMs}ms` };
      const scene = await openScene(stage, {
        ...{ apart: true, env, workerEnv: { ...env, ...shiftedClock(2 * minuteMs) } },
      });
      const behind = { ...env, ...shiftedClock(-2 * minuteMs) };
      await scene.place.start({ role: "worker", env: behind });
      scene.bot.decide = ({ isRedelivery }) => (isRedelivery ? 200 : 500);
      const accepted = await send(scene.client, scene.channelId, 100);
      await seeAllIsWell(see, scene, accepted, { isUncut: true });
      const times = new Map<string, number[]>();
      for (const { webhookId, at } of scene.bot.arrivals) {
        times.set(webhookId, [...(times.get(webhookId) ?? []), at]);
      }
      // The schedule's jitter may shorten a gap by a fifth.
      const early = [...times.values()].filter(
        ([first = 0, second = 0]) => second - first < gapMs * 0.8,
      );
      see(early.length === 0, `${early.length} early`);
      const attempts = await countOf(scene.place, "select sum(attempts) from webhooks");
      const arrived = scene.bot.arrivals.length;
      see(attempts === arrived, `${attempts} attempts, ${arrived} arrived`);
    },
  },
  ...([40, -40] as const).map(
    (days): Fault => ({
      name: `worker-clock-${days > 0 ? "ahead" : "behind"}-40d`,
      done: `a worker's clock is 40 days ${days > 0 ? "ahead" : "behind"}`,
      isLong: days < 0,
      expected:
        "it delivers at the database's time; it drops nothing, keeps no house and closes no windows",
      run: (stage, see) => offBy(stage, see, { role: "worker", shiftMs: days * dayMs }),
    }),
  ),
  ...([33, -33] as const).map(
    (days): Fault => ({
      name: `api-clock-${days > 0 ? "ahead" : "behind"}-33d`,
      done: `the API's clock is 33 days ${days > 0 ? "ahead" : "behind"}`,
      isLong: days > 0,
      expected: "what it accepts is logged at the database's time and survives housekeeping",
      run: (stage, see) => offBy(stage, see, { role: "api", shiftMs: days * dayMs }),
    }),
  ),
  {
    name: "clock-wrong-is-said",
    done: "a worker's clock is 2 minutes ahead",
    expected: "it logs one error that says so",
    run: async (stage, see) => {
      const place = await stage.newPlace();
      const worker = await place.start({ role: "worker", env: shiftedClock(2 * minuteMs) });
      const said = () => errorLines(worker).filter(({ msg }) => /clock/i.test(String(msg)));
      await until("it says so", () => said().length > 0, 90_000);
      see(said().length === 1, `${said().length} lines: ${said()[0]?.msg}`);
    },
  },
];
