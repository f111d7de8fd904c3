import { textColumn, timeColumns, valueColumn } from "#lib/exports/columns.ts";
import type { FileColumn } from "#lib/exports/copy-lines.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** The columns of a file of deliveries: what the list shows, of webhooks as `listedSql` has them. */
export function deliveryColumns(timeZone: string): readonly FileColumn[] {
  const accepted = { head: "Accepted", name: "acceptedAt" };
  return [
    ...timeColumns(accepted, Prisma.sql`asked.accepted_at`, timeZone),
    valueColumn("Webhook ID", "webhookId", Prisma.sql`asked.id`),
    valueColumn("State", "state", Prisma.sql`w.state`),
    valueColumn("Events", "events", Prisma.sql`w.event_count`),
    valueColumn("Attempts", "attempts", Prisma.sql`w.attempts`),
    ...timeOnly({ head: "Ended", name: "endedAt" }, Prisma.sql`w.finished_at`, timeZone),
    ...timeOnly({ head: "Next attempt", name: "nextAttemptAt" }, Prisma.sql`w.due_at`, timeZone),
    valueColumn("Reason", "reason", Prisma.sql`w.reason`),
    textColumn("Detail", "detail", Prisma.sql`w.detail`),
    valueColumn("Status code", "statusCode", Prisma.sql`w.status_code`),
    valueColumn("Answer time (ms)", "answerMs", Prisma.sql`w.answer_ms`),
    valueColumn("Likely cause", "likelyCause", Prisma.sql`w.likely_cause`),
    valueColumn("Doubt", "doubt", Prisma.sql`w.doubt`),
  ];
}

/** Without its zone, which stands beside the first time; its offset may be another. */
const timeOnly = (
  column: { head: string; name: string },
  at: Prisma.Sql,
  timeZone: string,
): readonly FileColumn[] => {
  const [time, offset] = timeColumns(column, at, timeZone);
  if (time === undefined || offset === undefined) return [];
  const head = `${column.head} offset`;
  return [time, { ...offset, head, name: `${column.name}Offset` }];
};
