import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { Callout } from "#components/ui/callout.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import type { ErrorsView } from "#components/webhook-errors/errors-view.ts";
import { LiveErrors } from "#components/webhook-errors/live-errors.tsx";
import { NotCounted } from "#components/webhook-errors/not-counted.tsx";
import { type LikelyCause, likelyCauses } from "#lib/causes/schema.ts";
import { env } from "#lib/env.ts";
import { formatDateTime } from "#lib/format.ts";
import { database } from "#lib/web/database.ts";
import { composeFigures, readBeside, readGrown, resolveView } from "#lib/web/errors-figures.ts";
import { readForPage } from "#lib/web/reading.ts";
import { consoleTime } from "#lib/web/time.ts";
import { errorsHref } from "#lib/webhook-errors/filter.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import { parseTableLook, tableLookCookie } from "#lib/webhook-errors/table-look.ts";
import { giveBack, mute, take, unmute } from "./actions.ts";
import { OpenRow } from "./open-row.tsx";

type ContentProps = {
  userId: string;
  view: Omit<ErrorsView, "hasOffsets">;
  ownZone: string;
  canVerify: boolean;
  canManageMails: boolean;
  /** Who changed what is told. */
  seesLog: boolean;
  /** Null: errors are being counted. */
  notCountedSince: Date | null;
  /** Nothing comes later: no script would show it. */
  isWhole: boolean;
};

/** Summary, chart and list of one view; the page has checked that the person may see errors of the channel. */
export async function ErrorsContent(props: ContentProps) {
  const { userId, ownZone, canVerify, canManageMails: mayManage, notCountedSince, isWhole } = props;
  const { channelId, filter, timeZone } = props.view;
  const now = await consoleTime();
  const { retentionDays, notificationPolicy: policy } = env();
  const days = retentionDays.rows;
  const resolved = resolveView(props.view, { now, retentionDays: days });
  const { range, hasOffsets } = resolved;
  const [t, causeName, read, beside, jar] = await Promise.all([
    getTranslations("webhook-errors"),
    getTranslations("causes"),
    readForPage(userId, (db) => readGrown(db, database(), props.view, range)),
    readBeside(database(), channelId, range, { policy, seesLog: props.seesLog }),
    cookies(),
  ]);
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const { figures: grown, rowCount } = read.data;
  if (isWhole) await rowCount;
  const { row } = filter;
  const open = row && grown.page.rows.find((one) => formatRowKey(one.key) === formatRowKey(row));
  const view: ErrorsView = { ...props.view, hasOffsets };
  return (
    <LiveErrors
      figures={composeFigures({ now, notCountedSince, view: resolved, grown, beside })}
      rowCount={rowCount}
      view={props.view}
      ownZone={ownZone}
      mayManage={mayManage}
      causeNames={causeNames(causeName)}
      actions={{ mute, unmute, take, giveBack }}
      look={parseTableLook(jar.get(tableLookCookie)?.value)}
      notices={
        <>
          <NotUnderstoodCallout
            parts={filter.notUnderstood}
            href={errorsHref(channelId, filter)}
            holds="file"
          />
          {range.pastRetention && <Callout>{t("range.pastRetention", { days })}</Callout>}
          {notCountedSince !== null && (
            <NotCounted
              channelId={channelId}
              time={formatDateTime(notCountedSince, timeZone)}
              canSwitch={canVerify}
            />
          )}
        </>
      }
      panel={
        open && (
          <OpenRow userId={userId} row={open} view={view} range={range} canVerify={canVerify} />
        )
      }
    />
  );
}

/** Of all the texts about causes, browsers get these. */
const causeNames = (t: (key: `${LikelyCause}.name`) => string) =>
  Object.fromEntries(likelyCauses.map((cause) => [cause, t(`${cause}.name`)])) as Readonly<
    Record<LikelyCause, string>
  >;
