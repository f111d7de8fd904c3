import type { Pool } from "pg";
import type { Db } from "#lib/db.ts";

// Rounded as the columns round it: what was stored "now" is not later than this now.
const asked = "select now()::timestamptz(3) as now";

/**
 * The database's time; inside a transaction, when that began. Of what is stored the database's clock alone decides what is
 * due, old or over, as the clocks of processes differ: wherever a statement cannot say `now()` itself, this is the time.
 */
export async function databaseTime(db: Db): Promise<Date> {
  return only(await db.$queryRawUnsafe<{ now: Date }[]>(asked));
}

/** The same with a client of `pg`. */
export async function poolTime(client: Pick<Pool, "query">): Promise<Date> {
  return only((await client.query<{ now: Date }>(asked)).rows);
}

function only([row]: readonly { now: Date }[]): Date {
  if (row === undefined) throw new Error("PostgreSQL did not return the time");
  return row.now;
}
