import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { ChannelStateMark } from "#components/channels/channel-state-mark.tsx";
import type { ChannelEntry } from "#lib/channels/schema.ts";
import { Logo } from "./logo.tsx";
import { SideLink } from "./side-link.tsx";

type Group = { id: string; name: string; channels: ChannelEntry[] };

/** Providers and their channels with the state of each, and what belongs to operators. */
export function SideBar({
  providers,
  channels,
  isOperator,
}: {
  providers: readonly { id: string; name: string }[];
  channels: readonly ChannelEntry[];
  isOperator: boolean;
}) {
  const t = useTranslations("common");
  const groups = group(providers, channels);
  return (
    <div className="flex min-h-0 grow flex-col">
      <Link
        prefetch={false}
        href="/console"
        className="mx-3 my-3 flex items-center gap-2.5 self-start rounded-control px-1 py-1 text-lg font-semibold"
      >
        <Logo className="size-6 text-brand" />
        {t("product")}
      </Link>
      <nav
        aria-label={t("navigation")}
        className="min-h-0 grow space-y-5 overflow-y-auto px-3 pb-4"
      >
        {groups.map((provider) => (
          <ProviderGroup key={provider.id} provider={provider} />
        ))}
        {isOperator && (
          <SideLink href="/console/operations/outbox" under="/console/operations">
            {t("operations")}
          </SideLink>
        )}
      </nav>
    </div>
  );
}

function ProviderGroup({ provider }: { provider: Group }) {
  return (
    <div>
      <Link
        prefetch={false}
        href={`/console/provider/${provider.id}/channels`}
        className="block truncate rounded-control px-2 pb-1 text-sm text-dim hover:text-ink"
      >
        {provider.name}
      </Link>
      <ul className="space-y-0.5">
        {provider.channels.map((channel) => (
          <li key={channel.id}>
            <ChannelLink channel={channel} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function ChannelLink({ channel }: { channel: ChannelEntry }) {
  const t = useTranslations("channels");
  const format = useFormatter();
  const count = channel.health?.errorCount ?? 0;
  const root = `/console/channel/${channel.id}`;
  return (
    <SideLink href={`${root}/basics`} under={root}>
      {channel.health === null ? (
        <span className="size-2.5" />
      ) : (
        <ChannelStateMark state={channel.health.state} />
      )}
      <span className="min-w-0 grow truncate">{channel.name}</span>
      {count > 0 && (
        <span className="text-sm text-dim tabular-nums">
          <span aria-hidden>{format.number(count, { notation: "compact" })}</span>
          <span className="sr-only">{t("errorsIn24h", { count })}</span>
        </span>
      )}
    </SideLink>
  );
}

/** Providers in their order, each with its channels; a provider known only by a channel comes along. */
function group(
  providers: readonly { id: string; name: string }[],
  channels: readonly ChannelEntry[],
): Group[] {
  const groups = new Map<string, Group>(
    providers.map(({ id, name }) => [id, { id, name, channels: [] }]),
  );
  for (const channel of channels) {
    const known = groups.get(channel.providerId);
    if (known !== undefined) known.channels.push(channel);
    else {
      const { providerId: id, providerName: name } = channel;
      groups.set(id, { id, name, channels: [channel] });
    }
  }
  return [...groups.values()];
}
