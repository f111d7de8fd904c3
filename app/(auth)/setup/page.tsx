import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { setUp } from "#app/(auth)/actions.ts";
import { AccountForm } from "#components/accounts/account-form.tsx";
import { isSetUp } from "#lib/web/session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.setUp");
  return { title: t("title") };
}

export default async function SetUpPage() {
  if (await isSetUp()) redirect("/sign-in");
  return <AccountForm kind="setUp" action={setUp} />;
}
