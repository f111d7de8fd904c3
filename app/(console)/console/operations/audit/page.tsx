import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AuditLog } from "#components/audit/audit-log.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { listAudit } from "#lib/audit/queries.ts";
import { auditNotUnderstood, parseAuditSearch } from "#lib/audit/search.ts";
import { env } from "#lib/env.ts";
import { requireOperator } from "#lib/web/access.ts";
import { readForPage } from "#lib/web/reading.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("audit");
  return { title: t("title") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function OperationsAuditPage({ searchParams }: Props) {
  const user = await requireOperator();
  const given = await searchParams;
  const search = parseAuditSearch(given);
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const place = { kind: "all" as const };
  const read = await readForPage(user.id, (db) => listAudit(db, place, search, timeZone));
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const notUnderstood = auditNotUnderstood(given);
  return <AuditLog {...{ place, search, notUnderstood, timeZone }} page={read.data} />;
}
