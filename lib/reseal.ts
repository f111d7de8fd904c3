import type { Pool } from "pg";
import { inTransaction } from "./db.ts";
import { seal, sealedPrefix, unseal } from "./sealing.ts";

/**
 * Every column that holds sealed values. Each is sealed for the place `<table>.<column>.<id>`; a test compares this list with
 * the schema.
 */
export const sealedColumns = [
  { table: "channels", column: "sealed_secret", id: "id" },
  { table: "channels", column: "next_sealed_secret", id: "id" },
  { table: "second_factors", column: "sealed_secret", id: "user_id" },
  { table: "mails", column: "sealed_content", id: "id" },
  { table: "alert_targets", column: "sealed_url", id: "id" },
  { table: "alert_targets", column: "sealed_secret", id: "id" },
] as const satisfies readonly SealedColumn[];

type SealedColumn = { table: string; column: string; id: string };

const batchRows = 100;

/** `failed`: places whose value no key opens; they are left as they are. */
export type ResealReport = { resealedCount: number; failed: string[] };

/**
 * Seals anew, with the key in force, whatever an older one sealed; in transactions of 100 rows, so that nobody waits long.
 * Stopped half-way and run again, it goes on where it was; while the product runs, its parts must know both keys.
 */
export async function resealAll(pool: Pool, key: Buffer): Promise<ResealReport> {
  const report: ResealReport = { resealedCount: 0, failed: [] };
  for (const column of sealedColumns) {
    let after: string | null = "";
    while (after !== null) after = await resealBatch(pool, key, column, after, report);
  }
  return report;
}

/** The last id of the batch, or null when none was left. */
async function resealBatch(
  pool: Pool,
  key: Buffer,
  { table, column, id }: SealedColumn,
  after: string,
  report: ResealReport,
): Promise<string | null> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string; sealed: string }>(
      `select ${id}::text as id, ${column} as sealed from ${table}
        where ${column} is not null and not starts_with(${column}, $1) and ${id}::text > $2
        order by ${id}::text limit ${batchRows} for no key update`,
      [sealedPrefix(key), after],
    );
    for (const row of rows) {
      const place = `${table}.${column}.${row.id}`;
      const anew = sealAnew(key, place, row.sealed);
      if (anew === null) report.failed.push(place);
      else {
        await client.query(`update ${table} set ${column} = $2 where ${id}::text = $1`, [
          row.id,
          anew,
        ]);
        report.resealedCount += 1;
      }
    }
    return rows.at(-1)?.id ?? null;
  });
}

function sealAnew(key: Buffer, place: string, sealed: string): string | null {
  try {
    return seal(key, place, unseal(key, place, sealed));
  } catch {
    return null;
  }
}
