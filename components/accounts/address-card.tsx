"use client";

import { useTranslations } from "next-intl";
import { FormCard } from "#components/ui/form-card.tsx";
import type { FormAction } from "#lib/form-state.ts";
import { emailField } from "./account-fields.ts";
import { BackToSignIn } from "./back-to-sign-in.tsx";

/** Asks for the address that a link is mailed to; `next` is where the person goes on to once signed in, "" for nowhere special. */
export function AddressCard({
  texts,
  action,
  next,
  back,
}: {
  texts: { title: string; text: string; action: string };
  action: FormAction;
  next: string;
  back: string;
}) {
  const t = useTranslations("accounts");
  return (
    <FormCard
      heading="h1"
      title={texts.title}
      text={texts.text}
      action={action}
      hidden={{ next }}
      endsWhenDone
      fields={[emailField(t)]}
      submit={texts.action}
      footer={<BackToSignIn href={back}>{t("backToSignIn")}</BackToSignIn>}
    />
  );
}
