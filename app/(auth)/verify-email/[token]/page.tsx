import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { LinkGone } from "#components/accounts/link-gone.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { findVerification } from "#lib/accounts/verify-email.ts";
import { database } from "#lib/web/database.ts";
import { verify } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.verify");
  return { title: t("title") };
}

type Props = { params: Promise<{ token: string }> };

/** A button, as programs that look through mails follow links. */
export default async function VerifyEmailPage({ params }: Props) {
  const { token } = await params;
  const [email, t] = await Promise.all([
    findVerification(database().db, token),
    getTranslations("accounts"),
  ]);
  if (email === null) {
    return <LinkGone again={{ href: "/console/profile", label: t("toProfile") }} />;
  }
  return (
    <FormCard
      heading="h1"
      title={t("verify.title")}
      text={t("verify.text", { email })}
      action={verify}
      endsWhenDone
      hidden={{ token }}
      submit={t("verify.action")}
    />
  );
}
