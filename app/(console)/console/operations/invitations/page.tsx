import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { proofOfPerson } from "#app/(console)/console/proof-of-person.tsx";
import { InviteForm } from "#components/members/invite-form.tsx";
import { PendingInvitations } from "#components/members/pending-invitations.tsx";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
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
  const [invitations, proof, t] = await Promise.all([
    listInvitations(database().db, null),
    proofOfPerson(user.id, "/console/operations/invitations"),
    getTranslations("members.console"),
  ]);
  return (
    <Card>
      <CardHeader title={t("title")} text={t(`text.${env().signUp}`)} />
      {proof === null ? (
        <InviteForm place={null} roles={[]} action={invite} />
      ) : (
        <CardBody>{proof}</CardBody>
      )}
      <PendingInvitations
        invitations={invitations}
        timeZone={user.timeZone ?? env().displayTimeZone}
        placeId={null}
        actions={{ sendAgain, cancel }}
      />
    </Card>
  );
}
