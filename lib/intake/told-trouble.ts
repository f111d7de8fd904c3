import type { Pool, PoolClient } from "pg";
import { type IntakeTrouble, intakeTroubles } from "./schema.ts";

/** Any number, the same for every process: the class of the advisory locks that tell of intakes. */
const lockClass = 7_046_210;

export type TroubleTeller = {
  /** Says it until something else is said; null: nothing is in the way. */
  tell: (trouble: IntakeTrouble | null) => Promise<void>;
  stop: () => void;
};

/**
 * Tells every process over the database why this one takes nothing in, by an advisory lock of a connection: that needs no room
 * on a full disk, and ends by itself with the process. Holds a connection of the pool while there is something to tell.
 */
export function createTroubleTeller(pool: Pool): TroubleTeller {
  let told: IntakeTrouble | null = null;
  let client: PoolClient | undefined;
  const letGo = (): void => {
    client?.release(true);
    client = undefined;
    told = null;
  };
  return {
    tell: async (trouble) => {
      if (trouble === told) return;
      letGo();
      if (trouble === null) return;
      client = await pool.connect();
      // A connection that breaks meanwhile tells nothing more: it is told anew.
      client.once("error", letGo);
      await client.query("select pg_advisory_lock_shared($1, $2)", [
        lockClass,
        intakeTroubles.indexOf(trouble),
      ]);
      told = trouble;
    },
    stop: letGo,
  };
}

/** What the intakes over this database say at this moment, each trouble once. */
export async function listTroubles(pool: Pool): Promise<IntakeTrouble[]> {
  const { rows } = await pool.query<{ kind: number }>(
    `select distinct l.objid::int as kind from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and l.classid = $1 and d.datname = current_database() and l.granted order by 1`,
    [lockClass],
  );
  return rows.flatMap(({ kind }) => intakeTroubles[kind] ?? []);
}
