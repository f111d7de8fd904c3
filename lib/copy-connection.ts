import pg, { type PoolClient } from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Prisma } from "#prisma/generated/client.ts";

/** What was copied by one statement, as UTF-8. */
export type Copied = { bytes: Buffer; rowCount: number };

/** The connection that a file is read by. Between two statements it holds no snapshot. */
export type CopyConnection = {
  /** Runs a `copy (…) to stdout` to its end. What it writes stands in memory: the statement bounds it. */
  copy: (statement: Prisma.Sql) => Promise<Copied>;
  ask: <Row extends object>(question: Prisma.Sql) => Promise<Row[]>;
  /** Runs a statement that takes no parameters, such as `create table … as`. */
  run: (statement: Prisma.Sql) => Promise<void>;
};

export function createCopyConnection(client: PoolClient): CopyConnection {
  return {
    copy: async (statement) => {
      const copy = client.query(copyTo(inlineLiterals(statement)));
      const chunks: Uint8Array[] = [];
      for await (const chunk of copy) chunks.push(chunk);
      return { bytes: Buffer.concat(chunks), rowCount: copy.rowCount };
    },
    ask: async <Row extends object>({ text, values }: Prisma.Sql) =>
      (await client.query<Row>(text, [...values])).rows,
    run: async (statement) => {
      await client.query(inlineLiterals(statement));
    },
  };
}

/**
 * COPY takes no parameters, so every value is written into the statement: texts escaped by the driver, nothing but texts
 * and whole numbers let through.
 */
function inlineLiterals(sql: Prisma.Sql): string {
  return sql.strings.reduce((text, part, index) => text + literal(sql.values[index - 1]) + part);
}

function literal(value: unknown): string {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && !value.includes("\u0000")) return pg.escapeLiteral(value);
  throw new Error("only texts and whole numbers can be written into a statement");
}
