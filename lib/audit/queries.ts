import type { Db } from "#lib/db.ts";
import { fromWallTime } from "#lib/time/wall-time.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { type AuditAction, auditActions } from "./actions.ts";
import { actorKinds } from "./actor.ts";
import { auditFields } from "./fields.ts";
import { targetName } from "./file-columns.ts";
import { plainAddress } from "./plain-address.ts";
import type { AuditChange, AuditLine, AuditValue } from "./schema.ts";
import type { AuditedPlace, AuditSearch } from "./search.ts";

const pageSize = 50;

type Row = {
  id: bigint;
  at: Date;
  action: string;
  result: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  address: string | null;
  user_agent: string | null;
  channel_id: string | null;
  provider_id: string | null;
  target_id: string | null;
  target_name: string | null;
  before: Record<string, AuditValue> | null;
  after: Record<string, AuditValue> | null;
};

/**
 * Up to 50 entries, newest first; `older` is where the next page begins, null on the last. Read backwards through the
 * index on (channel_id, id) or (provider_id, id), or the primary key for all.
 */
export async function listAudit(
  db: Db,
  place: AuditedPlace,
  search: AuditSearch,
  timeZone: string,
): Promise<{ lines: AuditLine[]; older: string | null }> {
  const rows = await db.$queryRaw<Row[]>`
    select id, at, action, result, actor_kind, actor_id, actor_name, address, user_agent, channel_id, provider_id,
           target_id, ${targetName} as target_name, before, after
      from audit_entries where ${entriesAsked(place, search, timeZone)}
     order by id desc limit ${pageSize + 1}`;
  const lines = rows.slice(0, pageSize).map(toLine);
  return { lines, older: rows.length > pageSize ? (lines.at(-1)?.id ?? null) : null };
}

/** The condition that a search of a log stands for. Days begin and end in the viewer's zone. */
export function entriesAsked(
  place: AuditedPlace,
  search: AuditSearch,
  timeZone: string,
): Prisma.Sql {
  const { action, result, actor, before } = search;
  const from = startOfDay(search.from, 0, timeZone);
  const to = startOfDay(search.to, 1, timeZone);
  const conditions = [
    place.kind === "channel" && Prisma.sql`channel_id = ${place.id}`,
    place.kind === "provider" && Prisma.sql`provider_id = ${place.id}`,
    action !== null && Prisma.sql`action = ${action}`,
    result !== null && Prisma.sql`result = ${result}`,
    actor !== null && Prisma.sql`actor_id = ${actor}`,
    before !== null && Prisma.sql`id < ${before}::bigint`,
    from !== null && Prisma.sql`at >= ${from}::timestamptz`,
    to !== null && Prisma.sql`at < ${to}::timestamptz`,
  ].filter((condition) => condition !== false);
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.join(conditions, " and ");
}

function startOfDay(day: string | null, later: number, timeZone: string): string | null {
  if (day === null) return null;
  const date = new Date(Date.parse(`${day}T00:00Z`) + later * 86_400_000);
  return fromWallTime(`${date.toISOString().slice(0, 10)}T00:00`, timeZone)?.toISOString() ?? null;
}

function toLine(row: Row): AuditLine {
  return {
    id: String(row.id),
    at: row.at,
    action: auditActions.find((one): one is AuditAction => one === row.action) ?? null,
    actionName: row.action,
    refused: row.result === "refused",
    actor: {
      kind: actorKinds.find((one) => one === row.actor_kind) ?? "command",
      id: row.actor_id,
      name: row.actor_name,
    },
    from: { address: row.address && plainAddress(row.address), userAgent: row.user_agent },
    place: { channelId: row.channel_id, providerId: row.provider_id },
    target: row.target_name ?? row.target_id,
    changes: toChanges(row.before ?? {}, row.after ?? {}),
  };
}

function toChanges(
  before: Record<string, AuditValue>,
  after: Record<string, AuditValue>,
): AuditChange[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields]
    .sort((one, other) => placeOf(one) - placeOf(other))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

/** jsonb orders names by their length: "to" would come before "from". */
function placeOf(field: string): number {
  const names: readonly string[] = auditFields;
  const place = names.indexOf(field);
  return place === -1 ? auditFields.length : place;
}
