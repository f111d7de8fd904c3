import type { FileColumn } from "#lib/exports/copy-lines.ts";
import { safeCellSql } from "#lib/exports/safe-cell.ts";
import { offsetOf } from "#lib/time/offset-sql.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** The columns of an audit log's file, in the zone; the names of JSON Lines are those of the table, its times are in UTC. */
export const auditColumns = (timeZone: string): readonly FileColumn[] => [
  {
    head: "Time",
    cell: Prisma.sql`to_char(at at time zone ${timeZone}, 'YYYY-MM-DD HH24:MI:SS.MS')`,
    name: "at",
    value: Prisma.sql`to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  },
  column("Offset", "offset", offsetOf(Prisma.sql`at`, timeZone)),
  column("Zone", "zone", Prisma.sql`${timeZone}::text`),
  column("Actor kind", "actorKind", Prisma.sql`actor_kind`),
  text("Actor", "actor", Prisma.sql`actor_name`),
  text("Actor ID", "actorId", Prisma.sql`actor_id`),
  text("Address", "address", plain),
  text("Browser", "userAgent", Prisma.sql`user_agent`),
  column("Action", "action", Prisma.sql`action`),
  column("Result", "result", Prisma.sql`result`),
  column("Channel ID", "channelId", Prisma.sql`channel_id`),
  column("Provider ID", "providerId", Prisma.sql`provider_id`),
  text("Target kind", "targetKind", Prisma.sql`target_kind`),
  text("Target ID", "targetId", Prisma.sql`target_id`),
  text("Target", "target", targetName),
  { ...text("Before", "before", Prisma.sql`before::text`), value: Prisma.sql`before` },
  { ...text("After", "after", Prisma.sql`after::text`), value: Prisma.sql`after` },
];

/**
 * What the entry is about, by its name of then; of an invitation whom it was sent to, for as long as that is kept: an address
 * has no place in a log that nothing can be taken out of.
 */
export const targetName = Prisma.sql`
  case when target_kind = 'invitation'
       then (select email from invitations where id = case when target_kind = 'invitation' then target_id::uuid end)
       else target_name end`;

/** `plainAddress` in SQL, for entries of before. */
const plain = Prisma.sql`regexp_replace(address, '^::ffff:(\\d+\\.\\d+\\.\\d+\\.\\d+)$', '\\1')`;

/** What the product itself wrote. */
function column(head: string, name: string, sql: Prisma.Sql): FileColumn {
  return { head, cell: sql, name, value: sql };
}

/** What people and programs chose. */
function text(head: string, name: string, sql: Prisma.Sql): FileColumn {
  return { ...column(head, name, sql), cell: safeCellSql(sql) };
}
