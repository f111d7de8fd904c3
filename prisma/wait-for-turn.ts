import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";

const everyMs = 250;
/** Who holds the lock is said first after so long, and then again. */
const quietMs = 3_000;
const saidEveryMs = 30_000;

/**
 * Takes an advisory lock for the session of `client`, and says meanwhile who holds it.
 * @throws Error in words that name the holder, after `patienceMs`.
 */
export async function waitForTurn(
  client: Client,
  lock: number,
  { say, patienceMs }: { say: (line: string) => void; patienceMs: number },
): Promise<void> {
  const begun = performance.now();
  for (let sayAt = begun + quietMs; ; ) {
    const { rows } = await client.query<{ mine: boolean }>(
      "select pg_try_advisory_lock($1) as mine",
      [lock],
    );
    if (rows[0]?.mine === true) return;
    const now = performance.now();
    if (now - begun > patienceMs) {
      throw new Error(
        `Another process is still migrating the database: ${await describeHolder(client, lock)}. Nothing was changed. ` +
          "Start again when it has finished; if it is stuck, end it with select pg_terminate_backend(NUMBER).",
      );
    }
    if (now > sayAt) {
      say(`Waiting for another process that migrates: ${await describeHolder(client, lock)}`);
      sayAt = now + saidEveryMs;
    }
    await pause(everyMs);
  }
}

async function describeHolder(client: Client, lock: number): Promise<string> {
  const { rows } = await client.query<{ text: string }>(
    `select format('%s, from %s since %s, session %s', coalesce(nullif(a.application_name, ''), 'without a name'),
                   coalesce(host(a.client_addr), 'the database''s machine'), to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ'),
                   a.pid) as text
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1 and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())`,
    [lock],
  );
  return rows[0]?.text ?? "it has just ended";
}
