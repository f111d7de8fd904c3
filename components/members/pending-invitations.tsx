"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Badge } from "#components/ui/badge.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import type { PendingInvitation } from "#lib/invitations/schema.ts";

/** Who was invited and has not answered: each can be sent again or taken back. */
export function PendingInvitations({
  invitations,
  timeZone,
  placeId,
  actions,
}: {
  invitations: readonly PendingInvitation[];
  timeZone: string;
  placeId: string | null;
  actions: { sendAgain: FormAction; cancel: FormAction };
}) {
  const t = useTranslations("members.pending");
  const [sent, sendAgain] = useActionState(actions.sendAgain, idleForm);
  const [cancelled, cancel] = useActionState(actions.cancel, idleForm);
  return (
    <>
      <div className="grid gap-3 px-5 pb-4 empty:hidden">
        <FormMessage state={sent} />
        <FormMessage state={cancelled} />
      </div>
      {invitations.length > 0 && (
        <>
          <h3 className="border-t px-5 pt-4 font-medium">{t("title")}</h3>
          <ul className="mt-2 divide-y">
            {invitations.map((invitation) => (
              <li
                key={invitation.id}
                className="flex flex-wrap items-center justify-between gap-3 px-5 py-3"
              >
                <InvitationFacts invitation={invitation} timeZone={timeZone} />
                <span className="flex gap-2">
                  <form action={sendAgain}>
                    <Hidden placeId={placeId} invitationId={invitation.id} />
                    <SubmitButton
                      look="quiet"
                      size="sm"
                      aria-label={t("sendAgainTo", { email: invitation.email })}
                    >
                      {t("sendAgain")}
                    </SubmitButton>
                  </form>
                  <form action={cancel}>
                    <Hidden placeId={placeId} invitationId={invitation.id} />
                    <SubmitButton
                      look="danger"
                      size="sm"
                      aria-label={t("cancelTo", { email: invitation.email })}
                    >
                      {t("cancel")}
                    </SubmitButton>
                  </form>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Hidden({ placeId, invitationId }: { placeId: string | null; invitationId: string }) {
  return (
    <>
      {placeId !== null && <input type="hidden" name="placeId" value={placeId} />}
      <input type="hidden" name="invitationId" value={invitationId} />
    </>
  );
}

function InvitationFacts({
  invitation,
  timeZone,
}: {
  invitation: PendingInvitation;
  timeZone: string;
}) {
  const t = useTranslations("members");
  const { email, role, inviterName, isInviterInCharge, expiresAt, isExpired } = invitation;
  const time = formatDateTime(expiresAt, timeZone);
  return (
    <span className="min-w-0">
      <span className="flex flex-wrap items-center gap-2">
        <span className="font-medium wrap-anywhere">{email}</span>
        {role !== null && <Badge>{t(`roles.${role}`)}</Badge>}
        {isExpired && <Badge tone="warn">{t("pending.expired")}</Badge>}
        {!isExpired && !isInviterInCharge && <Badge tone="warn">{t("pending.ended")}</Badge>}
      </span>
      <span className="block text-sm text-dim">
        {inviterName !== null &&
          `${t(isInviterInCharge ? "pending.by" : "pending.byFormer", { name: inviterName })} · `}
        {t("pending.until", { time })}
      </span>
    </span>
  );
}
