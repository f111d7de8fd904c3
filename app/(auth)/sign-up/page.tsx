import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { AddressCard } from "#components/accounts/address-card.tsx";
import { env } from "#lib/env.ts";
import { safePath, signInPath } from "#lib/web/next-path.ts";
import { requireSetUp } from "#lib/web/session.ts";
import { askForAccount } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.signUp");
  return { title: t("title") };
}

type Props = { searchParams: Promise<{ next?: string | string[] }> };

export default async function SignUpPage({ searchParams }: Props) {
  await requireSetUp();
  if (env().signUp !== "open") notFound();
  const [t, { next }] = await Promise.all([getTranslations("accounts.signUp"), searchParams]);
  const path = safePath(typeof next === "string" ? next : null);
  const texts = { title: t("title"), text: t("text"), action: t("action") };
  return (
    <AddressCard texts={texts} action={askForAccount} next={path ?? ""} back={signInPath(path)} />
  );
}
