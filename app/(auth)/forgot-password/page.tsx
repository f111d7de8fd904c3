import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AddressCard } from "#components/accounts/address-card.tsx";
import { requireSetUp } from "#lib/web/session.ts";
import { askForReset } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.forgot");
  return { title: t("title") };
}

export default async function ForgotPasswordPage() {
  await requireSetUp();
  const t = await getTranslations("accounts.forgot");
  const texts = { title: t("title"), text: t("text"), action: t("action") };
  return <AddressCard texts={texts} action={askForReset} />;
}
