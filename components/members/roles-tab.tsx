"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card, CardBody, CardHeader } from "#components/ui/card.tsx";
import type { PendingInvitation } from "#lib/invitations/schema.ts";
import { type ChannelRole, channelRoles, type Member, providerRoles } from "#lib/members/schema.ts";
import type { Place } from "#lib/place.ts";
import { ImportForm } from "./import-form.tsx";
import { InviteForm } from "./invite-form.tsx";
import { MembersTable } from "./members-table.tsx";
import { PendingInvitations } from "./pending-invitations.tsx";
import type { RoleActions } from "./roles.ts";
import { SearchForm } from "./search-form.tsx";

/** The Roles tab of a channel or a provider. */
export function RolesTab({
  place,
  members,
  search,
  ownId,
  invitations,
  timeZone,
  importable,
  proof,
  actions,
}: {
  place: Place;
  members: readonly Member<ChannelRole>[];
  search: string;
  ownId: string;
  invitations: readonly PendingInvitation[];
  timeZone: string;
  /** Null: the person may not import. */
  importable: readonly { userId: string; name: string; email: string }[] | null;
  /** Stands in for what gives a role while it is to be shown first who is there. */
  proof: ReactNode;
  actions: RoleActions;
}) {
  const t = useTranslations("members");
  const accounts = useTranslations("accounts");
  const roles = place.kind === "channel" ? channelRoles : providerRoles;
  return (
    <div className="grid grid-cols-1 gap-5">
      <Card>
        <CardHeader
          title={t("title")}
          text={t(place.kind === "channel" ? "channelText" : "providerText")}
          action={<SearchForm search={search} />}
        />
        <MembersTable
          place={place}
          members={members}
          roles={roles}
          ownId={ownId}
          actions={actions}
        />
      </Card>
      <Card>
        <CardHeader title={t("invite.title")} text={t("invite.text")} />
        {proof === null ? (
          <InviteForm place={place} roles={roles} action={actions.invite} />
        ) : (
          <CardBody>{proof}</CardBody>
        )}
        <PendingInvitations
          invitations={invitations}
          timeZone={timeZone}
          placeId={place.id}
          actions={actions}
        />
      </Card>
      {importable !== null && actions.importFromProvider !== undefined && (
        <Card>
          <CardHeader title={t("import.title")} text={t("import.text")} />
          {proof === null ? (
            <ImportForm
              place={place}
              people={importable}
              roles={roles}
              action={actions.importFromProvider}
            />
          ) : (
            <CardBody className="text-dim">{accounts("proof.above")}</CardBody>
          )}
        </Card>
      )}
      <p className="max-w-prose text-sm text-dim">
        {t(place.kind === "channel" ? "leaveChannel" : "leaveProvider")}
      </p>
    </div>
  );
}
