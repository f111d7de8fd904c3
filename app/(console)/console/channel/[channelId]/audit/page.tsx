import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AuditLog } from "#components/audit/audit-log.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { listAudit } from "#lib/audit/queries.ts";
import { auditNotUnderstood, parseAuditSearch } from "#lib/audit/search.ts";
import { env } from "#lib/env.ts";
import { requireChannel } from "#lib/web/access.ts";
import { readForPage } from "#lib/web/reading.ts";

type Props = {
  params: Promise<{ channelId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "see_audit");
  const t = await getTranslations("audit");
  return { title: `${t("title")} · ${channel.name}` };
}

export default async function ChannelAuditPage({ params, searchParams }: Props) {
  const { user, channel } = await requireChannel((await params).channelId, "see_audit");
  const given = await searchParams;
  const search = parseAuditSearch(given);
  const timeZone = user.timeZone ?? env().displayTimeZone;
  const place = { kind: "channel" as const, id: channel.id };
  const read = await readForPage(user.id, (db) => listAudit(db, place, search, timeZone));
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const notUnderstood = auditNotUnderstood(given);
  return <AuditLog {...{ place, search, notUnderstood, timeZone }} page={read.data} />;
}
