import { useFormatter, useTranslations } from "next-intl";
import { ChannelStateMark } from "#components/channels/channel-state-mark.tsx";
import { Link } from "#components/ui/link.tsx";
import type { ChannelEntry, SideChannels } from "#lib/channels/schema.ts";
import type { ProviderPage } from "#lib/providers/schema.ts";
import { Logo } from "./logo.tsx";
import { PaletteLink } from "./palette.tsx";
import { SideFresh } from "./side-fresh.tsx";
import { SideLink } from "./side-link.tsx";

/**
 * Where a person goes from anywhere: all their channels by provider where they are few, else those that fail, are pinned,
 * were opened last; and what belongs to operators.
 */
export function SideBar({
  channels,
  providers,
  isOperator,
}: {
  channels: SideChannels;
  /** Null where there are too many to stand here. */
  providers: ProviderPage["entries"] | null;
  isOperator: boolean;
}) {
  const t = useTranslations("common");
  const lists = useTranslations("lists.side");
  return (
    <div className="flex min-h-0 grow flex-col">
      <div className="flex items-center justify-between gap-2 px-3 pt-3">
        <Link
          prefetch={false}
          href="/console"
          className="flex items-center gap-2.5 rounded-control px-1 py-1 text-lg font-semibold"
        >
          <Logo className="size-6 text-brand" />
          {t("product")}
        </Link>
      </div>
      <div className="px-3 py-2.5">
        <PaletteLink />
      </div>
      <nav
        aria-label={t("navigation")}
        className="min-h-0 grow space-y-4 overflow-y-auto px-3 pb-4"
      >
        <div className="space-y-0.5">
          <SideLink href="/console" isExact>
            {lists("home")}
          </SideLink>
          <SideLink href="/console/channels">{lists("allChannels")}</SideLink>
          {isOperator && (
            <SideLink href="/console/operations/outbox" under="/console/operations">
              {t("operations")}
            </SideLink>
          )}
        </div>
        {channels.kind === "all" ? (
          <All channels={channels} providers={providers ?? []} />
        ) : (
          <Some channels={channels} />
        )}
      </nav>
      {channels.kind === "some" && <SideFresh shown={idsOf(channels)} />}
    </div>
  );
}

const idsOf = ({ failing, pinned, recent }: SideChannels & { kind: "some" }): string[] =>
  [...failing, ...pinned, ...recent].map(({ id }) => id);

function All({
  channels,
  providers,
}: {
  channels: SideChannels & { kind: "all" };
  providers: ProviderPage["entries"];
}) {
  const t = useTranslations("lists.side");
  return (
    <>
      {channels.pinned.length > 0 && <Group title={t("pinned")} channels={channels.pinned} />}
      {group(providers, channels.others).map(({ id, name, channels: own }) => (
        <Group key={id} title={name} href={`/console/provider/${id}/channels`} channels={own} />
      ))}
    </>
  );
}

function Some({ channels }: { channels: SideChannels & { kind: "some" } }) {
  const t = useTranslations("lists.side");
  const { failing, hasMoreFailing, pinned, recent } = channels;
  return (
    <>
      {failing.length > 0 && (
        <div>
          <Group title={t("failing")} channels={failing} />
          {hasMoreFailing && (
            <Link
              prefetch={false}
              href="/console/channels?state=failing"
              className="block rounded-control px-2 py-1 text-sm text-brand hover:underline"
            >
              {t("allFailing")}
            </Link>
          )}
        </div>
      )}
      {pinned.length > 0 && <Group title={t("pinned")} channels={pinned} />}
      {recent.length > 0 && <Group title={t("recent")} channels={recent} />}
    </>
  );
}

function Group({
  title,
  href,
  channels,
}: {
  title: string;
  href?: string;
  channels: readonly ChannelEntry[];
}) {
  const look = "block truncate rounded-control px-2 pb-1 text-sm text-dim";
  return (
    <div>
      {href === undefined ? (
        <p className={look}>{title}</p>
      ) : (
        <Link prefetch={false} href={href} className={`${look} hover:text-ink`}>
          {title}
        </Link>
      )}
      <ul className="space-y-0.5">
        {channels.map((channel) => (
          <li key={channel.id}>
            <ChannelLink channel={channel} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function ChannelLink({ channel }: { channel: ChannelEntry }) {
  const t = useTranslations("lists.side");
  const format = useFormatter();
  const count = channel.health?.errorCount ?? 0;
  const root = `/console/channel/${channel.id}`;
  return (
    <SideLink
      href={`${root}/basics`}
      under={root}
      beside={
        count > 0 && (
          <Link
            prefetch={false}
            href={`${root}/statistics/errors?range=24h`}
            aria-label={t("errors", { name: channel.name, count })}
            className="grid min-h-7.5 min-w-7.5 shrink-0 place-items-center rounded-control px-2 text-sm text-dim tabular-nums hover:text-ink hover:underline"
          >
            {format.number(count, { notation: "compact" })}
          </Link>
        )
      }
    >
      {channel.health === null ? (
        <span className="size-2.5 shrink-0" />
      ) : (
        <ChannelStateMark state={channel.health.state} />
      )}
      <span className="min-w-0 grow truncate">{channel.name}</span>
    </SideLink>
  );
}

type Grouped = { id: string; name: string; channels: ChannelEntry[] };

/** Providers in their order, each with its channels; a provider known only by a channel comes along. */
function group(
  providers: readonly { id: string; name: string }[],
  channels: readonly ChannelEntry[],
): Grouped[] {
  const groups = new Map<string, Grouped>(
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
