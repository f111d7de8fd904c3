import { useFormatter, useTranslations } from "next-intl";
import { useMailStanding } from "#components/statistics/mail-standing.ts";
import { ReasonMark } from "#components/statistics/reason-mark.tsx";
import { Link } from "#components/ui/link.tsx";
import { Shape } from "#components/ui/shape.tsx";
import type { FailingChannel } from "#lib/channels/schema.ts";
import { countedMax } from "#lib/counted-max.ts";
import { formatDayMinute } from "#lib/format.ts";
import { ChannelIcon } from "./channel-icon.tsx";
import { HourlyBars } from "./hourly-bars.tsx";

type Shown = { timeZone: string; now: Date };

/** Channels that fail: since when, why, how many webhooks, and what is being done about it. */
export function FailingList({
  channels,
  timeZone,
  now,
}: { channels: readonly FailingChannel[] } & Shown) {
  return (
    <ul className="divide-y">
      {channels.map((channel) => (
        <li key={channel.entry.id} className="px-5 py-4">
          <Failing channel={channel} timeZone={timeZone} now={now} />
        </li>
      ))}
    </ul>
  );
}

function Failing({ channel, timeZone, now }: { channel: FailingChannel } & Shown) {
  const t = useTranslations("lists.home");
  const reasons = useTranslations("webhook-errors.reason");
  const format = useFormatter();
  const { entry, state, since, reason, detail, webhookCount, failedCount, lastFailureAt } = channel;
  const say = (at: Date) => formatDayMinute(at, timeZone, now);
  return (
    <div className="grid gap-x-6 gap-y-2 md:grid-cols-[minmax(0,1fr)_auto]">
      <div className="min-w-0 space-y-1.5">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <ChannelIcon channel={entry} className="size-7 text-sm" />
          <h3 className="min-w-0 font-semibold wrap-anywhere">
            <Name channel={channel} />
          </h3>
          <span className="text-sm text-dim">{entry.providerName}</span>
          <span className="inline-flex items-center gap-1.5 text-sm font-medium text-bad">
            <Shape kind={state === "suspended" ? "diamond" : "square"} />
            {t(state === "suspended" ? "suspendedSince" : "since", { time: say(since) })}
          </span>
        </div>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <ReasonMark reason={reason} />
          <span>{reasons(reason)}</span>
          {detail !== reasons(reason) && <span className="text-dim wrap-anywhere">{detail}</span>}
        </p>
        <p className="text-sm text-dim">
          {webhookCount === null ? t("notCounted") : t("webhooks", { count: webhookCount })}
          {" · "}
          {failedCount === null
            ? t("lastAttempt", { time: say(lastFailureAt) })
            : t("attempts", { count: failedCount, time: say(lastFailureAt) })}
        </p>
        <Doing channel={channel} timeZone={timeZone} now={now} />
      </div>
      <HourlyBars
        counts={channel.hourly}
        label={t("spark", {
          total: format.number(sum(channel.hourly)),
          most: format.number(Math.max(...channel.hourly)),
        })}
      />
    </div>
  );
}

function Name({ channel: { entry } }: { channel: FailingChannel }) {
  const t = useTranslations("lists.home");
  if (entry.role === null) return <span title={t("noRole")}>{entry.name}</span>;
  return (
    <Link
      prefetch={false}
      href={`/console/channel/${entry.id}/statistics/errors?range=24h`}
      className="text-brand hover:underline"
    >
      {entry.name}
    </Link>
  );
}

/** Who was told, and what waits; each leads to where more of it stands, as far as the person's role goes there. */
function Doing({ channel, ...shown }: { channel: FailingChannel } & Shown) {
  const t = useTranslations("lists.home");
  const { entry, standing, waitingCount } = channel;
  const root = `/console/channel/${entry.id}`;
  const { value, note, causeHref } = useMailStanding({ standing, channelId: entry.id, ...shown });
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      <Lead href={entry.role === "admin" ? causeHref : null}>{t("mails", { value, note })}</Lead>
      {waitingCount === null ? (
        <Lead href={entry.role === "admin" ? `${root}/messaging-api` : null}>
          {t("noRedelivery")}
        </Lead>
      ) : (
        <Lead href={entry.role === null ? null : `${root}/statistics/deliveries`}>
          {waitingCount > countedMax
            ? t("waitingMore", { count: countedMax })
            : t("waiting", { count: waitingCount })}
        </Lead>
      )}
    </p>
  );
}

function Lead({ href, children }: { href: string | null; children: string }) {
  if (href === null) return <span>{children}</span>;
  return (
    <Link prefetch={false} href={href} className="underline decoration-line hover:decoration-ink">
      {children}
    </Link>
  );
}

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);
