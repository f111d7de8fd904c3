import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { MailContent } from "#components/notifications/mail-content.tsx";
import { MailFacts } from "#components/notifications/mail-facts.tsx";
import { Button } from "#components/ui/button.tsx";
import { Link } from "#components/ui/link.tsx";
import { env } from "#lib/env.ts";
import { findChannelMail } from "#lib/notifications/history.ts";
import { notificationsPath } from "#lib/notifications/tab-path.ts";
import { requireChannel } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";

type Props = {
  params: Promise<{ channelId: string; mailId: string }>;
  searchParams: Promise<{ view?: string | string[] }>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { channel } = await requireChannel((await params).channelId, "manage_notifications");
  const t = await getTranslations("notifications.tab");
  return { title: `${t("title")} · ${channel.name}` };
}

export default async function ChannelMailPage({ params, searchParams }: Props) {
  const { channelId, mailId } = await params;
  const { user, channel } = await requireChannel(channelId, "manage_notifications");
  const [mail, t] = await Promise.all([
    findChannelMail(database().db, channel.id, mailId),
    getTranslations("notifications.mail"),
  ]);
  if (mail === null) notFound();
  const path = notificationsPath(channel.id);
  return (
    <div className="space-y-4">
      <Button asChild look="ghost" size="sm">
        <Link href={path}>
          <ArrowLeft aria-hidden />
          {t("backToTab")}
        </Link>
      </Button>
      <MailFacts mail={mail} timeZone={user.timeZone ?? env().displayTimeZone} />
      <MailContent
        mail={mail}
        path={`${path}/mails/${mail.id}`}
        view={(await searchParams).view === "text" ? "text" : "html"}
      />
    </div>
  );
}
