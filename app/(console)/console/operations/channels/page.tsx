import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ChannelsList } from "#components/operations/channels-list.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { env } from "#lib/env.ts";
import { findChannels } from "#lib/operations/queries.ts";
import { parseListSearch } from "#lib/operations/search.ts";
import { requireOperator } from "#lib/web/access.ts";
import { readForPage } from "#lib/web/reading.ts";
import { disable } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("operations.tabs");
  return { title: t("channels") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function OperationsChannelsPage({ searchParams }: Props) {
  const user = await requireOperator();
  const search = parseListSearch(await searchParams);
  const read = await readForPage(user.id, (db) => findChannels(db, search));
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const timeZone = user.timeZone ?? env().displayTimeZone;
  return (
    <ChannelsList search={search} page={read.data} timeZone={timeZone} setDisabled={disable} />
  );
}
