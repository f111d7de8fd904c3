import "server-only";
import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { postAccountMail } from "#app/account-mails.ts";
import { env } from "#lib/env.ts";
import { inviteToPlace } from "#lib/invitations/invite.ts";
import { cancelInvitation, sendInvitationAgain } from "#lib/invitations/manage.ts";
import { InvitationForm, InviteForm } from "#lib/invitations/schema.ts";
import { changeRole, removeMembers } from "#lib/members/commands.ts";
import type { Place } from "#lib/members/place.ts";
import { ChangeRoleForm, RemoveMembersForm } from "#lib/members/schema.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

/**
 * The actions of a Roles tab, the same for channels and providers. `access` finds the place and answers "not found" to whoever
 * may not manage its roles.
 */
export function rolesActions(access: (placeId: string) => Promise<Place>) {
  return {
    invite: userAction(InviteForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      const form = { ...input, signUp: env().signUp };
      await inviteToPlace(database().db, postAccountMail, user, place, form);
      refresh();
      return { message: (await getTranslations("members.invite"))("done", { email: input.email }) };
    }),
    sendAgain: userAction(InvitationForm, async ({ user, input }) => {
      const { db } = database();
      const place = await access(input.placeId);
      const sent = await sendInvitationAgain(db, postAccountMail, user, place, input.invitationId);
      refresh();
      return { message: (await getTranslations("members.invite"))("done", sent) };
    }),
    cancel: userAction(InvitationForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      await cancelInvitation(database().db, user, place, input.invitationId);
      refresh();
      return { message: (await getTranslations("members.pending"))("cancelled") };
    }),
    change: userAction(ChangeRoleForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      await changeRole(database().db, user, place, input);
      refresh();
      return { message: (await getTranslations("members.change"))("done") };
    }),
    remove: userAction(RemoveMembersForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      const removed = await removeMembers(database().db, user, place, input.userIds);
      refresh();
      const t = await getTranslations("members.remove");
      return { message: t("done", { count: removed.removedCount }) };
    }),
  };
}
