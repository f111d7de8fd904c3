import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AddressCard } from "#components/accounts/address-card.tsx";
import { safePath, signInPath } from "#lib/web/next-path.ts";
import { requireSetUp } from "#lib/web/session.ts";
import { askForReset } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.forgot");
  return { title: t("title") };
}

type Props = { searchParams: Promise<{ next?: string | string[] }> };

export default async function ForgotPasswordPage({ searchParams }: Props) {
  await requireSetUp();
  const [t, { next }] = await Promise.all([getTranslations("accounts.forgot"), searchParams]);
  const path = safePath(typeof next === "string" ? next : null);
  const texts = { title: t("title"), text: t("text"), action: t("action") };
  return (
    <AddressCard texts={texts} action={askForReset} next={path ?? ""} back={signInPath(path)} />
  );
}
