import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { FormCard } from "#components/ui/form-card.tsx";
import { env } from "#lib/env.ts";
import { requireSetUp } from "#lib/web/session.ts";
import { askForAccount } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.signUp");
  return { title: t("title") };
}

export default async function SignUpPage() {
  await requireSetUp();
  if (env().signUp !== "open") notFound();
  const t = await getTranslations("accounts");
  return (
    <FormCard
      heading="h1"
      title={t("signUp.title")}
      text={t("signUp.text")}
      action={askForAccount}
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
      submit={t("signUp.action")}
      footer={
        <Link href="/sign-in" className="text-sm text-brand hover:underline">
          {t("backToSignIn")}
        </Link>
      }
    />
  );
}
