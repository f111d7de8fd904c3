import { offsetOf } from "#lib/time/offset-sql.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { FileColumn } from "./copy-lines.ts";
import { safeCellSql } from "./safe-cell.ts";

/** What the product itself wrote. */
export const valueColumn = (head: string, name: string, sql: Prisma.Sql): FileColumn => ({
  ...{ head, cell: sql, name, value: sql },
});

/** What people and programs chose: harmless as a cell. */
export const textColumn = (head: string, name: string, sql: Prisma.Sql): FileColumn => ({
  ...valueColumn(head, name, sql),
  cell: safeCellSql(sql),
});

/** A time on the wall of the zone, its offset and the zone; in JSON Lines the time is in UTC. */
export const timeColumns = (
  { head, name }: { head: string; name: string },
  at: Prisma.Sql,
  timeZone: string,
): readonly FileColumn[] => [
  {
    ...{ head, name },
    cell: Prisma.sql`to_char(${at} at time zone ${timeZone}, 'YYYY-MM-DD HH24:MI:SS.MS')`,
    value: Prisma.sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  },
  valueColumn("Offset", "offset", offsetOf(at, timeZone)),
  valueColumn("Zone", "zone", Prisma.sql`${timeZone}::text`),
];
