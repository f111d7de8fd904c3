"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState } from "react";
import { buttonClass } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card } from "#components/ui/card.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { SignInProvider } from "#lib/accounts/schema.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** How a person without a password signs in again: with which accounts elsewhere, and to which page that leads back. */
export type WayBack = {
  providers: readonly SignInProvider[];
  next: string;
  minutes: number;
  action: FormAction;
};

/** Stands in for a form that needs proof of who is there, until the person has signed in again. */
export function SignInAgain({
  title,
  text,
  way,
}: {
  title: ReactNode;
  text: ReactNode;
  way: WayBack;
}) {
  return (
    <Card className="p-5">
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="mt-0.5 mb-4 max-w-prose wrap-anywhere text-dim">{text}</p>
      <SignInAgainWays way={way} />
    </Card>
  );
}

export function SignInAgainWays({ way }: { way: WayBack }) {
  const t = useTranslations("accounts.signInAgain");
  const [state, dispatch] = useActionState(way.action, idleForm);
  const isPossible = way.providers.length > 0;
  return (
    <div className="grid max-w-2xl gap-4">
      <FormMessage state={state} />
      <Callout>{t(isPossible ? "text" : "none", { minutes: way.minutes })}</Callout>
      <div className="flex flex-wrap gap-2">
        {way.providers.map(({ id, name }) => (
          <form key={id} action={dispatch} className="max-w-full">
            <input type="hidden" name="provider" value={id} />
            <input type="hidden" name="next" value={way.next} />
            <SubmitButton look="quiet" className="max-w-full">
              {t("with", { name })}
            </SubmitButton>
          </form>
        ))}
        {!isPossible && (
          <a href="/forgot-password" className={buttonClass()}>
            {t("byMail")}
          </a>
        )}
      </div>
    </div>
  );
}
