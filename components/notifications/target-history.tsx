import { useTranslations } from "next-intl";
import type { SentAlert } from "#lib/alerts/target-form.ts";
import { formatDateTime } from "#lib/format.ts";
import { MailStateBadge } from "./mail-state-badge.tsx";

/** The last alerts of one target, and what was answered. */
export function TargetHistory({
  alerts,
  name,
  timeZone,
}: {
  alerts: readonly SentAlert[];
  name: string;
  timeZone: string;
}) {
  const t = useTranslations("notifications.targets");
  if (alerts.length === 0) return null;
  return (
    <details className="w-full text-sm">
      <summary className="cursor-pointer text-brand">
        {t("history", { count: alerts.length })}
        <span className="sr-only"> {name}</span>
      </summary>
      <ul className="mt-2 grid gap-2">
        {alerts.map((alert) => (
          <Entry key={alert.id} alert={alert} timeZone={timeZone} />
        ))}
      </ul>
    </details>
  );
}

function Entry({ alert, timeZone }: { alert: SentAlert; timeZone: string }) {
  const t = useTranslations("notifications.targets");
  const types = useTranslations("mails.types");
  const { type, isResolve, state, createdAt, triedAt, attempts, statusCode, answer, lastError } =
    alert;
  return (
    <li className="grid gap-0.5">
      <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <MailStateBadge state={state} />
        <span className="font-medium">
          {isResolve ? t("resolve") : type === null ? t("unknownType") : types(type)}
        </span>
        <span className="font-mono text-dim tabular-nums">
          {formatDateTime(triedAt ?? createdAt, timeZone)}
        </span>
        {attempts > 1 && <span className="text-dim">{t("tries", { count: attempts })}</span>}
      </span>
      {triedAt !== null && (
        <span className="wrap-anywhere text-dim">
          {statusCode === null ? t("noAnswer") : t("answered", { status: statusCode })}
          {lastError !== null && statusCode === null && ` · ${lastError}`}
          {answer !== null && answer !== "" && (
            <>
              {" "}
              <code className="font-mono">{answer}</code>
            </>
          )}
        </span>
      )}
    </li>
  );
}
