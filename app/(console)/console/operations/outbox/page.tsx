import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { OutboxList } from "#components/notifications/outbox-list.tsx";
import { env } from "#lib/env.ts";
import { parseOutboxSearch } from "#lib/notifications/outbox-search.ts";
import { listMails } from "#lib/notifications/queries.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications.outbox");
  return { title: t("title") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function OutboxPage({ searchParams }: Props) {
  const user = await requireOperator();
  const search = parseOutboxSearch(await searchParams);
  return (
    <OutboxList
      search={search}
      page={await listMails(database().db, search)}
      timeZone={user.timeZone ?? env().displayTimeZone}
      keeps={env().smtpUrl === undefined}
    />
  );
}
