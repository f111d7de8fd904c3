import type { FastifyInstance } from "fastify";
import type { Pool } from "pg";
import { Gauge, Registry } from "prom-client";
import { logFailure } from "#lib/database-log.ts";
import { isShownSql } from "#lib/endpoint-health/shown.ts";
import {
  type ChannelTrouble,
  channelTroubles,
  type IntakeTrouble,
  intakeTroubles,
} from "#lib/intake/schema.ts";
import type { Log } from "#lib/log.ts";
import { inspectPartitions } from "#lib/retention/inspect-partitions.ts";
import type { RetentionDays } from "#lib/retention/partitioned-tables.ts";
import { listClocks } from "#lib/time/clock-readings.ts";
import { within } from "#lib/within.ts";
import { addMailGauges } from "./mail-gauges.ts";
import { troubleRefusal } from "./respond.ts";

export type HealthOptions = {
  /** The process's own figures. */
  process: Registry;
  retention: RetentionDays;
  trouble: () => IntakeTrouble | null;
  countCrowded: (trouble: ChannelTrouble) => number;
  log: Log;
  /** A probe that hangs tells less than one that says no. */
  answerWithinMs: number;
};

/**
 * The process, the database with the age of the queue and whether events are taken in, and the figures for Prometheus. No
 * key is asked for.
 */
export function addHealthRoutes(app: FastifyInstance, pool: Pool, options: HealthOptions): void {
  const { process, trouble, answerWithinMs, log } = options;
  const figures = new Registry();
  addQueueGauges(pool, figures);
  addMailGauges(pool, figures);
  addPartitionGauges(pool, figures, options.retention);
  addClockGauge(pool, figures);
  const answers = new Gauge({
    name: "tocsin_database_answers",
    help: "1 when the database's figures could be read within a second, 0 when they are missing here",
    registers: [process],
  });
  addTroubleGauge(process, trouble);
  addCrowdedGauge(process, options.countCrowded);
  const ask = askOnce(() => oldestDueSeconds(pool));
  const read = askOnce(() => figures.metrics());

  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const refuse = (reason: IntakeTrouble, message: string) =>
      reply.code(503).header("retry-after", "1").send({ status: "unavailable", reason, message });
    try {
      const oldestDueSeconds = await within(answerWithinMs, ask());
      const found = trouble();
      return found === null
        ? { status: "ok", oldestDueSeconds }
        : refuse(found, troubleRefusal(found).message);
    } catch (error) {
      logFailure(log, error, "not ready: the database is not responding", { level: "warn" });
      return refuse("database_away", "The database is not responding");
    }
  });
  app.get("/metrics", async (_request, reply) => {
    const ofDatabase = await within(answerWithinMs, read()).catch((error: unknown) => {
      logFailure(log, error, "the database's figures are missing", { level: "warn" });
      return null;
    });
    answers.set(ofDatabase === null ? 0 : 1);
    return reply.type(process.contentType).send((await process.metrics()) + (ofDatabase ?? ""));
  });
}

/** One question at a time, however many ask: what hangs does not pile up. */
function askOnce<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

function addTroubleGauge(registry: Registry, trouble: () => IntakeTrouble | null): void {
  new Gauge({
    name: "tocsin_intake_refuses",
    help: "1 while no events are being accepted, by what is in the way",
    labelNames: ["reason"] as const,
    registers: [registry],
    collect() {
      for (const reason of intakeTroubles) this.set({ reason }, trouble() === reason ? 1 : 0);
    },
  });
}

function addCrowdedGauge(
  registry: Registry,
  countCrowded: (trouble: ChannelTrouble) => number,
): void {
  new Gauge({
    name: "tocsin_intake_channels_refused",
    help: "Channels whose events are not being accepted while others' are, by reason: too many of their webhooks are waiting, or for too long",
    labelNames: ["reason"] as const,
    registers: [registry],
    collect() {
      for (const reason of channelTroubles) this.set({ reason }, countCrowded(reason));
    },
  });
}

/** How late the most overdue channel is. Index: ready_channels (lane, due_at). */
async function oldestDueSeconds(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ seconds: number }>(
    `select greatest(0, coalesce(extract(epoch from now() - min(due_at)), 0))::float8 as seconds from ready_channels`,
  );
  return rows[0]?.seconds ?? 0;
}

function addQueueGauges(pool: Pool, registry: Registry): void {
  new Gauge({
    name: "tocsin_queue_oldest_due_seconds",
    help: "How long the most overdue channel has waited for a worker",
    registers: [registry],
    async collect() {
      this.set(await oldestDueSeconds(pool));
    },
  });
  new Gauge({
    name: "tocsin_queue_webhooks_estimate",
    help: "Webhooks waiting or being sent, as estimated by the database's statistics",
    registers: [registry],
    async collect() {
      const { rows } = await pool.query<{ estimate: number }>(
        `select greatest(0, n_live_tup)::float8 as estimate from pg_stat_user_tables where relname = 'webhook_queue'`,
      );
      this.set(rows[0]?.estimate ?? 0);
    },
  });
  new Gauge({
    name: "tocsin_webhooks_set_aside",
    help: "Webhooks that no worker touches until an operator decides (Operations > Stuck webhooks)",
    registers: [registry],
    async collect() {
      const { rows } = await pool.query<{ count: number }>(
        `select count(*)::int as count from set_aside_webhooks`,
      );
      this.set(rows[0]?.count ?? 0);
    },
  });
  addEndpointGauge(pool, registry);
}

/** As the console shows it. Index: endpoint_health (shown_since). */
function addEndpointGauge(pool: Pool, registry: Registry): void {
  new Gauge({
    name: "tocsin_channels_failing",
    help: "Channels shown as failing: attempts in a row have failed for a minute or longer, by whether sending continues",
    labelNames: ["sending"] as const,
    registers: [registry],
    async collect() {
      const { rows } = await pool.query<{ on: number; suspended: number }>(
        `select count(*) filter (where suspended_at is null)::int as "on",
                count(*) filter (where suspended_at is not null)::int as suspended
           from endpoint_health h where ${isShownSql("h")} or suspended_at is not null`,
      );
      this.set({ sending: "on" }, rows[0]?.on ?? 0);
      this.set({ sending: "suspended" }, rows[0]?.suspended ?? 0);
    },
  });
}

/** From the catalogue, so that it tells as well of a keeper that does not run. */
function addPartitionGauges(pool: Pool, registry: Registry, retention: RetentionDays): void {
  new Gauge({
    name: "tocsin_partitions",
    help: "ahead_days: days from now on for which every table has partitions, below 3 the keeper has failed for days; overdue: partitions that should have been dropped a day ago; stray_tables: tables with rows outside every partition",
    labelNames: ["what"] as const,
    registers: [registry],
    async collect() {
      const { daysAhead, overdue, strays } = await inspectPartitions(pool, retention);
      this.set({ what: "ahead_days" }, daysAhead);
      this.set({ what: "overdue" }, overdue.length);
      this.set({ what: "stray_tables" }, strays.length);
    },
  });
}

/** As the processes have told, of every part on every host that runs: the console and the workers too. */
function addClockGauge(pool: Pool, registry: Registry): void {
  new Gauge({
    name: "tocsin_clock_offset_seconds",
    help: "How far a process's clock is ahead of the database's, the largest of each part and host; operators are notified above 30, no old data is dropped above 300",
    labelNames: ["part", "host"] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const { part, host, offsetMs } of await listClocks(pool)) {
        this.set({ part, host }, offsetMs / 1_000);
      }
    },
  });
}
