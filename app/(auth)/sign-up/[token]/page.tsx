import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { LinkGone } from "#components/accounts/link-gone.tsx";
import { NewAccountCard } from "#components/accounts/new-account-card.tsx";
import { findSignUpEmail } from "#lib/accounts/sign-up.ts";
import { database } from "#lib/web/database.ts";
import { signUp } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.signUp");
  return { title: t("title") };
}

type Props = { params: Promise<{ token: string }> };

export default async function FinishSignUpPage({ params }: Props) {
  const { token } = await params;
  const [email, t] = await Promise.all([
    findSignUpEmail(database().db, token),
    getTranslations("accounts.signUp"),
  ]);
  if (email === null) return <LinkGone again={{ href: "/sign-up", label: t("title") }} />;
  return (
    <NewAccountCard
      title={t("title")}
      text={t("finish", { email })}
      token={token}
      email={email}
      action={signUp}
    />
  );
}
