"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { SignInProvider } from "#lib/accounts/schema.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** A button for each configured provider, below the form that asks for a password. */
export function ProviderButtons({
  providers,
  action,
  next,
}: {
  providers: readonly SignInProvider[];
  action: FormAction;
  next: string;
}) {
  const t = useTranslations("accounts.signIn");
  const [state, dispatch] = useActionState(action, idleForm);
  if (providers.length === 0) return null;
  return (
    <div className="grid gap-3">
      <p className="flex items-center gap-3 text-sm text-dim before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
        {t("or")}
      </p>
      <FormMessage state={state} />
      {providers.map(({ id, name }) => (
        <form key={id} action={dispatch}>
          <input type="hidden" name="provider" value={id} />
          <input type="hidden" name="next" value={next} />
          <SubmitButton look="quiet" className="w-full">
            {t("with", { name })}
          </SubmitButton>
        </form>
      ))}
    </div>
  );
}
