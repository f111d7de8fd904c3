"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Card } from "#components/ui/card.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { passwordLengthMin } from "#lib/accounts/schema.ts";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";

/** Set-up asks for a name and a new password, sign-in for what was chosen then. */
export function AccountForm({ kind, action }: { kind: "setUp" | "signIn"; action: FormAction }) {
  const t = useTranslations("accounts");
  const [state, dispatch] = useActionState(action, idleForm);
  const isNew = kind === "setUp";
  return (
    <Card className="p-5">
      <h1 className="text-xl font-semibold">{t(`${kind}.title`)}</h1>
      <p className="mt-1 text-dim">{t(`${kind}.text`)}</p>
      <form action={dispatch} className="mt-5 grid gap-4">
        <FormMessage state={state} />
        {isNew && (
          <TextField
            label={t("name")}
            name="name"
            autoComplete="name"
            required
            maxLength={60}
            defaultValue={typedValue(state, "name")}
            error={fieldError(state, "name")}
          />
        )}
        <TextField
          label={t("email")}
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          defaultValue={typedValue(state, "email")}
          error={fieldError(state, "email")}
        />
        <TextField
          label={t("password")}
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          required
          {...(isNew
            ? { minLength: passwordLengthMin, hint: t("passwordHint", { min: passwordLengthMin }) }
            : {})}
          error={fieldError(state, "password")}
        />
        <SubmitButton className="mt-1">{t(`${kind}.action`)}</SubmitButton>
      </form>
    </Card>
  );
}
