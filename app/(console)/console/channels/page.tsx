import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { readChannels } from "#app/(console)/console/read-channels.ts";
import { ChannelsView } from "#components/channels/channels-view.tsx";
import { PageHead } from "#components/layout/page-head.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import {
  channelsHref,
  channelsNotUnderstood,
  parseChannelSearch,
} from "#lib/channels/list-search.ts";
import { requireUser } from "#lib/web/session.ts";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("lists.channels");
  return { title: t("title") };
}

export default async function ChannelsPage({ searchParams }: Props) {
  const user = await requireUser();
  const given = await searchParams;
  const search = parseChannelSearch(given);
  const [read, t, common] = await Promise.all([
    readChannels(user.id, search),
    getTranslations("lists.channels"),
    getTranslations("common"),
  ]);
  const title = t(search.state === "failing" && search.q === "" ? "failingTitle" : "title");
  return (
    <div className="space-y-5">
      <PageHead
        crumbs={[{ label: common("console"), href: "/console" }, { label: title }]}
        title={title}
        text={t("text")}
      />
      <NotUnderstoodCallout
        parts={channelsNotUnderstood(given)}
        href={channelsHref("/console/channels", search)}
      />
      <ChannelsView root="/console/channels" search={search} hasProvider {...read} />
    </div>
  );
}
