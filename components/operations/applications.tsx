"use client";

import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import { type GrantEntry, type GrantState, grantStates } from "#lib/grants/schema.ts";
import { GrantDecision } from "./grant-decision.tsx";

/** The operators' queue of applications for the error notification. */
export function Applications({
  state,
  applications,
  isOpen,
  timeZone,
  decide,
}: {
  state: GrantState;
  applications: readonly GrantEntry[];
  /** Every channel has the function. */
  isOpen: boolean;
  timeZone: string;
  decide: FormAction;
}) {
  const t = useTranslations("operations.applications");
  const segments = grantStates.map((one) => ({
    href: `/console/operations/applications?state=${one}`,
    label: t(`states.${one}`),
    current: one === state,
  }));
  return (
    <div className="space-y-4">
      {isOpen && <Callout>{t("openMode")}</Callout>}
      <Card>
        <CardHeader
          title={t("title")}
          text={t("text")}
          action={<Segmented label={t("states.label")} segments={segments} />}
        />
        {applications.length === 0 ? (
          <EmptyState title={t("none.title")} text={t("none.text")} />
        ) : (
          <ul className="divide-y border-t">
            {applications.map((application) => (
              <li key={application.id} className="grid gap-4 px-5 py-4 lg:grid-cols-[1fr_20rem]">
                <Application application={application} timeZone={timeZone} />
                <GrantDecision application={application} decide={decide} />
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}

function Application({ application, timeZone }: { application: GrantEntry; timeZone: string }) {
  const t = useTranslations("operations.applications");
  const { channelName, channelId, providerName, decidedAt, decisionNote } = application;
  const applied = {
    name: application.appliedBy ?? t("unknown"),
    time: formatDateTime(application.appliedAt, timeZone),
  };
  const facts = ["company", "contact", "reason"] as const;
  return (
    <div className="min-w-0">
      <p>
        <span className="font-medium">{channelName}</span>{" "}
        <span className="text-sm text-dim">
          {providerName} · <span className="font-mono">{channelId}</span>
        </span>
      </p>
      <dl className="mt-2 grid gap-x-4 gap-y-1 sm:grid-cols-[8rem_1fr]">
        {facts.map((fact) => (
          <div key={fact} className="contents">
            <dt className="text-sm text-dim">{t(fact)}</dt>
            <dd className="wrap-anywhere whitespace-pre-line">{application[fact]}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-2 text-sm text-dim">{t("by", applied)}</p>
      {decidedAt !== null && (
        <p className="text-sm text-dim">
          {t("decided", {
            name: application.decidedBy ?? t("unknown"),
            time: formatDateTime(decidedAt, timeZone),
          })}
          {decisionNote !== null && <span className="text-ink"> · {decisionNote}</span>}
        </p>
      )}
    </div>
  );
}
