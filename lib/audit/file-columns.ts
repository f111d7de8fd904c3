import { textColumn, timeColumns, valueColumn } from "#lib/exports/columns.ts";
import type { FileColumn } from "#lib/exports/copy-lines.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** The columns of an audit log's file, in the zone; the names of JSON Lines are those of the table, its times are in UTC. */
export const auditColumns = (timeZone: string): readonly FileColumn[] => [
  ...timeColumns({ head: "Time", name: "at" }, Prisma.sql`at`, timeZone),
  valueColumn("Actor kind", "actorKind", Prisma.sql`actor_kind`),
  textColumn("Actor", "actor", Prisma.sql`actor_name`),
  textColumn("Actor ID", "actorId", Prisma.sql`actor_id`),
  textColumn("Address", "address", plain),
  textColumn("Browser", "userAgent", Prisma.sql`user_agent`),
  valueColumn("Action", "action", Prisma.sql`action`),
  valueColumn("Result", "result", Prisma.sql`result`),
  valueColumn("Channel ID", "channelId", Prisma.sql`channel_id`),
  valueColumn("Provider ID", "providerId", Prisma.sql`provider_id`),
  textColumn("Target kind", "targetKind", Prisma.sql`target_kind`),
  textColumn("Target ID", "targetId", Prisma.sql`target_id`),
  textColumn("Target", "target", targetName),
  { ...textColumn("Before", "before", Prisma.sql`before::text`), value: Prisma.sql`before` },
  { ...textColumn("After", "after", Prisma.sql`after::text`), value: Prisma.sql`after` },
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
