import type { Pool } from "pg";

/** Who reads a clock: one process. */
export type ClockOwner = {
  /** A UUID of the process's own. */
  process: string;
  /** Such as `engine worker`. */
  part: string;
  host: string;
};

/** `offsetMs`: the process's clock less the database's. */
export type ReadClock = Pick<ClockOwner, "part" | "host"> & { offsetMs: number };

/** A process's clock is wrong from here on: people are told. */
export const wrongFromMs = 30_000;
/** Nobody has heard of the process for so long: it is taken to be gone. */
const silentAfter = "5 minutes";

type Queryable = Pick<Pool, "query">;

/** Leaves a process's reading for whoever watches over the processes, and forgets those of processes that are gone. */
export async function noteClock(
  client: Queryable,
  { process, part, host }: ClockOwner,
  offsetMs: number,
): Promise<void> {
  await client.query(
    `with gone as (delete from clock_readings where read_at < now() - interval '${silentAfter}' and process <> $1)
     insert into clock_readings (process, part, host, offset_ms) values ($1, $2, $3, $4)
     on conflict (process) do update set offset_ms = excluded.offset_ms, read_at = now()`,
    [process, part, host, offsetMs],
  );
}

/** A process that ends takes its reading with it. */
export async function dropClock(client: Queryable, { process }: ClockOwner): Promise<void> {
  await client.query("delete from clock_readings where process = $1", [process]);
}

/** Of each part on each host the clock that is furthest off, of the processes that run. */
export async function listClocks(client: Queryable): Promise<ReadClock[]> {
  const { rows } = await client.query<ReadClock>(
    `select distinct on (part, host) part, host, offset_ms as "offsetMs" from clock_readings
      where read_at > now() - interval '${silentAfter}' order by part, host, abs(offset_ms) desc`,
  );
  return rows;
}

/** Those of `listClocks` that are wrong. */
export async function listWrongClocks(client: Queryable): Promise<ReadClock[]> {
  return (await listClocks(client)).filter(({ offsetMs }) => Math.abs(offsetMs) > wrongFromMs);
}
