import { Prisma } from "#prisma/generated/client.ts";
import { type AskedOutcome, anyOutcome, type LogQuestion } from "./schema.ts";

/** Whether it is asked what the attempt that ended a webhook came to. */
export const isByOutcome = ({
  outcome = anyOutcome,
}: {
  outcome?: AskedOutcome | undefined;
}): boolean => Object.values(outcome).some((part) => part !== null);

/** Whether nothing that was delivered can have ended so: an index leaves those out. */
export function endsUndelivered(outcome: AskedOutcome = anyOutcome): boolean {
  const { reason, likelyCause, status } = outcome;
  return reason !== null || likelyCause !== null || (status !== null && !isDelivered(status));
}

const isDelivered = (status: NonNullable<AskedOutcome["status"]>): boolean =>
  status !== "none" && status.from < 300 && status.to >= 200;

/** Whether a row of the log ended as asked for. */
export function hitSql({ outcome = anyOutcome }: Pick<LogQuestion, "outcome">): Prisma.Sql {
  const { reason, status, likelyCause, answerFromMs, answerToMs } = outcome;
  const answerMs = Prisma.sql`(phases->>'headers')::float8`;
  const parts = [
    reason && Prisma.sql`reason = ${reason}::error_reason`,
    status && statusSql(status),
    likelyCause && Prisma.sql`likely_cause = ${likelyCause}`,
    answerFromMs !== null && Prisma.sql`${answerMs} >= ${answerFromMs}::int`,
    answerToMs !== null && Prisma.sql`${answerMs} <= ${answerToMs}::int`,
  ].filter((part) => part instanceof Prisma.Sql);
  return parts.length === 0
    ? Prisma.sql`true`
    : Prisma.sql`coalesce(${Prisma.join(parts, " and ")}, false)`;
}

const statusSql = (status: NonNullable<AskedOutcome["status"]>): Prisma.Sql =>
  status === "none"
    ? Prisma.sql`status_code is null and reason is not null`
    : Prisma.sql`status_code between ${status.from}::int and ${status.to}::int`;
