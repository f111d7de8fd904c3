"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { FormCard } from "#components/ui/form-card.tsx";
import type { FormAction } from "#lib/form-state.ts";
import { nameField, newPasswordField } from "./account-fields.ts";

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
      fields={[nameField(t), newPasswordField(t, t("password"))]}
      submit={t("setUp.action")}
      footer={footer}
    >
      {children}
    </FormCard>
  );
}
