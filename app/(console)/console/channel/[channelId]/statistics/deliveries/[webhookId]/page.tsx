import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { redeliver } from "#app/(console)/console/channel/[channelId]/statistics/deliveries/actions.ts";
import { resolveView } from "#app/(console)/console/channel/[channelId]/statistics/deliveries/resolve-view.ts";
import { RedeliverButton } from "#components/deliveries/redeliver-button.tsx";
import { WebhookBody } from "#components/deliveries/webhook-body.tsx";
import { WebhookFacts } from "#components/deliveries/webhook-facts.tsx";
import { WebhookHead } from "#components/deliveries/webhook-head.tsx";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { eventsOf } from "#lib/delivery-log/events.ts";
import type { LogFilter } from "#lib/delivery-log/filter.ts";
import { findNeighbours } from "#lib/delivery-log/list.ts";
import { openWebhook } from "#lib/delivery-log/open-webhook.ts";
import { isWebhookId, parseLogFilter } from "#lib/delivery-log/parse-filter.ts";
import type { Neighbours } from "#lib/delivery-log/schema.ts";
import { env } from "#lib/env.ts";
import { can } from "#lib/members/permissions.ts";
import { givenBy } from "#lib/not-understood.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { readForPage } from "#lib/web/reading.ts";
import { Attempts } from "./attempts.tsx";
import { Curl } from "./curl.tsx";

type Props = {
  params: Promise<{ channelId: string; webhookId: string }>;
  searchParams: Promise<{ list?: string | string[]; attempt?: string | string[] }>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "see_deliveries");
  const t = await getTranslations("deliveries.webhook");
  return { title: `${t("title")} · ${channel.name}` };
}

/** One webhook: how it stands, its attempts, what it carries. */
export default async function WebhookPage({ params, searchParams }: Props) {
  const { channelId, webhookId } = await params;
  // Read as a filter, whatever it says: it leads to the list of this channel and nowhere else.
  const asked = await searchParams;
  const list = String(asked.list ?? "");
  const back = parseLogFilter(givenBy(new URLSearchParams(list)));
  const { user, channel, role } = await requireChannel(channelId, "see_deliveries");
  const webhook = isWebhookId(webhookId)
    ? await openWebhook(database().db, user, channel.id, webhookId)
    : null;
  if (webhook === null) notFound();
  const timeZone = canonicalZone(user.timeZone ?? env().displayTimeZone) ?? "UTC";
  const signs = can(role, "see_signatures");
  const neighbours = await readNeighbours(channel.id, webhook.id, back, user);
  return (
    <div className="space-y-4">
      <WebhookHead channelId={channel.id} webhook={webhook} list={back} neighbours={neighbours}>
        {can(role, "redeliver") && webhook.finishedAt !== null && (
          <RedeliverButton channelId={channel.id} webhookId={webhook.id} action={redeliver} />
        )}
      </WebhookHead>
      <WebhookFacts webhook={webhook} events={eventsOf(webhook.body)} timeZone={timeZone} />
      <Attempts
        // Of another webhook, none stays open or closed as one was here.
        key={webhook.id}
        channelId={channel.id}
        webhook={webhook}
        timeZone={timeZone}
        signs={signs}
        asked={Number(asked.attempt)}
      />
      <WebhookBody body={webhook.body} />
      {signs && <Curl channel={channel} webhook={webhook} />}
    </div>
  );
}

/** Within what the list shows that somebody came from; none where that cannot be asked now. */
async function readNeighbours(
  channelId: string,
  webhookId: string,
  list: LogFilter,
  user: SessionUser,
): Promise<Neighbours> {
  const none = { newer: null, older: null };
  if (list.webhookId !== null) return none;
  const { question } = await resolveView(channelId, list, user);
  const read = await readForPage(user.id, (db) => findNeighbours(db, question, webhookId));
  return read.state === "read" ? read.data : none;
}
