import type { Pool } from "pg";
import type { CopyConnection } from "#lib/copy-connection.ts";
import { type CountedFile, type SettledFile, streamCounted } from "#lib/copy-stream.ts";
import type { Database } from "#lib/db.ts";
import { copyLines, headLine, selectLines } from "#lib/exports/copy-lines.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { exportLimit, takeTry } from "#lib/limits/rate-limit.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { Actor } from "./actor.ts";
import { auditColumns } from "./file-columns.ts";
import { entriesAsked } from "./queries.ts";
import { recordAudit } from "./record-audit.ts";
import type { AuditedPlace, AuditSearch } from "./search.ts";

type Wanted = {
  scope: AuditScope;
  search: AuditSearch;
  timeZone: string;
  format: ExportFormat;
};

/**
 * Lets a person take a log out; that is an entry itself. As streamAudit.
 * @throws AppError rate_limited
 */
export async function exportAudit(
  { db, pool }: Pick<Database, "db" | "pool">,
  actor: Extract<Actor, { kind: "user" }>,
  wanted: Wanted,
): Promise<CountedFile> {
  const { scope, search, format } = wanted;
  await takeTry(db, exportLimit, actor.id);
  await recordAudit(db, {
    actor,
    action: "audit_exported",
    ...(scope.kind === "channel" ? { channelId: scope.id } : {}),
    ...(scope.kind === "provider" ? { providerId: scope.id } : {}),
    after: {
      format,
      ...Object.fromEntries(Object.entries(search).filter(([, value]) => value !== null)),
    },
  });
  return streamAudit(pool, actor.id, wanted);
}

/** Entries of one statement: enough that beginning it costs nothing, few enough to stand in memory. */
const entriesAtOnce = 2_000;

/**
 * A log as a file, streamed as `streamCopies` says, newest first, in the viewer's zone with its offset: the entries that were
 * there when it was begun, each once. No cell holds a tab, a line end or another control, and none is a formula for a
 * spreadsheet.
 */
function streamAudit(pool: Pool, reader: string, wanted: Wanted): Promise<CountedFile> {
  return streamCounted(pool, (connection) => settleEntries(connection, wanted), { reader });
}

/** By id, which carries the order and never changes; an entry is never changed either, so that their count is exact. */
async function settleEntries(
  connection: CopyConnection,
  { scope, search, timeZone, format }: Wanted,
): Promise<SettledFile> {
  const asked = entriesAsked(scope, { ...search, before: null }, timeZone);
  const [row] = await connection.ask<{ newest: string | null; count: number }>(
    Prisma.sql`select max(id) as newest, count(*)::int as count from audit_entries where ${asked}`,
  );
  const pieces = copyEntries(connection, asked, { newest: row?.newest ?? null, timeZone, format });
  return { rowCount: row?.count ?? 0, pieces };
}

async function* copyEntries(
  connection: CopyConnection,
  asked: Prisma.Sql,
  {
    newest: last,
    timeZone,
    format,
  }: Pick<Wanted, "timeZone" | "format"> & { newest: string | null },
): AsyncGenerator<Uint8Array, void, undefined> {
  const columns = auditColumns(timeZone);
  yield headLine(
    format,
    columns.map(({ head }) => head),
  );
  const idOf = async (which: Prisma.Sql, nth: number) => {
    const [row] = await connection.ask<{ id: string }>(
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
    const rows = Prisma.sql`from audit_entries where ${part} order by id desc`;
    yield (await copyLines(connection, format, selectLines(format, columns, rows))).bytes;
    newest = next;
  }
}
