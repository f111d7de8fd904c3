import type { FastifyInstance } from "fastify";
import type { Pool } from "pg";
import { Gauge, type Registry } from "prom-client";
import { logFailure } from "#lib/database-log.ts";
import type { Log } from "#lib/log.ts";
import { inspectPartitions } from "#lib/retention/inspect-partitions.ts";
import type { RetentionDays } from "#lib/retention/partitioned-tables.ts";
import { listClocks } from "#lib/time/clock-readings.ts";
import { addMailGauges } from "./mail-gauges.ts";

/** The process, the database with the age of the queue, and the figures for Prometheus. No key is asked for. */
export function addHealthRoutes(
  app: FastifyInstance,
  pool: Pool,
  { registry, retention, log }: { registry: Registry; retention: RetentionDays; log: Log },
): void {
  addQueueGauges(pool, registry);
  addMailGauges(pool, registry);
  addPartitionGauges(pool, registry, retention);
  addClockGauge(pool, registry);
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    try {
      return { status: "ok", oldestDueSeconds: await oldestDueSeconds(pool) };
    } catch (error) {
      logFailure(log, error, "not ready: the database does not answer", { level: "warn" });
      return reply
        .code(503)
        .header("retry-after", "1")
        .send({ status: "unavailable", message: "The database does not answer" });
    }
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
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
    help: "Webhooks that wait or are being sent, as estimated by the database's statistics",
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
    help: "Webhooks that no worker touches until an operator decides (Operations > Set aside)",
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

/** Index: endpoint_health (failing_since). */
function addEndpointGauge(pool: Pool, registry: Registry): void {
  new Gauge({
    name: "tocsin_channels_failing",
    help: "Channels of which every attempt since some time has failed, by whether they are still sent to",
    labelNames: ["sending"] as const,
    registers: [registry],
    async collect() {
      const { rows } = await pool.query<{ on: number; suspended: number }>(
        `select count(*) filter (where suspended_at is null)::int as "on",
                count(*) filter (where suspended_at is not null)::int as suspended
           from endpoint_health where failing_since is not null`,
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
    help: "How far a process's clock is ahead of the database's, the furthest of each part and host; people are told above 30, nothing is dropped above 300",
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
