import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { InviteForm } from "#components/members/invite-form.tsx";
import { PendingInvitations } from "#components/members/pending-invitations.tsx";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { env } from "#lib/env.ts";
import { listInvitations } from "#lib/invitations/queries.ts";
import { requireOperator } from "#lib/web/access.ts";
import { database } from "#lib/web/database.ts";
import { cancel, invite, sendAgain } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("members.console");
  return { title: t("title") };
}

export default async function InvitationsPage() {
  const user = await requireOperator();
  const [invitations, t] = await Promise.all([
    listInvitations(database().db, null),
    getTranslations("members.console"),
  ]);
  return (
    <Card>
      <CardHeader title={t("title")} text={t(`text.${env().signUp}`)} />
      <InviteForm place={null} roles={[]} action={invite} />
      <PendingInvitations
        invitations={invitations}
        timeZone={user.timeZone ?? env().displayTimeZone}
        placeId={null}
        actions={{ sendAgain, cancel }}
      />
    </Card>
  );
}
