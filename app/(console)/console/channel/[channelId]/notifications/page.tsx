import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { AlertTargets } from "#components/notifications/alert-targets.tsx";
import { FunctionCard } from "#components/notifications/function-card.tsx";
import { HistoryCard } from "#components/notifications/history-card.tsx";
import { RecipientsCard } from "#components/notifications/recipients-card.tsx";
import { StandingLine } from "#components/notifications/standing-line.tsx";
import { ThresholdCard } from "#components/notifications/threshold-card.tsx";
import { NotUnderstoodCallout } from "#components/ui/not-understood.tsx";
import { listTargets } from "#lib/alerts/queries.ts";
import { env } from "#lib/env.ts";
import { findGrant } from "#lib/grants/queries.ts";
import { listNotUnderstood, singleValues } from "#lib/not-understood.ts";
import { listHistory } from "#lib/notifications/history.ts";
import { readQuietEnds } from "#lib/notifications/hold.ts";
import { listRecipients } from "#lib/notifications/list-recipients.ts";
import { readMailStanding } from "#lib/notifications/read-standing.ts";
import { findThreshold } from "#lib/notifications/read-thresholds.ts";
import { findQuietHours } from "#lib/notifications/save-quiet-hours.ts";
import { notificationsPath } from "#lib/notifications/tab-path.ts";
import { timeZones } from "#lib/time/zones.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { consoleTime } from "#lib/web/time.ts";
import {
  addTarget,
  apply,
  askAgain,
  removeTarget,
  save,
  sendTest,
  setQuietHours,
  setThreshold,
  testTarget,
} from "./actions.ts";

type Props = {
  params: Promise<{ channelId: string }>;
  searchParams: Promise<{ before?: string | string[] }>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "manage_notifications");
  const t = await getTranslations("notifications.tab");
  return { title: `${t("title")} · ${channel.name}` };
}

export default async function NotificationsPage({ params, searchParams }: Props) {
  const { user, channel } = await requireChannel((await params).channelId, "manage_notifications");
  const given = await searchParams;
  const { before: asked } = singleValues(given);
  const before = timeOf(asked);
  const { db, pool } = database();
  const { allowHttpTargets, allowTargets, displayTimeZone, notificationPolicy } = env();
  const [grant, recipients, threshold, targets, history, proof, standing, now, ofChannel, own] =
    await Promise.all([
      findGrant(db, channel.id),
      listRecipients(db, channel, user.id),
      findThreshold(db, channel.id),
      listTargets(db, channel.id),
      readQuietEnds(pool, channel.id, notificationPolicy).then((ends) =>
        listHistory(db, channel.id, before, ends),
      ),
      proofOfPerson(user.id, `/console/channel/${channel.id}/notifications`),
      readMailStanding(pool, channel.id, notificationPolicy),
      consoleTime(),
      findQuietHours(db, { channelId: channel.id }),
      findQuietHours(db, { userId: user.id }),
    ]);
  const timeZone = user.timeZone ?? displayTimeZone;
  const isOpen = notificationPolicy.access === "open";
  const place = { channelId: channel.id, timeZone };
  return (
    <div className="grid grid-cols-1 gap-5">
      <FunctionCard {...place} grant={grant} isOpen={isOpen} apply={apply} />
      <RecipientsCard
        channelId={channel.id}
        recipients={recipients}
        mayTest={isOpen || grant?.state === "approved"}
        quiet={{ ofChannel, own, zone: timeZone, zones: timeZones }}
        actions={{ save, askAgain, sendTest, setQuietHours }}
      />
      <ThresholdCard
        channelId={channel.id}
        threshold={threshold}
        windowMs={notificationPolicy.windowMs}
        action={setThreshold}
      />
      <AlertTargets
        {...place}
        targets={targets}
        rules={{ allowsHttp: allowHttpTargets, allowsPrivate: allowTargets.length > 0 }}
        proof={proof}
        actions={{ add: addTarget, remove: removeTarget, test: testTarget }}
      />
      <HistoryCard
        {...place}
        {...history}
        now={now}
        isNewest={before === null}
        standing={
          <>
            <StandingLine {...place} standing={standing} now={now} />
            <NotUnderstoodCallout
              parts={listNotUnderstood(given, { before })}
              href={`${notificationsPath(channel.id)}#history`}
            />
          </>
        }
      />
    </div>
  );
}

/** Whatever is no time shows the newest page. */
function timeOf(text: string | undefined): Date | null {
  const at = new Date(text ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at;
}
