import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { newPasswordField } from "#components/accounts/account-fields.ts";
import { LinkGone } from "#components/accounts/link-gone.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { isResetToken } from "#lib/accounts/reset-password.ts";
import { database } from "#lib/web/database.ts";
import { reset } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.reset");
  return { title: t("title") };
}

type Props = { params: Promise<{ token: string }> };

export default async function ResetPasswordPage({ params }: Props) {
  const { token } = await params;
  const t = await getTranslations("accounts");
  if (!(await isResetToken(database().db, token))) {
    return <LinkGone again={{ href: "/forgot-password", label: t("forgot.title") }} />;
  }
  return (
    <FormCard
      heading="h1"
      title={t("reset.title")}
      text={t("reset.text")}
      action={reset}
      hidden={{ token }}
      fields={[newPasswordField(t, t("newPassword"))]}
      submit={t("reset.action")}
    />
  );
}
