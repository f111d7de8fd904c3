import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { MailContent } from "#components/notifications/mail-content.tsx";
import { MailFacts } from "#components/notifications/mail-facts.tsx";
import { Button } from "#components/ui/button.tsx";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { outboxHref } from "#lib/notifications/outbox-search.ts";
import { findMail } from "#lib/notifications/queries.ts";
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
    openMail(user, (await params).mailId),
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
      <MailFacts mail={mail} timeZone={user.timeZone ?? env().displayTimeZone} />
      <MailContent
        mail={mail}
        path={`/console/operations/outbox/${mail.id}`}
        view={(await searchParams).view === "text" ? "text" : "html"}
      />
    </div>
  );
}

/** Who opens a mail with somebody else's link could use it: that is written down. */
async function openMail(user: SessionUser, mailId: string) {
  const { db } = database();
  const mail = await findMail(db, runtimeEnv().encryptionKey, mailId);
  if (mail?.isSecret && mail.content !== null) {
    const target = { kind: "mail" as const, id: mail.id };
    await recordAudit(db, { actor: user, action: "mail_opened", target });
  }
  return mail;
}
