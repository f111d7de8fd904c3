"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { toast } from "#components/ui/toast.ts";
import type { TargetEntry } from "#lib/alerts/target-form.ts";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import { AddTargets, type TargetRules } from "./add-targets.tsx";
import { TargetHistory } from "./target-history.tsx";

export type TargetActions = {
  add: FormAction<string | null>;
  remove: FormAction;
  test: FormAction;
};

/** What a channel's alerts go to besides the mails. */
export function AlertTargets({
  channelId,
  targets,
  timeZone,
  rules,
  proof,
  actions,
}: {
  channelId: string;
  targets: readonly TargetEntry[];
  timeZone: string;
  rules: TargetRules;
  /** Stands in for the form while it is to be shown first who is there. */
  proof: ReactNode;
  actions: TargetActions;
}) {
  const t = useTranslations("notifications.targets");
  return (
    <Card>
      <CardHeader title={t("title")} text={t("text")} />
      {targets.length > 0 && (
        <ul className="divide-y border-t border-b">
          {targets.map((target) => (
            <li key={target.id} className="flex flex-wrap items-center gap-3 px-5 py-3">
              <Target target={target} timeZone={timeZone} />
              <Decisions channelId={channelId} target={target} actions={actions} />
              <TargetHistory alerts={target.alerts} name={target.name} timeZone={timeZone} />
            </li>
          ))}
        </ul>
      )}
      <CardBody className="pt-4">
        <AddTargets channelId={channelId} rules={rules} proof={proof} action={actions.add} />
      </CardBody>
    </Card>
  );
}

function Target({ target, timeZone }: { target: TargetEntry; timeZone: string }) {
  const t = useTranslations("notifications.targets");
  const { lastSentAt, lastFailedAt, lastError, waitingCount } = target;
  const isFailing = lastError !== null && lastFailedAt !== null;
  return (
    <div className="min-w-0 grow">
      <p>
        <span className="font-medium">{target.name}</span>{" "}
        <span className="text-sm text-dim">
          {target.name !== t(`kinds.${target.kind}`) && `${t(`kinds.${target.kind}`)} · `}
          <span className="font-mono">{target.host}</span>
        </span>
      </p>
      <p className="text-sm wrap-anywhere text-dim">
        {lastSentAt === null && lastFailedAt === null && t("never")}
        {lastSentAt !== null && t("lastSent", { time: formatDateTime(lastSentAt, timeZone) })}
        {isFailing && (
          <span className="block text-bad">
            {t("lastFailed", { time: formatDateTime(lastFailedAt, timeZone), error: lastError })}
          </span>
        )}
        {waitingCount > 0 && <span className="block">{t("waiting", { count: waitingCount })}</span>}
      </p>
    </div>
  );
}

function Decisions({
  channelId,
  target,
  actions,
}: {
  channelId: string;
  target: TargetEntry;
  actions: TargetActions;
}) {
  const t = useTranslations("notifications.targets");
  const common = useTranslations("common");
  const fields = { channelId, targetId: target.id };
  const { name, waitingCount } = target;
  return (
    <div className="flex gap-2">
      <ActionButton
        action={actions.test}
        fields={fields}
        label={t("testWhat", { name })}
        onDone={toast}
      >
        {t("test")}
      </ActionButton>
      <ConfirmForm
        action={actions.remove}
        fields={fields}
        label={t("removeWhat", { name })}
        texts={{
          trigger: t("remove"),
          title: t("removeTitle", { name }),
          text: t("removeText", { count: waitingCount }),
          action: t("remove"),
          cancel: common("cancel"),
        }}
        onDone={toast}
      />
    </div>
  );
}
