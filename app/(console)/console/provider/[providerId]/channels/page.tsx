import { Plus } from "lucide-react";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { readChannels } from "#app/(console)/console/read-channels.ts";
import { ChannelsView } from "#components/channels/channels-view.tsx";
import { LeaveCard } from "#components/members/leave-card.tsx";
import { Button } from "#components/ui/button.tsx";
import { Link } from "#components/ui/link.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import {
  channelsHref,
  channelsNotUnderstood,
  parseChannelSearch,
} from "#lib/channels/list-search.ts";
import { canInProvider } from "#lib/members/permissions.ts";
import { requireProvider } from "#lib/web/access.ts";
import { leave } from "./actions.ts";

type Props = {
  params: Promise<{ providerId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const { provider } = await requireProvider((await params).providerId, "see_name");
  return { title: provider.name };
}

export default async function ProviderChannelsPage({ params, searchParams }: Props) {
  const { providerId } = await params;
  const { user, provider, standing } = await requireProvider(providerId, "see_name");
  const given = await searchParams;
  const search = parseChannelSearch(given);
  const root = `/console/provider/${providerId}/channels`;
  const isListed = canInProvider(standing, "list_channels");
  const [read, t] = await Promise.all([
    readChannels(user.id, search, { providerId, isListed }),
    getTranslations("channels"),
  ]);
  return (
    <div className="space-y-4">
      {canInProvider(standing, "create_channel") && provider.disabledAt === null && (
        <div className="flex justify-end">
          <Button asChild look="primary">
            <Link href={`${root}/new`}>
              <Plus aria-hidden />
              {t("create")}
            </Link>
          </Button>
        </div>
      )}
      <NotUnderstoodCallout
        parts={channelsNotUnderstood(given)}
        href={channelsHref(root, search)}
      />
      <ChannelsView root={root} search={search} {...read} />
      {/* An operator who is Member too stands as operator here, and gives the role up in the Roles tab. */}
      {canInProvider(standing, "leave_provider") && (
        <LeaveCard action={leave} field={{ name: "placeId", value: providerId }} kind="provider" />
      )}
    </div>
  );
}
