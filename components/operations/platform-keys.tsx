"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState } from "react";
import { Callout } from "#components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import type { PlatformKey } from "#lib/tokens/schema.ts";
import { PlatformKeysTable } from "./platform-keys-table.tsx";

/** Platform keys: a new one is shown this once, the others by their first characters. */
export function PlatformKeys({
  keys,
  proof,
  timeZone,
  actions,
}: {
  keys: readonly PlatformKey[];
  /** Stands in for the form while it is to be shown first who is there. */
  proof: ReactNode;
  timeZone: string;
  actions: { create: FormAction<string>; revoke: FormAction };
}) {
  const t = useTranslations("operations.keys");
  return (
    <div className="grid grid-cols-1 gap-5">
      <Card>
        <CardHeader title={t("title")} text={t("text")} />
        <CardBody>
          <CreateForm proof={proof} action={actions.create} />
        </CardBody>
      </Card>
      <Card>
        {keys.length === 0 ? (
          <EmptyState title={t("none.title")} text={t("none.text")} />
        ) : (
          <PlatformKeysTable keys={keys} timeZone={timeZone} revoke={actions.revoke} />
        )}
      </Card>
    </div>
  );
}

function CreateForm({ proof, action }: { proof: ReactNode; action: FormAction<string> }) {
  const t = useTranslations("operations.keys");
  const [state, dispatch] = useActionState(action, idleForm);
  const key = state.status === "done" ? state.data : undefined;
  return (
    <div className="grid gap-4">
      <FormMessage state={state} />
      {key !== undefined && (
        <Callout tone="good" role="status" title={t("createdTitle")}>
          <p className="text-sm text-dim">{t("createdText")}</p>
          <p className="mt-2 flex flex-wrap items-center gap-2">
            <code className="font-mono break-all">{key}</code>
            <CopyButton text={key} what={t("key")} />
          </p>
        </Callout>
      )}
      {proof ?? (
        <form action={dispatch} className="flex flex-wrap items-start gap-3">
          <TextField
            className="min-w-0 grow basis-64"
            label={t("name")}
            name="name"
            required
            maxLength={60}
            hint={t("nameHint")}
            defaultValue={typedValue(state, "name")}
            error={fieldError(state, "name")}
          />
          <SubmitButton className="sm:mt-6.5">{t("create")}</SubmitButton>
        </form>
      )}
    </div>
  );
}
