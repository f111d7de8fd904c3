"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { TextField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, fieldError, idleForm } from "#lib/form-state.ts";
import { SignInAgainWays, type WayBack } from "./sign-in-again.tsx";

/** Asks who is there, by the password or by signing in again, in place of what an open browser alone must not be shown. */
export function ConfirmPerson({
  missing,
  text,
  action,
}: {
  missing: "password" | WayBack;
  text: string;
  action: FormAction;
}) {
  if (typeof missing === "object") return <SignInAgainWays way={missing} />;
  return <PasswordForm text={text} action={action} />;
}

function PasswordForm({ text, action }: { text: string; action: FormAction }) {
  const t = useTranslations("accounts");
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch} className="grid gap-3">
      <p className="max-w-prose text-sm text-dim">{text}</p>
      <FormMessage state={state} />
      <div className="flex flex-wrap items-start gap-3">
        <TextField
          className="min-w-0 grow basis-64 sm:max-w-xs"
          label={t("password")}
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          required
          error={fieldError(state, "currentPassword")}
        />
        <SubmitButton look="quiet" className="sm:mt-6.5">
          {t("proof.confirm")}
        </SubmitButton>
      </div>
    </form>
  );
}
