import type { Socket } from "node:net";
import { PrismaPg } from "@prisma/adapter-pg";
import { type ClientBase, Pool, type PoolClient, type PoolConfig } from "pg";
import { PrismaClient } from "#prisma/generated/client.ts";

/** Prisma, for simple reads, writes and tagged-template SQL. Inside `$transaction` the client lacks only that method. */
export type Db = Omit<
  PrismaClient,
  "$connect" | "$disconnect" | "$on" | "$transaction" | "$extends"
>;

/** Prisma that can open a transaction: what commands take. */
export type TransactionalDb = PrismaClient;

/** Both ways to one PostgreSQL: `pool` is for the hot statements of the engine and for streaming. */
export type Database = { db: TransactionalDb; pool: Pool; close: () => Promise<void> };

/** What one use of the database may take of it; what is left out has no limit. lib/database-uses.ts has the product's uses. */
export type DatabaseUse = {
  connectionsMax?: number;
  /** For a connection, made or come free. */
  acquireMs?: number;
  /** What the database ends by itself after so long. */
  statementMs?: number;
  /** For any one lock, within a statement. */
  lockMs?: number;
  /** For the next statement of a transaction: its locks go when a process stops or is lost in the middle. */
  idleTransactionMs?: number;
  /**
   * Without a byte from the database while a statement is under way the connection is given up: the network is gone, or the
   * machine is frozen. Longer than `statementMs`, after which a database that lives has answered.
   */
  silenceMs?: number;
};

/**
 * Opens a pool over one database; Prisma and plain `pg` share it. Nothing is connected until first used. Times are UTC's
 * in all of it: Prisma's adapter takes what a session writes for UTC, whatever zone the database is set to.
 * `onIdleError` is told when the server drops an idle connection; the pool replaces it by itself.
 */
export function openDatabase(
  url: string,
  options: DatabaseUse & {
    name?: string;
    onIdleError?: (error: Error) => void;
    /** Another make of pool. */
    makePool?: (config: PoolConfig) => Pool;
  } = {},
): Database {
  const { makePool = (config: PoolConfig) => new Pool(config) } = options;
  const pool = makePool({
    connectionString: url,
    max: options.connectionsMax ?? 10,
    application_name: options.name ?? "tocsin",
    connectionTimeoutMillis: options.acquireMs ?? 10_000,
    idle_in_transaction_session_timeout: options.idleTransactionMs ?? 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    onConnect: async (client) => {
      if (options.silenceMs !== undefined) breakWhenSilent(client, options.silenceMs);
      await client.query("set timezone = 'UTC'");
      await endWithCaller(client);
    },
    ...(options.statementMs === undefined ? {} : { statement_timeout: options.statementMs }),
    ...(options.lockMs === undefined ? {} : { lock_timeout: options.lockMs }),
  });
  pool.on("error", (error) => options.onIdleError?.(error));
  // A connection that breaks while it is in use tells its statement, and emits this too: unheard, it would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    db,
    pool,
    close: async () => {
      await db.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

/** The database ends what nobody waits for any more, also where it waits for a lock. Some systems cannot: there it does not. */
async function endWithCaller(client: ClientBase): Promise<void> {
  await client.query("set client_connection_check_interval = 1000").catch(() => undefined);
}

/**
 * Breaks a connection off that says nothing while a statement is under way, which fails that statement and takes the
 * connection out of the pool. (pg's own `query_timeout` leaves it there, and whoever comes next waits behind.)
 */
function breakWhenSilent(client: ClientBase, silenceMs: number): void {
  const { connection, isBusy } = insideOf(client);
  connection.stream.setTimeout(silenceMs, () => {
    if (!isBusy()) return;
    const error = new Error(`the database has said nothing for ${silenceMs} ms`);
    connection.stream.destroy(Object.assign(error, { code: "ETIMEDOUT" }));
  });
}

/** What the pool hands out is a Client, which has these (seen in pg 8.23; engine/database-limits.integration.test.ts fails where it has not). */
function insideOf(client: ClientBase): { connection: { stream: Socket }; isBusy: () => boolean } {
  const whole = client as unknown as { connection: { stream: Socket }; readyForQuery: boolean };
  return { connection: whole.connection, isBusy: () => !whole.readyForQuery };
}

/** Runs `work` in one transaction on one connection of the pool; rolls back when it throws. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    // A connection that broke, or whose rollback fails, is not given back to the pool.
    await client.query("rollback").catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error(String(cause));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
