"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { SessionEntry } from "#lib/accounts/schema.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";

/** Where the person is signed in: device, place and time, each to be ended. */
export function SessionsCard({
  sessions,
  timeZone,
  actions,
}: {
  sessions: readonly SessionEntry[];
  timeZone: string;
  actions: { endOne: FormAction; endOthers: FormAction };
}) {
  const t = useTranslations("accounts.sessions");
  const [one, endOne] = useActionState(actions.endOne, idleForm);
  const [others, endOthers] = useActionState(actions.endOthers, idleForm);
  return (
    <Card>
      <CardHeader
        title={t("title")}
        text={t("text")}
        action={
          sessions.length > 1 && (
            <form action={endOthers}>
              <SubmitButton look="quiet" size="sm">
                {t("endOthers")}
              </SubmitButton>
            </form>
          )
        }
      />
      <div className="grid gap-3 px-5 empty:hidden">
        <FormMessage state={one} />
        <FormMessage state={others} />
      </div>
      <ul className="mt-2 divide-y border-t">
        {sessions.map((session) => (
          <li
            key={session.key}
            className="flex flex-wrap items-center justify-between gap-3 px-5 py-3"
          >
            <SessionFacts session={session} timeZone={timeZone} />
            {!session.isCurrent && (
              <form action={endOne}>
                <input type="hidden" name="key" value={session.key} />
                <SubmitButton look="quiet" size="sm">
                  {t("end")}
                </SubmitButton>
              </form>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function SessionFacts({ session, timeZone }: { session: SessionEntry; timeZone: string }) {
  const t = useTranslations("accounts.sessions");
  const { browser, system, method } = session;
  return (
    <span className="min-w-0">
      <span className="flex flex-wrap items-center gap-2 font-medium">
        {t("device", { browser: browser ?? t("unknown"), system: system ?? t("unknown") })}
        {session.isCurrent && <Badge tone="good">{t("current")}</Badge>}
      </span>
      <span className="block text-sm text-dim">
        {session.address ?? t("noAddress")}
        {method !== null && ` · ${t(`methods.${method}`)}`}
      </span>
      <span className="block font-mono text-sm text-dim tabular-nums">
        {t("seen", { time: formatDateTime(session.lastSeenAt, timeZone) })}
      </span>
    </span>
  );
}
