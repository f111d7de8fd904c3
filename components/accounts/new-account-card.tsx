"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { FormCard } from "#components/ui/form-card.tsx";
import { passwordLengthMin } from "#lib/accounts/schema.ts";
import type { FormAction } from "#lib/form-state.ts";

/** Name and password of a new account, behind a link that was mailed to `email`. */
export function NewAccountCard({
  title,
  text,
  token,
  email,
  action,
  children,
  footer,
}: {
  title: string;
  text: string;
  token: string;
  email: string;
  action: FormAction;
  children?: ReactNode;
  footer?: ReactNode;
}) {
  const t = useTranslations("accounts");
  return (
    <FormCard
      heading="h1"
      title={title}
      text={text}
      action={action}
      // The address is for password managers: what counts is the link.
      hidden={{ token, username: email }}
      fields={[
        { name: "name", label: t("name"), autoComplete: "name", maxLength: 60 },
        {
          name: "password",
          label: t("password"),
          type: "password",
          autoComplete: "new-password",
          minLength: passwordLengthMin,
          hint: t("passwordHint", { min: passwordLengthMin }),
        },
      ]}
      submit={t("setUp.action")}
      footer={footer}
    >
      {children}
    </FormCard>
  );
}
