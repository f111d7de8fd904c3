import type { TestProject } from "vitest/node";
import { migrate } from "#prisma/migrate.ts";
import { administer, startThrowawayDatabase } from "#prisma/throwaway-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    clusterUrl: string;
  }
}

/** Vitest's global set-up: one cluster for the run, and a migrated template, an installation before its first event, that each
 * test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startThrowawayDatabase();
  try {
    await administer(cluster.url, "create database tocsin_template");
    await migrate(cluster.url.replace(/\/[^/]*$/, "/tocsin_template"));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  project.provide("clusterUrl", cluster.url);
  return () => cluster.stop();
}
