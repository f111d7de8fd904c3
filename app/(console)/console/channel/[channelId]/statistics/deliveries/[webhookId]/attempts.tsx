import { getTranslations } from "next-intl/server";
import { WebhookAttempt } from "#components/deliveries/webhook-attempt.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { harmlessText } from "#lib/answers/harmless-text.ts";
import { answerHref } from "#lib/delivery-log/answer-href.ts";
import { webhookHref } from "#lib/delivery-log/filter.ts";
import { attemptsMax } from "#lib/delivery-log/get-webhook.ts";
import { limitAnswers } from "#lib/delivery-log/limit-answers.ts";
import type { LoggedAttempt, WebhookDetail } from "#lib/delivery-log/schema.ts";
import { rebuildRequest } from "#lib/delivery-log/sent-request.ts";
import { defaultFilter, errorsHref } from "#lib/webhook-errors/filter.ts";
import { readSecrets } from "./read-secrets.ts";

type AttemptsProps = {
  channelId: string;
  webhook: WebhookDetail;
  timeZone: string;
  /** The person may see signatures. */
  signs: boolean;
  /** The number of the attempt that the address leads to; no attempt's where it leads to none. */
  asked: number;
};

/** The attempts, the newest first. Open is the one that was asked for, else the newest. */
export async function Attempts(props: AttemptsProps) {
  const { channelId, webhook, timeZone, signs, asked } = props;
  const [t, secrets] = await Promise.all([
    getTranslations("deliveries.webhook"),
    signs ? readSecrets(channelId) : null,
  ]);
  const { attempts } = webhook;
  const history = limitAnswers(webhook.history, (count) => t("cut", { count }));
  const isAnyMissing = history.length > 0 && history.length < attempts;
  const isCut = isAnyMissing && history.length >= attemptsMax;
  const isAny = history.some(({ attempt }) => attempt === asked);
  return (
    <Card className="overflow-hidden" aria-label={t("attempts")}>
      <CardHeader
        title={t("attempts")}
        text={isCut ? t("newest", { count: attemptsMax }) : isAnyMissing ? t("missing") : undefined}
      />
      {!isAny && asked > 0 && (
        <CardBody className="text-warn">
          {t(isCut ? "olderAttempt" : "noSuchAttempt", { attempt: asked })}
        </CardBody>
      )}
      {history.length === 0 && <CardBody>{t("noAttempts")}</CardBody>}
      {history.map((attempt, index) => (
        <WebhookAttempt
          key={attempt.attempt}
          attempt={attempt}
          timeZone={timeZone}
          open={isAny ? attempt.attempt === asked : index === 0}
          isMarked={attempt.attempt === asked}
          href={webhookHref(channelId, webhook.id, undefined, attempt.attempt)}
          request={requestText(webhook, attempt, secrets)}
          requestNote={t(signs ? "requestNote" : "requestNoteHidden")}
          answerHref={answerHref(channelId, webhook.id, attempt.attempt)}
          errorHref={errorHref(channelId, webhook.id, attempt)}
        />
      ))}
    </Card>
  );
}

function requestText(
  webhook: WebhookDetail,
  { attempt, startedAt, url }: LoggedAttempt,
  secrets: Awaited<ReturnType<typeof readSecrets>> | null,
): string | null {
  if (url === null) return null;
  const { headers } = rebuildRequest(webhook, { attempt, startedAt, url }, secrets);
  return harmlessText(headers.map(([name, value]) => `${name}: ${value}`).join("\n"));
}

const minuteMs = 60_000;

/** The error's row on the Errors page, opened at this attempt, within the hour around it. */
function errorHref(channelId: string, webhookId: string, attempt: LoggedAttempt): string | null {
  if (attempt.outcome !== "failed") return null;
  const minute = Math.floor(attempt.startedAt.getTime() / minuteMs) * minuteMs;
  const range = { from: new Date(minute - 30 * minuteMs), to: new Date(minute + 30 * minuteMs) };
  return errorsHref(
    channelId,
    { ...defaultFilter, range },
    {
      row: { minute: new Date(minute), reason: attempt.reason, detail: attempt.detail },
      error: { webhookId, attempt: attempt.attempt },
    },
  );
}
