import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { LinkPage } from "#components/notifications/link-page.tsx";
import { describeLink } from "#lib/notifications/unsubscribe.ts";
import { database } from "#lib/web/database.ts";
import { readLink } from "#lib/web/mail-links.ts";
import { stopMails } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications.unsubscribe");
  return { title: t("title") };
}

export default async function UnsubscribePage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const known = readLink(token);
  const t = await getTranslations("notifications.unsubscribe");
  if (known === null || known.kind === "confirm") {
    const texts = { title: t("wrongTitle"), text: t("wrong"), action: "" };
    return <LinkPage token={token} texts={texts} action={null} />;
  }
  const { channelNames, isForgotten } = await describeLink(database().pool, known);
  if (isForgotten) {
    const texts = { title: t("forgottenTitle"), text: t("forgotten"), action: "" };
    return <LinkPage token={token} texts={texts} action={null} />;
  }
  const { address } = known;
  const text =
    known.kind === "weekly"
      ? t("weekly", { address })
      : t("channel", { address, names: channelNames.join(", ") });
  return (
    <LinkPage
      token={token}
      texts={{ title: t("title"), text, action: t("action") }}
      action={stopMails}
    />
  );
}
