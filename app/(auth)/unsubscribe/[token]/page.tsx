import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { LinkPage } from "#components/notifications/link-page.tsx";
import { describeScope } from "#lib/notifications/unsubscribe.ts";
import { database } from "#lib/web/database.ts";
import { readLink } from "#lib/web/mail-links.ts";
import { stopMails } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications.unsubscribe");
  return { title: t("title") };
}

export default async function UnsubscribePage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const scope = readLink(token);
  const t = await getTranslations("notifications.unsubscribe");
  if (scope === null || scope.kind === "confirm") {
    const texts = { title: t("wrongTitle"), text: t("wrong"), action: "" };
    return <LinkPage token={token} texts={texts} action={null} />;
  }
  const { channelNames, isForgotten } = await describeScope(database().pool, scope);
  if (isForgotten) {
    const texts = { title: t("forgottenTitle"), text: t("forgotten"), action: "" };
    return <LinkPage token={token} texts={texts} action={null} />;
  }
  const { address } = scope;
  const text =
    scope.kind === "weekly"
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
