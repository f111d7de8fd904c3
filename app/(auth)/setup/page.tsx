import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { setUp } from "#app/(auth)/actions.ts";
import { emailField, nameField, newPasswordField } from "#components/accounts/account-fields.ts";
import { FormCard } from "#components/ui/form-card.tsx";
import { isSetUp } from "#lib/web/session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.setUp");
  return { title: t("title") };
}

export default async function SetUpPage() {
  if (await isSetUp()) redirect("/sign-in");
  const t = await getTranslations("accounts");
  return (
    <FormCard
      heading="h1"
      title={t("setUp.title")}
      text={t("setUp.text")}
      action={setUp}
      fields={[nameField(t), emailField(t), newPasswordField(t, t("password"))]}
      submit={t("setUp.action")}
    />
  );
}
