import "server-only";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { database } from "./database.ts";

const shared: typeof globalThis & { tocsinConsoleMetrics?: Registry } = globalThis;

/** The console process's own figures, in Prometheus' form: process, memory, event loop, database connections. */
export function consoleMetrics(): Registry {
  if (shared.tocsinConsoleMetrics !== undefined) return shared.tocsinConsoleMetrics;
  const registry = new Registry();
  registry.setDefaultLabels({ part: "console" });
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "tocsin_database_connections",
    help: "Connections of this process to the database, by state.",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const { pool } = database();
      this.set({ state: "open" }, pool.totalCount);
      this.set({ state: "idle" }, pool.idleCount);
      this.set({ state: "waiting" }, pool.waitingCount);
    },
  });
  shared.tocsinConsoleMetrics = registry;
  return registry;
}
