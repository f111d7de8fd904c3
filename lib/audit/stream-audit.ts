import type { Pool } from "pg";
import { exportLimit, takeTry } from "#lib/accounts/rate-limit.ts";
import { streamCopy } from "#lib/copy-stream.ts";
import type { Database } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { Actor } from "./actor.ts";
import { entriesAsked } from "./queries.ts";
import { recordAudit } from "./record-audit.ts";
import type { AuditScope, AuditSearch } from "./search.ts";

type Wanted = { scope: AuditScope; search: AuditSearch; timeZone: string };

/**
 * Lets a person take a log out; that is an entry itself. As streamAudit.
 * @throws AppError rate_limited
 */
export async function exportAudit(
  { db, pool }: Pick<Database, "db" | "pool">,
  actor: Extract<Actor, { kind: "user" }>,
  wanted: Wanted,
): Promise<ReadableStream<Uint8Array>> {
  const { scope, search } = wanted;
  await takeTry(db, exportLimit, actor.id);
  await recordAudit(db, {
    actor,
    action: "audit_exported",
    ...(scope.kind === "channel" ? { channelId: scope.id } : {}),
    ...(scope.kind === "provider" ? { providerId: scope.id } : {}),
    after: Object.fromEntries(Object.entries(search).filter(([, value]) => value !== null)),
  });
  return streamAudit(pool, actor.id, wanted);
}

/**
 * A log as TSV, streamed, newest first, in the viewer's zone with its offset. No cell holds a tab, a line end or another
 * control, and none is a formula for a spreadsheet.
 */
function streamAudit(
  pool: Pool,
  reader: string,
  wanted: Wanted,
): Promise<ReadableStream<Uint8Array>> {
  const { scope, search, timeZone } = wanted;
  const asked = entriesAsked(scope, { ...search, before: null }, timeZone);
  const rows = Prisma.sql`
    select to_char(at at time zone ${timeZone}, 'YYYY-MM-DD HH24:MI:SS.MS') as "Time", ${timeZone} as "Zone",
           actor_kind as "Actor kind", ${cell(Prisma.sql`actor_name`)} as "Actor", ${cell(Prisma.sql`actor_id`)} as "Actor ID",
           ${cell(Prisma.sql`address`)} as "Address", ${cell(Prisma.sql`user_agent`)} as "Browser", action as "Action",
           result as "Result", channel_id as "Channel ID", provider_id as "Provider ID",
           ${cell(Prisma.sql`target_kind`)} as "Target kind", ${cell(Prisma.sql`target_id`)} as "Target ID",
           ${cell(Prisma.sql`target_name`)} as "Target", ${cell(Prisma.sql`before::text`)} as "Before",
           ${cell(Prisma.sql`after::text`)} as "After"
      from audit_entries where ${asked} order by id desc`;
  return streamCopy(
    pool,
    Prisma.sql`copy (${rows}) to stdout with (format csv, header true, delimiter E'\t', quote E'\x01', escape E'\x01')`,
    { reader },
  );
}

/** `safeCell` of lib/webhook-errors/safe-cell.ts, in SQL. */
const cell = (column: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`nullif(regexp_replace(
    regexp_replace(${column}, '[\\u0001-\\u001f\\u007f]', ' ', 'g'), '^( *[-=+@＝＋－＠"])', '''\\1'), '')`;
