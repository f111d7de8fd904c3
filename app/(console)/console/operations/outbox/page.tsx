import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { OutboxList } from "#components/notifications/outbox-list.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { env } from "#lib/env.ts";
import { outboxNotUnderstood, parseOutboxSearch } from "#lib/notifications/outbox-search.ts";
import { listMails } from "#lib/notifications/queries.ts";
import { countSendableAgain } from "#lib/outbox/send-again.ts";
import { requireOperator } from "#lib/web/access.ts";
import { readForPage } from "#lib/web/reading.ts";
import { again, test } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications.outbox");
  return { title: t("title") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function OutboxPage({ searchParams }: Props) {
  const user = await requireOperator();
  const given = await searchParams;
  const search = parseOutboxSearch(given);
  const read = await readForPage(user.id, (db) =>
    Promise.all([listMails(db, search), countSendableAgain(db)]),
  );
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const [page, againCount] = read.data;
  return (
    <OutboxList
      search={search}
      notUnderstood={outboxNotUnderstood(given)}
      page={page}
      timeZone={user.timeZone ?? env().displayTimeZone}
      keeps={env().smtpUrl === undefined}
      againCount={againCount}
      actions={{ again, test }}
    />
  );
}
