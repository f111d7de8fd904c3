import type { CopyConnection } from "#lib/copy-connection.ts";
import type { SettledFile } from "#lib/copy-stream.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { copyLines, type FileColumn, headLine, selectLines } from "./copy-lines.ts";
import type { ExportFormat } from "./schema.ts";

/**
 * Rows of a table as a file lists them: backwards by `keys`, which name a row, never change and have an index together with what is
 * asked. Names of columns and types only.
 */
export type Listed = {
  table: string;
  asked: Prisma.Sql;
  keys: readonly { column: string; type: "bigint" | "uuid" | "timestamptz" }[];
};

type Key = readonly string[];

/** Rows of one statement: enough that beginning it costs nothing, few enough to stand in memory. */
const rowsAtOnce = 2_000;

/** Counts the rows, and has them read part by part: those that are there as it begins, each once. */
export async function settleListed(
  connection: CopyConnection,
  listed: Listed,
  file: { format: ExportFormat; columns: readonly FileColumn[] },
): Promise<SettledFile> {
  const newest = await keyOf(connection, listed, listed.asked, 0);
  if (newest === null) return { rowCount: 0, pieces: copyListed(connection, listed, file, null) };
  const [row] = await connection.ask<{ count: number }>(Prisma.sql`
    select count(*)::int as count from ${tableOf(listed)} where ${upTo(listed, newest)}`);
  return { rowCount: row?.count ?? 0, pieces: copyListed(connection, listed, file, newest) };
}

async function* copyListed(
  connection: CopyConnection,
  listed: Listed,
  { format, columns }: { format: ExportFormat; columns: readonly FileColumn[] },
  first: Key | null,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield headLine(
    format,
    columns.map(({ head }) => head),
  );
  // Both ends of a part are in it.
  let newest = first;
  while (newest !== null) {
    const rest = upTo(listed, newest);
    const next = await keyOf(connection, listed, rest, rowsAtOnce);
    const part = next === null ? rest : Prisma.sql`${rest} and ${compared(listed, ">", next)}`;
    const rows = Prisma.sql`from ${tableOf(listed)} where ${part} order by ${backwards(listed)}`;
    yield (await copyLines(connection, format, selectLines(format, columns, rows))).bytes;
    newest = next;
  }
}

/** The key of the nth row, as text; null where there are not so many. */
async function keyOf(
  { ask }: CopyConnection,
  listed: Listed,
  which: Prisma.Sql,
  nth: number,
): Promise<Key | null> {
  const texts = listed.keys.map(({ column }) => Prisma.sql`${Prisma.raw(column)}::text`);
  const [row] = await ask<{ key: string[] }>(Prisma.sql`
    select array[${Prisma.join(texts)}] as key from ${tableOf(listed)}
     where ${which} order by ${backwards(listed)} offset ${nth}::int limit 1`);
  return row?.key ?? null;
}

const tableOf = ({ table }: Listed): Prisma.Sql => Prisma.raw(table);

const upTo = (listed: Listed, newest: Key): Prisma.Sql =>
  Prisma.sql`${listed.asked} and ${compared(listed, "<=", newest)}`;

function compared({ keys }: Listed, how: "<=" | ">", key: Key): Prisma.Sql {
  const columns = keys.map(({ column }) => Prisma.raw(column));
  const values = keys.map(({ type }, nth) => Prisma.sql`${key[nth]}::${Prisma.raw(type)}`);
  return Prisma.sql`(${Prisma.join(columns)}) ${Prisma.raw(how)} (${Prisma.join(values)})`;
}

const backwards = ({ keys }: Listed): Prisma.Sql =>
  Prisma.join(keys.map(({ column }) => Prisma.sql`${Prisma.raw(column)} desc`));
