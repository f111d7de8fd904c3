import { useTranslations } from "next-intl";
import { Badge } from "#components/ui/badge.tsx";
import { Link } from "#components/ui/link.tsx";
import type { ChannelEntry, ChannelState } from "#lib/channels/schema.ts";
import { ChannelIcon } from "./channel-icon.tsx";
import { ChannelStateMark } from "./channel-state-mark.tsx";

/** Channels in a list. One without a role is there by name only and leads nowhere. */
export function ChannelList({
  channels,
  hasProvider = false,
}: {
  channels: readonly ChannelEntry[];
  /** Whether each says of which provider it is. */
  hasProvider?: boolean;
}) {
  const t = useTranslations("providers");
  return (
    <ul className="divide-y">
      {channels.map((channel) => (
        <li key={channel.id}>
          {channel.role === null ? (
            <div className="flex flex-wrap items-center gap-3 px-5 py-3.5">
              <span className="size-2.5" />
              <span className="min-w-0 grow truncate text-dim">{channel.name}</span>
              <span className="text-sm text-dim">{t("otherChannels")}</span>
            </div>
          ) : (
            <OwnChannel channel={channel} role={channel.role} hasProvider={hasProvider} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** Of these, the number of errors says less. */
const saysState: ReadonlySet<ChannelState> = new Set(["webhook_off", "suspended", "no_events"]);

function OwnChannel({
  channel,
  role,
  hasProvider,
}: {
  channel: ChannelEntry;
  role: NonNullable<ChannelEntry["role"]>;
  hasProvider: boolean;
}) {
  const t = useTranslations();
  return (
    <Link
      prefetch={false}
      href={`/console/channel/${channel.id}/basics`}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-3.5 hover:bg-sunk/60 focus-visible:-outline-offset-2"
    >
      {channel.health === null ? (
        <span className="size-2.5" />
      ) : (
        <ChannelStateMark state={channel.health.state} />
      )}
      <ChannelIcon channel={channel} className="size-7 text-sm" />
      <span className="min-w-0 grow truncate font-medium">{channel.name}</span>
      {hasProvider && (
        <span className="hidden max-w-[30%] truncate text-sm text-dim sm:inline">
          {channel.providerName}
        </span>
      )}
      {channel.health !== null && (
        <span className="text-sm text-dim tabular-nums">
          {saysState.has(channel.health.state)
            ? t(`channels.state.${channel.health.state}`)
            : t("channels.errorsIn24h", { count: channel.health.errorCount })}
        </span>
      )}
      <Badge>{t(`members.roles.${role}`)}</Badge>
    </Link>
  );
}
