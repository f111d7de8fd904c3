import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { ChannelList } from "#components/channels/channel-list.tsx";
import { LeaveCard } from "#components/members/leave-card.tsx";
import { Button } from "#components/ui/button.tsx";
import { listProviderChannels } from "#lib/channels/list.ts";
import { canInProvider } from "#lib/members/permissions.ts";
import { requireProvider } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { leave } from "./actions.ts";

type Props = { params: Promise<{ providerId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { provider } = await requireProvider((await params).providerId, "see_name");
  return { title: provider.name };
}

export default async function ProviderChannelsPage({ params }: Props) {
  const { providerId } = await params;
  const { user, provider, standing } = await requireProvider(providerId, "see_name");
  const [channels, t] = await Promise.all([
    listProviderChannels(database().db, user.id, providerId, {
      onlyOwn: !canInProvider(standing, "list_channels"),
    }),
    getTranslations("channels"),
  ]);
  return (
    <div className="space-y-4">
      {canInProvider(standing, "create_channel") && provider.disabledAt === null && (
        <div className="flex justify-end">
          <Button asChild look="primary">
            <Link href={`/console/provider/${providerId}/channels/new`}>
              <Plus aria-hidden />
              {t("create")}
            </Link>
          </Button>
        </div>
      )}
      <ChannelList channels={channels} />
      {/* An operator who is Member too stands as operator here, and gives the role up in the Roles tab. */}
      {canInProvider(standing, "leave_provider") && (
        <LeaveCard action={leave} field={{ name: "placeId", value: providerId }} kind="provider" />
      )}
    </div>
  );
}
