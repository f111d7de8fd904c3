import type { Pool, PoolClient } from "pg";
import { type ToldTrouble, toldTroubles } from "./schema.ts";

/** Any number, the same for every process: the class of the advisory locks that tell of intakes. */
const lockClass = 7_046_210;

/** Whoever tells says so again within this, or is taken for stopped: PostgreSQL ends its session, and what it told. */
const silenceMs = 30_000;

export type TroubleTeller = {
  /** Says these until something else is said; none: nothing is in the way. To be called again and again, far within 30 s. */
  tell: (troubles: readonly ToldTrouble[]) => Promise<void>;
  stop: () => void;
};

/**
 * Tells every process over the database why this one takes nothing in, by an advisory lock of a connection: that needs no room
 * on a full disk, and ends by itself with the process, or soon after that was stopped. Holds a connection of the pool while
 * there is something to tell.
 */
export function createTroubleTeller(pool: Pool, options = { silenceMs }): TroubleTeller {
  let said = "";
  let client: PoolClient | undefined;
  const letGo = (): void => {
    client?.release(true);
    client = undefined;
    said = "";
  };
  return {
    tell: async (troubles) => {
      const words = troubles.join();
      if (words === said) {
        await client?.query("select").catch(letGo);
        return;
      }
      letGo();
      if (words === "") return;
      client = await pool.connect();
      // A connection that breaks meanwhile tells nothing more: it is told anew.
      client.once("error", letGo);
      await client.query(`set idle_session_timeout = ${options.silenceMs}`);
      await client.query("select pg_advisory_lock_shared($1, kind) from unnest($2::int[]) kind", [
        lockClass,
        troubles.map((trouble) => toldTroubles.indexOf(trouble)),
      ]);
      said = words;
    },
    stop: letGo,
  };
}

/** What the intakes over this database say at this moment, each trouble once. */
export async function listTroubles(pool: Pool): Promise<ToldTrouble[]> {
  const { rows } = await pool.query<{ kind: number }>(
    `select distinct l.objid::int as kind from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and l.classid = $1 and d.datname = current_database() and l.granted order by 1`,
    [lockClass],
  );
  return rows.flatMap(({ kind }) => toldTroubles[kind] ?? []);
}
