import { readFile } from "node:fs/promises";
import type { Pool } from "pg";

/** A text that something was written into, and what that is called in a report. */
export type Place = { place: string; text: string };

/** Every line that a process of the product wrote since it was started. */
export async function readLog(): Promise<Place[]> {
  const text = await readFile(process.env.E2E_LOG_FILE ?? "", "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ place: `the log of ${partOf(line)}`, text: line }));
}

/** Who wrote it; what is no entry of the log comes from Next or Node themselves. */
export function partOf(line: string): string {
  const entry = /^\{.*"part":"([^"]+)"/.exec(line);
  return entry?.[1] ?? "no part";
}

/** Every value of every table, as text; partitions under the name of their table. */
export async function readTables(pool: Pool): Promise<Place[]> {
  const { rows: tables } = await pool.query<{ name: string; root: string }>(
    `select c.oid::regclass::text as name, coalesce(pg_partition_root(c.oid), c.oid)::regclass::text as root
       from pg_class c
      where c.relkind = 'r' and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`,
  );
  const places: Place[] = [];
  for (const { name, root } of tables) {
    const { rows } = await pool.query<{ key: string; value: string }>(
      `select e.key, e.value from ${name} t, json_each_text(row_to_json(t)) e where e.value is not null`,
    );
    // One by one: a table of a long journey has more cells than a call may have arguments.
    for (const { key, value } of rows) places.push({ place: `${root}.${key}`, text: value });
  }
  return places;
}
