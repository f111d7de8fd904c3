"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { postAccountMail } from "#app/account-mails.ts";
import { EmailOnlyForm } from "#lib/accounts/schema.ts";
import { inviteToConsole } from "#lib/invitations/invite.ts";
import * as invitations from "#lib/invitations/manage.ts";
import { ConsoleInvitationForm } from "#lib/invitations/schema.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";

export const invite = userAction("invitation_sent", EmailOnlyForm, async ({ input }) => {
  const operator = await requireOperator();
  await requireProvenPerson(operator);
  await inviteToConsole(database().db, postAccountMail, operator, input.email);
  refresh();
  return { message: (await getTranslations("members.invite"))("done", input) };
});

export const sendAgain = userAction(
  "invitation_sent_again",
  ConsoleInvitationForm,
  async ({ input }) => {
    const operator = await requireOperator();
    await requireProvenPerson(operator);
    const { db } = database();
    const id = input.invitationId;
    const sent = await invitations.sendInvitationAgain(db, postAccountMail, operator, null, id);
    refresh();
    return { message: (await getTranslations("members.invite"))("done", sent) };
  },
);

export const cancel = userAction(
  "invitation_cancelled",
  ConsoleInvitationForm,
  async ({ input }) => {
    const operator = await requireOperator();
    await invitations.cancelInvitation(database().db, operator, null, input.invitationId);
    refresh();
    return { message: (await getTranslations("members.pending"))("cancelled") };
  },
);
