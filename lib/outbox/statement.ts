import type { Pool, PoolClient } from "pg";
import type { Db } from "#lib/db.ts";

/** Runs one statement where its caller's transaction runs, whichever client holds that; resolves with the rows. */
export type RunStatement = <Row>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

/** With a client of `pg`. Rows are what the statement's own columns say. */
export const withClient =
  (client: Pick<Pool | PoolClient, "query">): RunStatement =>
  async <Row>(sql: string, values: readonly unknown[]) =>
    (await client.query(sql, [...values])).rows as Row[];

/** With Prisma. Statements are fixed texts of this folder, so nothing a person typed is part of one. */
export const withPrisma =
  (tx: Db): RunStatement =>
  <Row>(sql: string, values: readonly unknown[]) =>
    tx.$queryRawUnsafe<Row[]>(sql, ...values);
