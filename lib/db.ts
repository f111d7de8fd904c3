import { PrismaPg } from "@prisma/adapter-pg";
import { Pool, type PoolClient, type PoolConfig } from "pg";
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

/**
 * Opens a pool over one database; Prisma and plain `pg` share it. Nothing is connected until first used.
 * `onIdleError` is told when the server drops an idle connection; the pool replaces it by itself.
 */
export function openDatabase(
  url: string,
  options: {
    connectionsMax?: number;
    name?: string;
    onIdleError?: (error: Error) => void;
    /** What the database ends by itself after so long; no limit unless given. */
    statementTimeoutMs?: number;
    /** Another make of pool. */
    makePool?: (config: PoolConfig) => Pool;
  } = {},
): Database {
  const { statementTimeoutMs, makePool = (config: PoolConfig) => new Pool(config) } = options;
  const pool = makePool({
    connectionString: url,
    max: options.connectionsMax ?? 10,
    application_name: options.name ?? "tocsin",
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: 60_000,
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
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
    // A connection whose rollback fails is not given back to the pool.
    await client.query("rollback").catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error(String(cause));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
