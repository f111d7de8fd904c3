import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { PageHead } from "#components/layout/page-head.tsx";
import { ClocksCallout } from "#components/operations/clocks-callout.tsx";
import { CrowdedChannelsCallout } from "#components/operations/crowded-channels-callout.tsx";
import { IntakeCallout } from "#components/operations/intake-callout.tsx";
import { MailNotices } from "#components/operations/mail-notices.tsx";
import { PartitionsCallout } from "#components/operations/partitions-callout.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import { env } from "#lib/env.ts";
import { inspectQueue } from "#lib/intake/inspect-queue.ts";
import { listCrowdedChannels } from "#lib/intake/list-crowded-channels.ts";
import { channelTroubles, intakeTroubles } from "#lib/intake/schema.ts";
import { listTroubles } from "#lib/intake/told-trouble.ts";
import { mailSettings } from "#lib/outbox/mail-settings.ts";
import { listNotices } from "#lib/outbox/notices.ts";
import { inspectPartitions } from "#lib/retention/inspect-partitions.ts";
import { listWrongClocks } from "#lib/time/clock-readings.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { dismiss } from "./outbox/actions.ts";

/** Head and tabs of what only operators see. */
export default async function OperationsLayout({ children }: { children: ReactNode }) {
  const user = await requireOperator();
  const [t, common, intake, partitions, clocks, notices] = await Promise.all([
    getTranslations("operations.tabs"),
    getTranslations("common"),
    readIntake().catch(() => null),
    // A notice that cannot be made must not take the pages away.
    inspectPartitions(database().pool, env().retentionDays).catch(() => null),
    listWrongClocks(database().pool).catch(() => []),
    listNotices(database().db).catch(() => []),
  ]);
  const root = "/console/operations";
  return (
    <div className="space-y-5">
      <PageHead
        crumbs={[{ label: common("console"), href: "/console" }, { label: t("label") }]}
        title={t("label")}
      />
      <Tabs
        label={t("label")}
        tabs={[
          { href: `${root}/applications`, label: t("applications") },
          { href: `${root}/outbox`, label: t("outbox") },
          { href: `${root}/channels`, label: t("channels") },
          { href: `${root}/providers`, label: t("providers") },
          { href: `${root}/users`, label: t("users") },
          { href: `${root}/invitations`, label: t("invitations") },
          { href: `${root}/addresses`, label: t("addresses") },
          { href: `${root}/set-aside`, label: t("setAside") },
          { href: `${root}/platform-keys`, label: t("platformKeys") },
          { href: `${root}/audit`, label: t("audit") },
        ]}
      />
      {intake !== null && intake.troubles.length > 0 && (
        <IntakeCallout {...intake} limits={env().intakeLimits} />
      )}
      {intake !== null && intake.crowded.length > 0 && (
        <CrowdedChannelsCallout channels={intake.crowded} limits={env().intakeLimits} />
      )}
      {clocks.length > 0 && <ClocksCallout clocks={clocks} />}
      {partitions?.isAlarming === true && (
        <PartitionsCallout
          daysAhead={partitions.daysAhead}
          overdue={partitions.overdue}
          strays={partitions.strays}
        />
      )}
      <MailNotices
        notices={notices}
        settings={mailSettings(env())}
        timeZone={user.timeZone ?? env().displayTimeZone}
        dismiss={dismiss}
      />
      {children}
    </div>
  );
}

/** Why no events are taken in, of all channels or of some, as the API processes say, with the queue's figures. */
async function readIntake() {
  const { pool } = database();
  const [told, queue] = await Promise.all([listTroubles(pool), inspectQueue(pool)]);
  const isOfSome = channelTroubles.some((trouble) => told.includes(trouble));
  return {
    troubles: intakeTroubles.filter((trouble) => told.includes(trouble)),
    queue,
    crowded: isOfSome ? await listCrowdedChannels(database(), queue, env().intakeLimits) : [],
  };
}
