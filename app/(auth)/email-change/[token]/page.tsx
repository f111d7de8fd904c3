import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { LinkGone } from "#components/accounts/link-gone.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { findEmailChange } from "#lib/accounts/change-email.ts";
import { database } from "#lib/web/database.ts";
import { confirm } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("accounts.emailChange");
  return { title: t("title") };
}

type Props = { params: Promise<{ token: string }> };

/** A button, as programs that look through mails follow links. */
export default async function EmailChangePage({ params }: Props) {
  const { token } = await params;
  const [change, t] = await Promise.all([
    findEmailChange(database().db, token),
    getTranslations("accounts"),
  ]);
  if (change === null) {
    return <LinkGone again={{ href: "/console/profile", label: t("toProfile") }} />;
  }
  return (
    <FormCard
      heading="h1"
      title={t("emailChange.title")}
      text={t("emailChange.text", change)}
      action={confirm}
      endsWhenDone
      hidden={{ token }}
      submit={t("emailChange.action")}
    />
  );
}
