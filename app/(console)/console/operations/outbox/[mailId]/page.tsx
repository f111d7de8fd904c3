import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { again } from "#app/(console)/console/operations/outbox/actions.ts";
import { MailContent } from "#components/notifications/mail-content.tsx";
import { MailFacts } from "#components/notifications/mail-facts.tsx";
import { SendOneAgain } from "#components/notifications/outbox-actions.tsx";
import { Button } from "#components/ui/button.tsx";
import { Link } from "#components/ui/link.tsx";
import { env, runtimeEnv } from "#lib/env.ts";
import { openMail } from "#lib/notifications/open-mail.ts";
import { outboxHref } from "#lib/notifications/outbox-search.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications.outbox");
  return { title: t("title") };
}

type Props = {
  params: Promise<{ mailId: string }>;
  searchParams: Promise<{ view?: string | string[] }>;
};

export default async function MailPage({ params, searchParams }: Props) {
  const user = await requireOperator();
  const [mail, t] = await Promise.all([
    openMail(database().db, runtimeEnv().encryptionKey, user, (await params).mailId),
    getTranslations("notifications.mail"),
  ]);
  if (mail === null) notFound();
  return (
    <div className="space-y-4">
      <Button asChild look="ghost" size="sm">
        <Link href={outboxHref({})}>
          <ArrowLeft aria-hidden />
          {t("back")}
        </Link>
      </Button>
      <MailFacts
        mail={mail}
        timeZone={user.timeZone ?? env().displayTimeZone}
        action={mail.canBeSentAgain && <SendOneAgain mailId={mail.id} action={again} />}
      />
      <MailContent
        mail={mail}
        path={`/console/operations/outbox/${mail.id}`}
        view={(await searchParams).view === "text" ? "text" : "html"}
      />
    </div>
  );
}
