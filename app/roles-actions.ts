import "server-only";
import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { postAccountMail } from "#app/account-mails.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import type { AuditAction } from "#lib/audit/actions.ts";
import type { TriedAction } from "#lib/audit/tried-action.ts";
import { env } from "#lib/env.ts";
import { inviteToPlace } from "#lib/invitations/invite.ts";
import { cancelInvitation, sendInvitationAgain } from "#lib/invitations/manage.ts";
import { InvitationForm, InviteForm, placePath } from "#lib/invitations/schema.ts";
import { changeRole, removeMembers } from "#lib/members/commands.ts";
import { ChangeRoleForm, RemoveMembersForm } from "#lib/members/schema.ts";
import type { Place } from "#lib/place.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { leadTo } from "#lib/web/lead-to.ts";
import { drawAnew, requireProvenPerson } from "#lib/web/proven-person.ts";

/**
 * The actions of a Roles tab, the same for channels and providers. `access` finds the place and answers "not found" to whoever
 * may not manage its roles.
 */
export function rolesActions(kind: Place["kind"], access: (placeId: string) => Promise<Place>) {
  const tried = (action: AuditAction): TriedAction => ({ action, placeId: kind });
  return {
    invite: userAction(tried("invitation_sent"), InviteForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      await requireProvenPerson(user);
      const form = { ...input, signUp: env().signUp };
      await inviteToPlace(database().db, postAccountMail, user, place, form);
      refresh();
      return { message: (await getTranslations("members.invite"))("done", { email: input.email }) };
    }),
    sendAgain: userAction(
      tried("invitation_sent_again"),
      InvitationForm,
      async ({ user, input }) => {
        const { db } = database();
        const place = await access(input.placeId);
        await requireProvenPerson(user);
        const sent = await sendInvitationAgain(
          db,
          postAccountMail,
          user,
          place,
          input.invitationId,
        );
        refresh();
        return { message: (await getTranslations("members.invite"))("done", sent) };
      },
    ),
    cancel: userAction(tried("invitation_cancelled"), InvitationForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      await cancelInvitation(database().db, user, place, input.invitationId);
      refresh();
      return { message: (await getTranslations("members.pending"))("cancelled") };
    }),
    change: userAction(tried("member_role_changed"), ChangeRoleForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      await changeRole(database().db, user, place, input).catch(drawAnew);
      if (input.role !== "admin") leadOn(user, place, [input.userId], placePath(place));
      refresh();
      return { message: (await getTranslations("members.change"))("done") };
    }),
    remove: userAction(tried("member_removed"), RemoveMembersForm, async ({ user, input }) => {
      const place = await access(input.placeId);
      const fromChannels = input.fromChannels === "on";
      const removed = await removeMembers(database().db, user, place, input.userIds, {
        fromChannels,
      });
      leadOn(user, place, input.userIds, "/console");
      refresh();
      const t = await getTranslations("members.remove");
      return { message: t("done", { count: removed.removedCount }) };
    }),
  };
}

/**
 * Leads somebody on whose own role was changed by this: the tab is not theirs to see any more. Operators see that of any
 * provider.
 */
function leadOn(
  user: SessionUser,
  place: Place,
  changedIds: readonly string[],
  path: string,
): void {
  const isStillTheirs = user.isOperator && place.kind === "provider";
  if (changedIds.includes(user.id) && !isStillTheirs) leadTo(path);
}
