import type { TestProject } from "vitest/node";
import { openDatabase } from "#lib/db.ts";
import { keepPartitions } from "#lib/retention/partitions.ts";
import { migrate } from "./migrate.ts";
import { administer, startThrowawayDatabase } from "./throwaway-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    clusterUrl: string;
  }
}

/** Vitest's global set-up: one cluster for the run, and a migrated template that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startThrowawayDatabase();
  try {
    await administer(cluster.url, "create database tocsin_template");
    await makeTemplate(cluster.url.replace(/\/[^/]*$/, "/tocsin_template"));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  project.provide("clusterUrl", cluster.url);
  return () => cluster.stop();
}

/** Migrated and with today's partitions, as an installation is before its first event. */
async function makeTemplate(url: string): Promise<void> {
  await migrate(url);
  const { pool, close } = openDatabase(url);
  await keepPartitions(pool, new Date(), { log: 30, errors: 90, rows: 400 });
  await close();
}
