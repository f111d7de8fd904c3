import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { signIn } from "#app/(auth)/actions.ts";
import { AccountForm } from "#components/accounts/account-form.tsx";
import { currentUser, requireSetUp } from "#lib/web/session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.signIn");
  return { title: t("title") };
}

export default async function SignInPage() {
  await requireSetUp();
  if ((await currentUser()) !== null) redirect("/console");
  return <AccountForm kind="signIn" action={signIn} />;
}
