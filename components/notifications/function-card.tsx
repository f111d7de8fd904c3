"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { TextAreaField, TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import {
  companyLengthMax,
  contactLengthMax,
  type Grant,
  reasonLengthMax,
} from "#lib/grants/schema.ts";

const tones = {
  none: "plain",
  pending: "warn",
  approved: "good",
  rejected: "bad",
  withdrawn: "bad",
  open: "good",
} as const;

/** Whether the channel has the error notification, why not, and how to get it. */
export function FunctionCard({
  channelId,
  grant,
  isOpen,
  timeZone,
  apply,
}: {
  channelId: string;
  grant: Grant | null;
  /** The installation has it on for every channel. */
  isOpen: boolean;
  timeZone: string;
  apply: FormAction;
}) {
  const t = useTranslations("notifications.function");
  const state = isOpen ? "open" : (grant?.state ?? "none");
  const at = grant === null ? null : (grant.decidedAt ?? grant.appliedAt);
  const time = at === null ? "" : formatDateTime(at, timeZone);
  const mayApply = state === "none" || state === "rejected" || state === "withdrawn";
  return (
    <Card id="function">
      <CardHeader
        title={t("title")}
        text={t(state, { time })}
        action={<Badge tone={tones[state]}>{t(`states.${state}`)}</Badge>}
      />
      {!isOpen && grant !== null && <GrantFacts grant={grant} timeZone={timeZone} />}
      {mayApply && (
        <CardBody>
          <ApplyForm channelId={channelId} action={apply} />
        </CardBody>
      )}
    </Card>
  );
}

function GrantFacts({ grant, timeZone }: { grant: Grant; timeZone: string }) {
  const t = useTranslations("notifications.function");
  const applied = { name: grant.appliedBy ?? "–", time: formatDateTime(grant.appliedAt, timeZone) };
  return (
    <div className="px-5 pb-4 text-sm text-dim">
      <p>{t("appliedBy", applied)}</p>
      {grant.decisionNote !== null && (
        <p className="mt-1">
          {t("note")}: <span className="text-ink">{grant.decisionNote}</span>
        </p>
      )}
    </div>
  );
}

function ApplyForm({ channelId, action }: { channelId: string; action: FormAction }) {
  const t = useTranslations("notifications.function");
  const [state, dispatch] = useActionState(action, idleForm);
  const field = (name: "company" | "contact" | "reason") => ({
    name,
    label: t(name),
    required: true,
    defaultValue: typedValue(state, name),
    error: fieldError(state, name),
  });
  return (
    <form action={dispatch} className="grid max-w-2xl gap-4">
      <input type="hidden" name="channelId" value={channelId} />
      <TextField {...field("company")} maxLength={companyLengthMax} autoComplete="organization" />
      <TextField {...field("contact")} maxLength={contactLengthMax} hint={t("contactHint")} />
      <TextAreaField {...field("reason")} maxLength={reasonLengthMax} hint={t("reasonHint")} />
      <FormMessage state={state} />
      <div>
        <SubmitButton>{t("apply")}</SubmitButton>
      </div>
    </form>
  );
}
