import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { FormCard } from "#components/ui/form-card.tsx";
import { requireSetUp } from "#lib/web/session.ts";
import { askForReset } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.forgot");
  return { title: t("title") };
}

export default async function ForgotPasswordPage() {
  await requireSetUp();
  const t = await getTranslations("accounts");
  return (
    <FormCard
      heading="h1"
      title={t("forgot.title")}
      text={t("forgot.text")}
      action={askForReset}
      endsWhenDone
      fields={[
        {
          name: "email",
          label: t("email"),
          type: "email",
          autoComplete: "username",
          maxLength: 254,
        },
      ]}
      submit={t("forgot.action")}
      footer={
        <Link href="/sign-in" className="text-sm text-brand hover:underline">
          {t("backToSignIn")}
        </Link>
      }
    />
  );
}
