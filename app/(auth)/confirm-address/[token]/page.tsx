import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { LinkPage } from "#components/notifications/link-page.tsx";
import { readConfirmation } from "#lib/channels/confirm-address.ts";
import { database } from "#lib/web/database.ts";
import { readLink } from "#lib/web/mail-links.ts";
import { confirm } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications.confirm");
  return { title: t("title") };
}

type Props = { params: Promise<{ token: string }> };

export default async function ConfirmAddressPage({ params }: Props) {
  const { token } = await params;
  const known = readLink(token);
  const t = await getTranslations("notifications.confirm");
  const found =
    known?.kind === "confirm"
      ? await readConfirmation(database().db, known)
      : { state: "expired" as const };
  switch (found.state) {
    case "open": {
      const text = t("text", { name: found.channelName, address: found.email });
      const texts = { title: t("title"), text, action: t("action") };
      return <LinkPage token={token} texts={texts} action={confirm} />;
    }
    case "done": {
      const texts = { title: t("title"), text: t("already", { address: found.email }), action: "" };
      return <LinkPage token={token} texts={texts} action={null} />;
    }
    case "expired": {
      const texts = { title: t("expiredTitle"), text: t("expired"), action: "" };
      return <LinkPage token={token} texts={texts} action={null} />;
    }
  }
}
