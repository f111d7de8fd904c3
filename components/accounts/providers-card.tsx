"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useActionState } from "react";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import type { SignInProvider } from "#lib/accounts/schema.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";

/** Accounts elsewhere that sign in to this one. One that the operator configures no more can still be removed. */
export function ProvidersCard({
  providers,
  linked,
  proof,
  actions,
}: {
  providers: readonly SignInProvider[];
  linked: readonly { provider: string; label: string | null }[];
  /** Stands there instead of what links while it is to be shown first who is there. */
  proof: ReactNode;
  actions: { link: FormAction; unlink: FormAction };
}) {
  const t = useTranslations("accounts.providers");
  const [linking, link] = useActionState(actions.link, idleForm);
  const [unlinking, unlink] = useActionState(actions.unlink, idleForm);
  const gone = linked
    .filter(({ provider }) => !providers.some(({ id }) => id === provider))
    .map(({ provider }) => ({ id: provider, name: provider }));
  return (
    <Card>
      <CardHeader title={t("title")} text={t("text")} />
      <div className="grid gap-3 px-5 empty:hidden">
        <FormMessage state={linking} />
        <FormMessage state={unlinking} />
        {proof}
      </div>
      <ul className="mt-2 divide-y border-t">
        {[...providers, ...gone].map(({ id, name }) => {
          const own = linked.find(({ provider }) => provider === id);
          return (
            <li key={id} className="flex flex-wrap items-center justify-between gap-3 px-5 py-3">
              <span className="min-w-0">
                <span className="block font-medium">{name}</span>
                <span className="block text-sm wrap-anywhere text-dim">
                  {own === undefined ? t("none") : (own.label ?? t("linkedState"))}
                </span>
              </span>
              {(own !== undefined || proof === null) && (
                <form action={own === undefined ? link : unlink}>
                  <input type="hidden" name="provider" value={id} />
                  <SubmitButton
                    look="quiet"
                    size="sm"
                    aria-label={t(own === undefined ? "linkWhat" : "unlinkWhat", { name })}
                  >
                    {t(own === undefined ? "link" : "unlink")}
                  </SubmitButton>
                </form>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
