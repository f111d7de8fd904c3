"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState } from "react";
import { toast } from "sonner";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { ConfirmForm } from "#components/ui/confirm-form.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { SelectField, TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type TargetEntry, targetNameLengthMax } from "#lib/alerts/target-form.ts";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import { alertKinds } from "#lib/notifications/alert-kinds.ts";

export type TargetActions = {
  add: FormAction<string | null>;
  remove: FormAction;
  test: FormAction;
};

/** Which addresses the installation's settings let alerts go to. */
type TargetRules = { allowsHttp: boolean; allowsPrivate: boolean };

/** Webhooks that a channel's alerts go to besides the mails. */
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
            </li>
          ))}
        </ul>
      )}
      <CardBody className="pt-4">
        <AddTarget channelId={channelId} rules={rules} proof={proof} action={actions.add} />
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
          {t(`kinds.${target.kind}`)} · <span className="font-mono">{target.host}</span>
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
  const tell = (message: string | null) => toast.success(message);
  return (
    <div className="flex gap-2">
      <ActionButton
        action={actions.test}
        fields={fields}
        label={t("testWhat", { name })}
        onDone={tell}
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
        onDone={tell}
      />
    </div>
  );
}

function AddTarget({
  channelId,
  rules,
  proof,
  action,
}: {
  channelId: string;
  rules: TargetRules;
  proof: ReactNode;
  action: FormAction<string | null>;
}) {
  const t = useTranslations("notifications.targets");
  const [state, dispatch] = useActionState(action, idleForm);
  const secret = state.status === "done" ? state.data : null;
  if (proof !== null && secret === null) {
    return (
      <div className="grid gap-3">
        <FormMessage state={state} />
        {proof}
      </div>
    );
  }
  return (
    <form action={dispatch} className="grid max-w-2xl gap-4">
      <FormMessage state={state} />
      {secret !== null && (
        <Callout tone="good" role="status" title={t("secretTitle")}>
          <p className="text-sm text-dim">{t("secretText")}</p>
          <p className="mt-2 flex flex-wrap items-center gap-2">
            <code className="font-mono break-all">{secret}</code>
            <CopyButton text={secret} what={t("secret")} />
          </p>
        </Callout>
      )}
      <input type="hidden" name="channelId" value={channelId} />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t("kind")}
          name="kind"
          defaultValue={typedValue(state, "kind", "webhook")}
        >
          {alertKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`kinds.${kind}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t("name")}
          name="name"
          required
          maxLength={targetNameLengthMax}
          defaultValue={typedValue(state, "name")}
          error={fieldError(state, "name")}
        />
      </div>
      <TextField
        label={t("url")}
        name="url"
        type="url"
        required
        maxLength={2_000}
        hint={`${t(rules.allowsHttp ? "urlHintHttp" : "urlHint")} ${t(rules.allowsPrivate ? "privateSome" : "privateNone")}`}
        defaultValue={typedValue(state, "url")}
        error={fieldError(state, "url")}
      />
      <div>
        <SubmitButton look="quiet">{t("add")}</SubmitButton>
      </div>
    </form>
  );
}
