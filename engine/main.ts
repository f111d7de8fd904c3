import { parseArgs } from "node:util";
import { gatherOutages, logFailure } from "#lib/database-log.ts";
import { databaseUses } from "#lib/database-uses.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { EnvError, type RuntimeEnv, runtimeEnv } from "#lib/env.ts";
import { createLiveSignal } from "#lib/live/signal.ts";
import { type Log, openLog } from "#lib/log.ts";
import { WrongKeyError, watchSealingKey } from "#lib/sealed-with.ts";
import { createTargetPolicy, type TargetPolicy } from "#lib/targets/policy.ts";
import { type DatabaseClock, startDatabaseClock } from "#lib/time/database-clock.ts";
import { createSender } from "#lib/transport/sender.ts";
import { trustedCertificates } from "#lib/transport/trusted-certificates.ts";
import { createApi } from "./api/server.ts";
import { stopOnSignal } from "./shutdown.ts";
import { startCancellations } from "./worker/chores/cancellations.ts";
import { startEndpointWatch } from "./worker/chores/endpoint-watch.ts";
import { startHousekeeping } from "./worker/chores/housekeeping.ts";
import { startRedeliveryJobs } from "./worker/chores/redelivery-jobs.ts";
import { listenForWork } from "./worker/delivery/listen.ts";
import { createWorker } from "./worker/delivery/worker.ts";
import { createNotifier } from "./worker/notifications/notifier.ts";

const roles = ["api", "worker", "all"] as const;
type Role = (typeof roles)[number];
type Part = { stop: () => Promise<void> };

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { role: { type: "string", default: "all" } } });
  const role = roles.find((name) => name === values.role);
  if (role === undefined)
    return refuse(`--role must be one of ${roles.join(", ")} (got ${values.role})`);
  try {
    await start(role, runtimeEnv());
  } catch (error) {
    if (!(error instanceof EnvError || error instanceof WrongKeyError)) throw error;
    refuse(error.message);
  }
}

async function start(role: Role, env: RuntimeEnv): Promise<void> {
  const log = openLog(`engine ${role}`, env.logLevel);
  const opened: Shared[] = [];
  const open = (part: "worker" | "api"): Shared => {
    const shared = openShared(env, part, log);
    opened.push(shared);
    return shared;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ clock }) => clock.stop()));
    await Promise.all(opened.map(({ database }) => database.close()));
  };
  const worker = role === "api" ? undefined : open("worker");
  const api = role === "worker" ? undefined : open("api");
  const { checked } = await watchKey(env, opened).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const parts: Part[] = [];
  if (worker !== undefined) parts.push(startWorker(env, worker, checked));
  if (api !== undefined) parts.push(await startApi(env, api));
  process.send?.("ready");
  stopOnSignal(async () => {
    // Together: a client that is slow to end its request must not keep the worker from giving back what it holds. What
    // the API accepts until it stops is durable and waits for the next worker.
    await Promise.all(parts.map((part) => part.stop()));
    await close();
  }, log);
}

/**
 * A key that opens nothing is refused before anything starts. Where the database cannot be asked yet, that is no reason not to
 * start; it is asked later, and then the process ends.
 */
async function watchKey(
  env: RuntimeEnv,
  [first]: readonly Shared[],
): Promise<{ checked: Promise<void> }> {
  if (first === undefined) throw new Error("no part of the engine was opened");
  const { checked } = await watchSealingKey(
    first.database.pool,
    env.encryptionKey,
    env.lostKeyNames,
  );
  checked.catch((error: unknown) => {
    refuse(error instanceof Error ? error.message : String(error));
    // Nothing that needs the key has begun.
    process.exit();
  });
  return { checked };
}

type Shared = { database: Database; clock: DatabaseClock; log: Log };

function openShared(env: RuntimeEnv, part: "worker" | "api", log: Log): Shared {
  const database = openDatabase(env.databaseUrl, {
    ...databaseUses[part],
    name: `tocsin engine ${part}`,
    onIdleError: (error) =>
      logFailure(log, error, "an idle database connection was lost", { level: "warn" }),
  });
  gatherOutages(log, database.pool);
  return {
    database,
    clock: startDatabaseClock(database.pool, { part: `engine ${part}`, log }),
    log,
  };
}

function targetPolicyOf(env: RuntimeEnv): TargetPolicy {
  return createTargetPolicy({ allowTargets: env.allowTargets, allowHttp: env.allowHttpTargets });
}

async function startApi(env: RuntimeEnv, { database, clock, log }: Shared): Promise<Part> {
  const statistics = { retentionDays: env.retentionDays, timeZone: env.displayTimeZone };
  const provisioning = { encryptionKey: env.encryptionKey, policy: targetPolicyOf(env) };
  const sender = createSender({
    policy: provisioning.policy,
    ca: trustedCertificates(env),
    now: clock.now,
  });
  const app = createApi({
    ...{ database, log, statistics, provisioning, sender },
    intakeLimits: env.intakeLimits,
  });
  await app.listen({ host: "0.0.0.0", port: env.enginePort });
  log.info({ port: env.enginePort }, "the API accepts events");
  return {
    stop: async () => {
      await app.close();
      await sender.close();
    },
  };
}

/** Sends and mails nothing before the key is `checked`. */
function startWorker(
  env: RuntimeEnv,
  { database, clock, log }: Shared,
  checked: Promise<void>,
): Part {
  const sender = createSender({
    policy: targetPolicyOf(env),
    ca: trustedCertificates(env),
    now: clock.now,
  });
  const worker = createWorker({
    database,
    send: (request) => sender.send(request),
    slots: env.slots,
    scheduleMs: env.redeliveryScheduleMs,
    notificationWindowMs: env.notificationWindowMs,
    encryptionKey: env.encryptionKey,
    log,
    clock,
  });
  const housekeeping = startHousekeeping({
    databaseUrl: env.databaseUrl,
    retention: env.retentionDays,
    clock,
    log,
  });
  const watch = startEndpointWatch(database, env.failingPolicy, log);
  const jobs = startRedeliveryJobs(database, log);
  const notifier = createNotifier({ database, env, log, sender, clock });
  const live = createLiveSignal(database.pool, (error) =>
    log.warn({ err: error }, "open pages could not be notified of what was cancelled"),
  );
  const cancellations = startCancellations(database.pool, live, log);
  const listener = listenForWork(
    env.databaseUrl,
    { onWork: worker.notify, onSettings: worker.recheck },
    log,
  );
  let isStopping = false;
  const begin = (): void => {
    if (isStopping) return;
    worker.start();
    notifier.start();
  };
  checked.then(begin, () => undefined);
  return {
    stop: async () => {
      isStopping = true;
      // All in one turn of the event loop: while anything is waited for first, the worker begins more of what it holds.
      await Promise.all([
        worker.stop(),
        listener.stop(),
        notifier.stop(),
        housekeeping.stop(),
        watch.stop(),
        jobs.stop(),
        cancellations.stop(),
      ]);
      await sender.close();
    },
  };
}

function refuse(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
