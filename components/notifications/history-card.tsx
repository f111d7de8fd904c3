import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DownloadMenu } from "#components/exports/download-menu.tsx";
import { ReasonMark } from "#components/statistics/reason-mark.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Link } from "#components/ui/link.tsx";
import { Moment } from "#components/ui/moment.tsx";
import { Paging } from "#components/ui/paging.tsx";
import { Cell, HeadCell, MomentCell, Row, Table } from "#components/ui/table.tsx";
import { formatDayMinute } from "#lib/format.ts";
import { causeUrlFor } from "#lib/notifications/cause-url.ts";
import type { HistoryEntry } from "#lib/notifications/history-entry.ts";
import { notificationsPath } from "#lib/notifications/tab-path.ts";
import { MailStateBadge } from "./mail-state-badge.tsx";

type Shown = { channelId: string; timeZone: string; now: Date };

/** One page of what was counted for a channel's mails and alerts, and who was told. */
export function HistoryCard({
  entries,
  older,
  isNewest,
  standing,
  ...shown
}: {
  entries: readonly HistoryEntry[];
  older: Date | null;
  isNewest: boolean;
  /** How things stand right now. */
  standing: ReactNode;
} & Shown) {
  const t = useTranslations("notifications.history");
  const path = notificationsPath(shown.channelId);
  // Each page begins where the list does, far down the tab.
  const anchor = "history";
  return (
    <Card id={anchor}>
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={entries.length > 0 && <DownloadMenu href={`${path}/tsv`} />}
      />
      {standing}
      {entries.length === 0 ? (
        <EmptyState title={t("empty")} />
      ) : (
        <Table aria-label={t("title")}>
          <thead>
            <tr>
              <HeadCell className="hidden lg:table-cell">{t("when")}</HeadCell>
              <HeadCell>{t("what")}</HeadCell>
              <HeadCell className="hidden text-right sm:table-cell">{t("count")}</HeadCell>
              <HeadCell>{t("who")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} {...shown} />
            ))}
          </tbody>
        </Table>
      )}
      <Paging
        label={t("paging")}
        className="border-t px-5 py-3"
        size="sm"
        start={isNewest ? null : { label: t("newest"), href: `${path}#${anchor}` }}
        onward={
          older === null
            ? null
            : { label: t("older"), href: `${path}?before=${older.toISOString()}#${anchor}` }
        }
      />
    </Card>
  );
}

function Entry({ entry, ...shown }: { entry: HistoryEntry } & Shown) {
  const t = useTranslations("notifications.history");
  const typeNames = useTranslations("mails.types");
  const time = <Moment at={entry.detectedAt} timeZone={shown.timeZone} />;
  return (
    <Row className="align-top">
      <MomentCell className="hidden align-top lg:table-cell">{time}</MomentCell>
      <Cell className="min-w-40 align-top">
        <Link
          href={causeUrlFor("", { ...entry, channelId: shown.channelId })}
          className="font-medium text-brand hover:underline"
          title={entry.type === "certificate_ends" ? undefined : t("seeErrors")}
        >
          {typeNames(entry.type)}
        </Link>
        {entry.type !== "test" && (
          <span className="mt-0.5 flex flex-wrap items-center gap-x-2 text-sm text-dim">
            {entry.type !== "certificate_ends" && <ReasonMark reason={entry.reason} />}
            {entry.detail}
          </span>
        )}
        <span className="block font-mono text-sm text-dim tabular-nums lg:hidden">{time}</span>
        <span className="block text-sm text-dim sm:hidden">
          {t("count")}: {entry.errorCount}
        </span>
      </Cell>
      <Cell className="hidden text-right align-top font-medium tabular-nums sm:table-cell">
        {entry.errorCount}
      </Cell>
      <Cell className="align-top">
        <Told entry={entry} {...shown} />
      </Cell>
    </Row>
  );
}

function Told({ entry, channelId, timeZone, now }: { entry: HistoryEntry } & Shown) {
  const t = useTranslations("notifications.history");
  if (entry.untold !== null && entry.alerts.length === 0) {
    return <span className="text-sm text-dim">{t(`untold.${entry.untold}`)}</span>;
  }
  if (entry.recipients.length === 0 && entry.alerts.length === 0) {
    const text = entry.isSettled ? t("removedText") : t("pendingText");
    return <span className="text-sm text-dim">{text}</span>;
  }
  return (
    <ul className="grid gap-1.5">
      {entry.recipients.map(({ address, state, heldUntil, mailId }) => (
        <li key={address} className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <MailStateBadge state={state} />
          {mailId === null ? (
            <span className="text-sm wrap-anywhere">{address}</span>
          ) : (
            <Link
              href={`${notificationsPath(channelId)}/mails/${mailId}`}
              className="text-sm wrap-anywhere text-brand hover:underline"
            >
              {address}
            </Link>
          )}
          {heldUntil !== null && (
            <span className="text-sm text-dim">
              {t("heldUntil", { time: formatDayMinute(heldUntil, timeZone, now) })}
            </span>
          )}
        </li>
      ))}
      {entry.alerts.map(({ name, state }) => (
        <li key={name} className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
          <MailStateBadge state={state} />
          {t("alert")}: {name}
        </li>
      ))}
    </ul>
  );
}
