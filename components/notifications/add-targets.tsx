"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState } from "react";
import { Callout } from "#components/ui/callout.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { targetNameLengthMax } from "#lib/alerts/target-form.ts";
import {
  type FormAction,
  type FormState,
  fieldError,
  idleForm,
  typedValue,
} from "#lib/form-state.ts";
import { type AlertKind, alertKindFacts, alertKinds } from "#lib/notifications/alert-kinds.ts";

/** Which addresses the installation's settings let alerts go to. */
export type TargetRules = { allowsHttp: boolean; allowsPrivate: boolean };

type Props = {
  channelId: string;
  rules: TargetRules;
  /** Stands in for the forms while it is to be shown first who is there. */
  proof: ReactNode;
  action: FormAction<string | null>;
};

/** A form for each kind of alert target, of which one is open at a time; without a script, too. */
export function AddTargets({ proof, ...props }: Props) {
  const t = useTranslations("notifications.targets");
  return (
    <div className="grid max-w-2xl gap-2">
      <h3 className="font-medium">{t("addTitle")}</h3>
      {proof}
      {alertKinds.map((kind) => (
        <AddTarget key={kind} kind={kind} isProven={proof === null} {...props} />
      ))}
    </div>
  );
}

function AddTarget({
  kind,
  channelId,
  rules,
  isProven,
  action,
}: Omit<Props, "proof"> & { kind: AlertKind; isProven: boolean }) {
  const t = useTranslations("notifications.targets");
  const [state, dispatch] = useActionState(action, idleForm);
  const secret = state.status === "done" ? state.data : null;
  if (!isProven && state.status === "idle") return null;
  return (
    <details
      name="add-alert-target"
      open={state.status !== "idle"}
      className="rounded-md border open:pb-4"
    >
      <summary className="cursor-pointer px-4 py-2.5">{t(`kinds.${kind}`)}</summary>
      <form action={dispatch} aria-label={t(`kinds.${kind}`)} className="grid gap-4 px-4 pt-1">
        <p className="text-sm text-dim">{t(`kindTexts.${kind}`)}</p>
        <FormMessage state={state} />
        {secret !== null && <NewSecret secret={secret} />}
        {isProven && (
          <>
            <input type="hidden" name="channelId" value={channelId} />
            <input type="hidden" name="kind" value={kind} />
            <Fields kind={kind} rules={rules} state={state} />
            <div>
              <SubmitButton look="quiet">{t("add")}</SubmitButton>
            </div>
          </>
        )}
      </form>
    </details>
  );
}

function NewSecret({ secret }: { secret: string }) {
  const t = useTranslations("notifications.targets");
  return (
    <Callout tone="good" role="status" title={t("secretTitle")}>
      <p className="text-sm text-dim">{t("secretText")}</p>
      <p className="mt-2 flex flex-wrap items-center gap-2">
        <code className="font-mono break-all">{secret}</code>
        <CopyButton text={secret} what={t("secret")} />
      </p>
    </Callout>
  );
}

function Fields({
  kind,
  rules,
  state,
}: {
  kind: AlertKind;
  rules: TargetRules;
  state: FormState<string | null>;
}) {
  const t = useTranslations("notifications.targets");
  const { address, token, recipient } = alertKindFacts[kind];
  const where = `${t(rules.allowsHttp ? "urlHintHttp" : "urlHint")} ${t(rules.allowsPrivate ? "privateSome" : "privateNone")}`;
  const common = (name: string) => ({
    name,
    defaultValue: typedValue(state, name),
    error: fieldError(state, name),
  });
  return (
    <>
      <TextField
        label={t("name")}
        required
        maxLength={targetNameLengthMax}
        {...common("name")}
        defaultValue={typedValue(state, "name", t(`kinds.${kind}`))}
      />
      {token !== null && (kind === "pagerduty" || kind === "line") && (
        <TextField
          label={t(`tokens.${kind}`)}
          type="password"
          autoComplete="off"
          required
          maxLength={1_000}
          hint={t("tokenHint")}
          {...common("token")}
        />
      )}
      {recipient !== null && (
        <TextField
          label={t("recipient")}
          required
          maxLength={33}
          autoComplete="off"
          hint={t("recipientHint")}
          {...common("recipient")}
        />
      )}
      <TextField
        label={t(address === null ? "url" : "address")}
        type="url"
        required={address === null}
        maxLength={2_000}
        hint={address === null ? where : `${t("addressHint", { address })} ${where}`}
        {...common("url")}
      />
    </>
  );
}
