import { useTranslations } from "next-intl";
import { Card } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Fact, Facts } from "#components/ui/facts.tsx";
import { Moment } from "#components/ui/moment.tsx";
import type { WebhookDetail } from "#lib/delivery-log/schema.ts";
import { formatDateTime } from "#lib/format.ts";
import { cutText, pageBudget } from "#lib/page-budget.ts";
import { DeliveryStateMark } from "./delivery-state-mark.tsx";
import { DoubtMark } from "./doubt-mark.tsx";

type FactsProps = {
  webhook: WebhookDetail;
  events: readonly { type: string; webhookEventId?: string | undefined }[];
  timeZone: string;
};

const eventsShown = 10;

function EventId({ id }: { id: string }) {
  const t = useTranslations("deliveries.webhook");
  const { text, missingCount } = cutText(id, pageBudget.name);
  return (
    <>
      <span className="font-mono text-sm text-dim">{text}</span>
      {text !== "" && missingCount === 0 && <CopyButton text={text} what={t("eventId")} />}
    </>
  );
}

/** What a webhook is, how it stands, and what happens next. */
export function WebhookFacts({ webhook, events, timeZone }: FactsProps) {
  const t = useTranslations("deliveries.webhook");
  const at = webhook.finishedAt ?? webhook.dueAt;
  return (
    <Card>
      <Facts>
        <Fact name={t("state")}>
          <DeliveryStateMark state={webhook.state} className="font-medium" />
          {webhook.doubt !== null && <DoubtMark doubt={webhook.doubt} />}
          <span className="text-dim">
            {t(`next.${webhook.state}`, { time: at === null ? "" : formatDateTime(at, timeZone) })}
          </span>
        </Fact>
        <Fact name={t("accepted")}>
          <span className="font-mono text-sm tabular-nums">
            {formatDateTime(webhook.acceptedAt, timeZone)}
          </span>
          <Moment
            at={webhook.acceptedAt}
            timeZone={timeZone}
            className="text-sm text-dim noscript:hidden"
          />
        </Fact>
        <Fact name={t("events")}>
          <ul className="grid min-w-0 gap-1">
            {events.slice(0, eventsShown).map((event, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: events have no order but this, and never change.
              <li key={index} className="wrap-anywhere">
                {cutText(event.type, pageBudget.name).text}{" "}
                <EventId id={event.webhookEventId ?? ""} />
              </li>
            ))}
            {events.length > eventsShown && (
              <li className="text-dim">
                {t("moreEvents", { count: events.length - eventsShown })}
              </li>
            )}
          </ul>
        </Fact>
        <Fact name={t("attemptCount")}>
          <span className="tabular-nums">{webhook.attempts}</span>
        </Fact>
      </Facts>
    </Card>
  );
}
