import type { Pool } from "pg";
import type { CopyConnection } from "#lib/copy-connection.ts";
import { type CountedFile, type SettledFile, streamCounted } from "#lib/copy-stream.ts";
import type { Database } from "#lib/db.ts";
import { exportLimit, takeTry } from "#lib/limits/rate-limit.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { Actor } from "./actor.ts";
import { entriesAsked } from "./queries.ts";
import { recordAudit } from "./record-audit.ts";
import type { AuditedPlace, AuditSearch } from "./search.ts";

type Wanted = { place: AuditedPlace; search: AuditSearch; timeZone: string };

/**
 * Lets a person take a log out; that is an entry itself. As streamAudit.
 * @throws AppError rate_limited
 */
export async function exportAudit(
  { db, pool }: Pick<Database, "db" | "pool">,
  actor: Extract<Actor, { kind: "user" }>,
  wanted: Wanted,
): Promise<CountedFile> {
  const { scope, search } = wanted;
  await takeTry(db, exportLimit, actor.id);
  await recordAudit(db, {
    actor,
    action: "audit_exported",
    ...(place.kind === "channel" ? { channelId: place.id } : {}),
    ...(place.kind === "provider" ? { providerId: place.id } : {}),
    after: Object.fromEntries(Object.entries(search).filter(([, value]) => value !== null)),
  });
  return streamAudit(pool, actor.id, wanted);
}

/** Entries of one statement: enough that beginning it costs nothing, few enough to stand in memory. */
const entriesAtOnce = 2_000;

/**
 * A log as TSV, streamed as `streamCopies` says, newest first, in the viewer's zone with its offset: the entries that were
 * there when it was begun, each once. No cell holds a tab, a line end or another control, and none is a formula for a
 * spreadsheet.
 */
function streamAudit(pool: Pool, reader: string, wanted: Wanted): Promise<CountedFile> {
  return streamCounted(pool, (connection) => settleEntries(connection, wanted), { reader });
}

/** By id, which carries the order and never changes; an entry is never changed either, so that their count is exact. */
async function settleEntries(
  connection: CopyConnection,
  { scope, search, timeZone }: Wanted,
): Promise<SettledFile> {
  const asked = entriesAsked(scope, { ...search, before: null }, timeZone);
  const [row] = await connection.ask<{ newest: string | null; count: number }>(
    Prisma.sql`select max(id) as newest, count(*)::int as count from audit_entries where ${asked}`,
  );
  const pieces = copyEntries(connection, asked, { newest: row?.newest ?? null, timeZone });
  return { rowCount: row?.count ?? 0, pieces };
}

async function* copyEntries(
  { ask, copy }: CopyConnection,
  asked: Prisma.Sql,
  { newest: last, timeZone }: { newest: string | null; timeZone: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(`${columns.join("\t")}\n`);
  const idOf = async (which: Prisma.Sql, nth: number) => {
    const [row] = await ask<{ id: string }>(
      Prisma.sql`select id from audit_entries where ${which} order by id desc offset ${nth}::int limit 1`,
    );
    return row?.id ?? null;
  };
  // Both ends of a part are in it.
  let newest = last;
  while (newest !== null) {
    const rest = Prisma.sql`${asked} and id <= ${newest}::bigint`;
    const next = await idOf(rest, entriesAtOnce);
    const part = next === null ? rest : Prisma.sql`${rest} and id > ${next}::bigint`;
    yield (
      await copy(
        Prisma.sql`copy (${entries(part, timeZone)}) to stdout with (format csv, delimiter E'\t', quote E'\x01', escape E'\x01')`,
      )
    ).bytes;
    newest = next;
  }
}

const columns = [
  ...["Time", "Zone", "Actor kind", "Actor", "Actor ID", "Address", "Browser", "Action", "Result"],
  ...["Channel ID", "Provider ID", "Target kind", "Target ID", "Target", "Before", "After"],
];

const entries = (which: Prisma.Sql, timeZone: string): Prisma.Sql => Prisma.sql`
  select to_char(at at time zone ${timeZone}, 'YYYY-MM-DD HH24:MI:SS.MS'), ${timeZone}, actor_kind,
         ${cell(Prisma.sql`actor_name`)}, ${cell(Prisma.sql`actor_id`)}, ${cell(Prisma.sql`address`)},
         ${cell(Prisma.sql`user_agent`)}, action, result, channel_id, provider_id, ${cell(Prisma.sql`target_kind`)},
         ${cell(Prisma.sql`target_id`)}, ${cell(Prisma.sql`target_name`)}, ${cell(Prisma.sql`before::text`)},
         ${cell(Prisma.sql`after::text`)}
    from audit_entries where ${which} order by id desc`;

/** `safeCell` of lib/webhook-errors/safe-cell.ts, in SQL. */
const cell = (column: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`nullif(regexp_replace(
    regexp_replace(${column}, '[\\u0001-\\u001f\\u007f]', ' ', 'g'), '^( *[-=+@＝＋－＠"])', '''\\1'), '')`;
