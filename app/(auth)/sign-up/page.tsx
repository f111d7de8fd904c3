import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { AddressCard } from "#components/accounts/address-card.tsx";
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
  const t = await getTranslations("accounts.signUp");
  const texts = { title: t("title"), text: t("text"), action: t("action") };
  return <AddressCard texts={texts} action={askForAccount} />;
}
