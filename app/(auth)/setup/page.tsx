import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { setUp } from "#app/(auth)/actions.ts";
import { FormCard } from "#components/ui/form-card.tsx";
import { passwordLengthMin } from "#lib/accounts/schema.ts";
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
      fields={[
        { name: "name", label: t("name"), autoComplete: "name", maxLength: 60 },
        {
          name: "email",
          label: t("email"),
          type: "email",
          autoComplete: "username",
          maxLength: 254,
        },
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
    />
  );
}
