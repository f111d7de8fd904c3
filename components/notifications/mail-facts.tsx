import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Fact, Facts } from "#components/ui/facts.tsx";
import { formatDateTime } from "#lib/format.ts";
import type { MailDetail } from "#lib/notifications/schema.ts";
import { MailStateBadge } from "./mail-state-badge.tsx";
import { mailTypeKey } from "./mail-type-key.ts";

/** What became of a mail, and where it is stuck. */
export function MailFacts({
  mail,
  timeZone,
  action,
}: {
  mail: MailDetail;
  timeZone: string;
  /** What its reader may do with it. */
  action?: ReactNode;
}) {
  const t = useTranslations("notifications.mail");
  const outbox = useTranslations("notifications.outbox");
  const names = useTranslations("mails");
  const time = (at: Date) => (
    <span className="font-mono text-sm tabular-nums">{formatDateTime(at, timeZone)}</span>
  );
  return (
    <Card>
      <CardHeader title={mail.subject} action={action} />
      {mail.state === "kept" && <Callout className="mx-5 mb-3">{t("keptText")}</Callout>}
      {mail.state === "suppressed" && (
        <Callout tone="warn" className="mx-5 mb-3">
          {t("suppressedText")}
        </Callout>
      )}
      {mail.state === "withdrawn" && <Callout className="mx-5 mb-3">{t("withdrawnText")}</Callout>}
      {mail.uncertainAt !== null && (
        <Callout tone="warn" title={t("uncertain.title")} className="mx-5 mb-3">
          {t("uncertain.text", { at: formatDateTime(mail.uncertainAt, timeZone) })}
        </Callout>
      )}
      <Facts>
        <Fact name={outbox("state")}>
          <MailStateBadge state={mail.state} />
        </Fact>
        <Fact name={outbox("recipient")}>
          <span className="break-all">{mail.recipient}</span>
        </Fact>
        <Fact name={outbox("type")}>{names(mailTypeKey(mail))}</Fact>
        {mail.channelId !== null && (
          <Fact name={t("channel")}>
            <span className="font-mono text-sm">{mail.channelId}</span>
          </Fact>
        )}
        <Fact name={outbox("written")}>{time(mail.createdAt)}</Fact>
        {mail.sentAt !== null && <Fact name={t("sentAt")}>{time(mail.sentAt)}</Fact>}
        {mail.bouncedAt !== null && <Fact name={t("bouncedAt")}>{time(mail.bouncedAt)}</Fact>}
        {mail.state === "queued" && <Fact name={t("nextTry")}>{time(mail.dueAt)}</Fact>}
        {mail.attempts > 0 && (
          <Fact name={t("tries")}>
            <span className="tabular-nums">{mail.attempts}</span>
          </Fact>
        )}
        {mail.lastError !== null && (
          <Fact name={t("lastError")}>
            <span className="font-mono text-sm break-all">{mail.lastError}</span>
          </Fact>
        )}
        <Fact name={t("messageId")}>
          <span className="font-mono text-sm break-all">{mail.messageId}</span>
        </Fact>
      </Facts>
    </Card>
  );
}
