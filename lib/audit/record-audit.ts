import type { PoolClient } from "pg";
import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { AuditAction } from "./actions.ts";
import type { Actor } from "./actor.ts";
import type { AuditField } from "./fields.ts";
import type { AuditValue } from "./schema.ts";

export type AuditFields = Partial<Record<AuditField, AuditValue>>;

export type AuditEntry = {
  actor: Actor;
  action: AuditAction;
  /** On the page of which channel and provider it is shown; operators see every entry. */
  channelId?: string;
  providerId?: string;
  /** What it was done to, where that is neither the channel nor the provider itself. `name` as it was then. */
  target?: {
    kind: "user" | "platform_key" | "webhook" | "mail" | "invitation" | "token";
    id: string;
    name?: string;
  };
  /** The fields that changed, and only those; never a secret, nor what a secret can be made from. */
  before?: AuditFields;
  after?: AuditFields;
  /** `refused`: it was tried and not done; written outside the transaction that was rolled back. Default: done. */
  result?: "done" | "refused";
};

const userAgentLengthMax = 300;

/**
 * Writes an entry of the audit log, in the transaction of what it tells of: neither stands without the other. `tx` is
 * Prisma's or a client of the pool. Entries cannot be changed or taken back (a trigger of the database).
 */
export async function recordAudit(
  tx: Db | Pick<PoolClient, "query">,
  entry: AuditEntry,
): Promise<void> {
  await recordAudits(tx, [entry]);
}

/** Of one insertion: far below the parameters that a statement may have. */
const rowsMax = 500;

/** The same for many entries, in few statements. */
export async function recordAudits(
  tx: Db | Pick<PoolClient, "query">,
  entries: readonly AuditEntry[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += rowsMax) {
    const rows = entries.slice(at, at + rowsMax).map((entry) => Prisma.sql`(${fieldsOf(entry)})`);
    const statement = Prisma.sql`insert into audit_entries (${columns}) values ${Prisma.join(rows)}`;
    if ("$executeRaw" in tx) await tx.$executeRaw(statement);
    else await tx.query(statement.text, statement.values);
  }
}

/**
 * The same as part of a statement that does what the entry tells of, for what must not hold its locks until a second statement
 * comes. Written once for each row of `source`, the name of a part of that statement which has one row or none.
 */
export const auditOnce = (entry: AuditEntry, source: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`insert into audit_entries (${columns}) select ${fieldsOf(entry)} from ${source}`;

const columns = Prisma.sql`action, result, actor_kind, actor_id, actor_name, address, user_agent, channel_id,
  provider_id, target_kind, target_id, target_name, before, after`;

function fieldsOf({ actor, action, target, ...entry }: AuditEntry): Prisma.Sql {
  const values = [
    action,
    entry.result ?? "done",
    actor.kind,
    actor.id,
    actor.name,
    actor.from?.address ?? null,
    actor.from?.userAgent?.slice(0, userAgentLengthMax) ?? null,
    entry.channelId ?? null,
    entry.providerId ?? null,
    target?.kind ?? null,
    target?.id ?? null,
    target?.name ?? null,
  ].map((value) => (value === null ? null : harmless(value)));
  return Prisma.sql`${Prisma.join(values)}, ${json(entry.before)}::jsonb, ${json(entry.after)}::jsonb`;
}

const json = (fields: AuditFields | undefined): string | null =>
  fields === undefined ? null : JSON.stringify(fields).replaceAll("\\u0000", "\\ufffd");

/** Texts of PostgreSQL hold no NUL. */
const harmless = (text: string): string => text.replaceAll("\0", "\ufffd");
